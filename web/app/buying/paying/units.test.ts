import { expect, test } from "vitest";
import { stripeUnits } from "./units";

test.each([
  ["49.50", "EUR", 4950],
  ["49.5", "EUR", 4950],
  ["13", "USD", 1300],
  ["1200", "JPY", 1200],
  ["1200.00", "JPY", 1200],
  ["1.500", "KWD", 1500],
  ["900", "ISK", 90000],
  ["0.07", "GBP", 7],
])("%s %s are %i of Stripe's units", (amount, currency, units) => {
  expect(stripeUnits({ amount, currency })).toBe(units);
});
