import { useLingui } from "@lingui/react";
import { useMemo } from "react";
import { dateAndTime, stub, time } from "../ui/dates";
import { formatted, type Money } from "../ui/money";
import { regional } from "./languages";

/** Amounts and times as the reader's language writes them. */
export function useFormats() {
  const { i18n } = useLingui();
  return useMemo(() => {
    const locale = regional(i18n.locale);
    return {
      money: (money: Money) => formatted(money, locale),
      number: (value: number) => new Intl.NumberFormat(locale).format(value),
      date: (instant: string, zone: string, length: "long" | "short" = "short") => dateAndTime(instant, zone, locale, length),
      time: (instant: string, zone: string) => time(instant, zone, locale),
      clock: (instant: string) => new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(new Date(instant)),
      /** In the reader's own zone: for what happened here, not for an event. */
      moment: (instant: string) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant)),
      /** Such as "March 2027" for 2027-03. */
      month: (month: string) =>
        new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`)),
      /** Such as "in 3 days". */
      days: (days: number) => new Intl.RelativeTimeFormat(locale).format(days, "day"),
      kilometres: (far: number) =>
        new Intl.NumberFormat(locale, { style: "unit", unit: "kilometer", maximumFractionDigits: 0 }).format(far),
      stub: (instant: string, zone: string) => stub(instant, zone, locale),
      list: (words: string[]) => new Intl.ListFormat(locale).format(words),
    };
  }, [i18n.locale]);
}
