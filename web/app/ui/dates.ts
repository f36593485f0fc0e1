/** Times of an event are shown in its own zone, wherever the reader is. */

type Length = "long" | "short";

/** Such as "Sat, 2 Jan 2027, 15:00 CET". */
export function dateAndTime(instant: string, zone: string, locale: string, length: Length = "short"): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    weekday: length,
    day: "numeric",
    month: length,
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(new Date(instant));
}

/** Such as "19:30 CET". */
export function time(instant: string, zone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: zone, hour: "numeric", minute: "2-digit", timeZoneName: "short" }).format(
    new Date(instant),
  );
}

/** The pieces of a date that stand on a ticket's stub. */
export function stub(instant: string, zone: string, locale: string): { weekday: string; day: string; month: string; time: string } {
  const piece = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(new Date(instant));
  return {
    weekday: piece({ weekday: "short" }),
    day: new Intl.NumberFormat(locale).format(
      Number(new Intl.DateTimeFormat("en", { timeZone: zone, day: "numeric" }).format(new Date(instant))),
    ),
    month: piece({ month: "short" }),
    time: piece({ hour: "numeric", minute: "2-digit" }),
  };
}
