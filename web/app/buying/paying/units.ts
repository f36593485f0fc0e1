import type { Money } from "../../ui/money";

/** Of these Stripe counts no smaller unit than a whole one. https://docs.stripe.com/currencies */
const WHOLE = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
const THOUSANDTHS = ["BHD", "JOD", "KWD", "OMR", "TND"];

/** An amount as Stripe counts it: a whole number of its smallest units. */
export function stripeUnits({ amount, currency }: Money): number {
  const decimals = WHOLE.includes(currency) ? 0 : THOUSANDTHS.includes(currency) ? 3 : 2;
  const [whole = "0", part = ""] = amount.split(".");
  return Number(`${whole}${part.padEnd(decimals, "0").slice(0, decimals)}`);
}
