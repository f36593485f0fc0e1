import { expect, test } from "vitest";
import { feeding, feeds, noteSent, operationOf, sent } from "./feeds";

test("an operation is known by its name, and its secrets stay secret", () => {
  const { kind, name, variables } = operationOf("\n    mutation SignIn($input: LoginInput!) {\n  login\n}\n    ", {
    input: { email: "ada@example.test", password: "wide-open", locale: "en" },
    tickets: [{ accessToken: "t" }, null],
  });
  expect([kind, name]).toEqual(["mutation", "SignIn"]);
  expect(variables).toEqual({ input: { email: "ada@example.test", password: "…", locale: "en" }, tickets: [{ accessToken: "…" }, null] });
});

test("fragments stand below an operation, each for itself", () => {
  const { text } = operationOf("\n    query Q {\n  me {\n    ...P\n  }\n}\n    fragment P on User {\n  id\n}\n    ", {});
  expect(text).toBe("query Q {\n  me {\n    ...P\n  }\n}\n\nfragment P on User {\n  id\n}");
});

test("what feeds a page is told as long as it does", () => {
  const stop = feeding("subscription FollowOrder { orderChanged }", { id: "ord_1" });
  expect(feeds().map(({ name }) => name)).toEqual(["FollowOrder"]);
  stop();
  expect(feeds()).toEqual([]);
});

test("of what was done the last is told first, and a question is nothing done", () => {
  for (const at of [1, 2, 3, 4, 5, 6]) noteSent(`mutation M${at} { it }`, {});
  noteSent("query Q { it }", {});
  expect(sent().map(({ name }) => name)).toEqual(["M6", "M5", "M4", "M3", "M2"]);
});
