import { expect, test } from "vitest";
import { claimIn } from "./claim";

test("a link to claim an order is whole, or it is none", () => {
  const claim = { number: "ODY-7K3MQ2ZT", email: "ada+shop@example.test", token: "a.b-c" };
  expect(claimIn(`?${new URLSearchParams(claim)}`)).toEqual(claim);
  expect(claimIn("?number=ODY-7K3MQ2ZT&email=ada%40example.test")).toBeNull();
  expect(claimIn("")).toBeNull();
});
