import { expect, test } from "vitest";
import { allowed, countOf, totalOf, wishOf } from "./choice";
import type { ShownType } from "./queries";

const type = (id: string, amount: string, rest: Partial<ShownType> = {}): ShownType => ({
  id,
  name: id,
  description: "",
  sections: [],
  price: { amount, currency: "EUR" },
  minPerOrder: 1,
  maxPerOrder: 8,
  available: null,
  salesStart: null,
  status: "ON_SALE",
  hidden: false,
  restrictions: [],
  limitPerBuyer: null,
  boughtByMe: null,
  compareAtPrice: null,
  ...rest,
});

test("the total counts every place once, to the cent", () => {
  const wish = wishOf(null, { typ_a: 3, typ_b: 1, typ_c: 0 });
  expect(countOf(wish)).toBe(4);
  expect(totalOf(wish, [type("typ_a", "19.90"), type("typ_b", "5.00")], "EUR")).toEqual({ amount: "64.70", currency: "EUR" });
});

test("who wants fewer than are sold together gets the fewest there are, or none on the way down", () => {
  const pair = type("typ_a", "1", { minPerOrder: 2, maxPerOrder: 4 });
  expect(allowed(1, 0, pair)).toBe(2);
  expect(allowed(1, 2, pair)).toBe(0);
  expect(allowed(9, 4, pair)).toBe(4);
});

test("who has bought of it before can have only what is left of one's share", () => {
  expect(allowed(5, 0, type("typ_a", "1", { limitPerBuyer: 4, boughtByMe: 3 }))).toBe(1);
  expect(allowed(1, 0, type("typ_a", "1", { limitPerBuyer: 4, boughtByMe: 4 }))).toBe(0);
});

test("nobody can ask for more than are left", () => {
  expect(allowed(5, 0, type("typ_a", "1", { available: 3 }))).toBe(3);
  expect(allowed(1, 0, type("typ_a", "1", { available: 0 }))).toBe(0);
});
