import { expect, test } from "vitest";
import { formatted, sum } from "./money";

const eur = (amount: string) => ({ amount, currency: "EUR" });

test("ten times ten cents are one euro exactly", () => {
  expect(sum([{ money: eur("0.10"), times: 10 }], "EUR")).toEqual(eur("1.00"));
  expect(sum([{ money: eur("90071992547409.93"), times: 3 }], "EUR")).toEqual(eur("270215977642229.79"));
});

test("nothing costs nothing, and yen have no cents", () => {
  expect(sum([], "EUR").amount).toBe("0");
  expect(sum([{ money: { amount: "1200", currency: "JPY" }, times: 2 }], "JPY").amount).toBe("2400");
});

test("an amount is written as its reader writes it, without idle cents", () => {
  expect(formatted(eur("49.50"), "de-AT").replace(/\s/g, " ")).toBe("€ 49,50");
  expect(formatted(eur("49.00"), "en-GB")).toBe("€49");
  expect(formatted({ amount: "5500", currency: "JPY" }, "en-GB")).toBe("JP¥5,500");
});
