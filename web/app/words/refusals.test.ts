import { i18n } from "@lingui/core";
import { beforeEach, expect, test, vi } from "vitest";
import { GraphError } from "../graph/transport";
import { refusalWords } from "./refusals";

const refused = (code: string, reason: string, message: string, details = {}) =>
  refusalWords(new GraphError(message, code, { reason, ...details }));

beforeEach(() => {
  vi.stubGlobal("navigator", { languages: ["de-AT", "en-GB"] });
  i18n.loadAndActivate({ locale: "en", messages: {} });
});

test("the graph's own words stay, where the reader reads English", () => {
  expect(refused("RATE_LIMITED", "TOO_MANY_REQUESTS", "Wait 3 s.", { retryAfterSeconds: 3 })).toBe("Wait 3 s.");
});

test("what is wrong with input is told without the names that programs use", () => {
  expect(refused("BAD_USER_INPUT", "PASSWORD_WRONG", "currentPassword: is another one")).toBe("This is not your password.");
  expect(refused("BAD_USER_INPUT", "INVALID", "phone: must begin with +")).toBe("Must begin with +");
});

test("another language has words of the page, with the numbers that the graph tells", () => {
  i18n.loadAndActivate({ locale: "de", messages: {} });
  expect(refused("RATE_LIMITED", "TOO_MANY_REQUESTS", "Wait.", { retryAfterSeconds: 5 })).toContain("5 Sekunden");
  expect(refused("RATE_LIMITED", "TOO_MANY_WRONG_PASSWORDS", "Wait.", { retryAfterSeconds: 840 })).toContain("14 Minuten");
  expect(refused("LIMIT_EXCEEDED", "LIMIT_PER_BUYER", "No.", { limit: 4 })).toContain("4");
});

test("a reason that is newer than the page is told as the graph tells it", () => {
  i18n.loadAndActivate({ locale: "de", messages: {} });
  expect(refused("CONFLICT", "SOMETHING_NEW", "It cannot be.")).toBe("It cannot be.");
});
