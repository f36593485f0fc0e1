export type Money = { amount: string; currency: string };

/** The exact sum of so many of each; all of one currency. Amounts are decimal texts, and never become floats. */
export function sum(parts: readonly { money: Money; times: number }[], currency: string): Money {
  const decimals = Math.max(0, ...parts.map(({ money }) => money.amount.split(".")[1]?.length ?? 0));
  const total = parts.reduce((sofar, { money, times }) => sofar + units(money.amount, decimals) * BigInt(times), 0n);
  return { amount: text(total, decimals), currency };
}

/** As it is written in a language, such as "€49.50" or "49,50 €"; free of cents where all of them are 0. */
export function formatted({ amount, currency }: Money, locale: string): string {
  const whole = /^-?\d+(\.0+)?$/.test(amount);
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    ...(whole ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {}),
  });
  return format.format(amount as Intl.StringNumericLiteral);
}

export function isZero({ amount }: Money): boolean {
  return /^-?0+(\.0+)?$/.test(amount);
}

function units(amount: string, decimals: number): bigint {
  const [whole = "0", part = ""] = amount.split(".");
  return BigInt(`${whole}${part.padEnd(decimals, "0")}`);
}

function text(total: bigint, decimals: number): string {
  const digits = (total < 0n ? -total : total).toString().padStart(decimals + 1, "0");
  const whole = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return total < 0n ? `-${whole}` : whole;
}
