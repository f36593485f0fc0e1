/** Days for which events are looked for, by the calendar of whoever looks. */

export const TIMES = ["today", "weekend", "week", "month"] as const;
export type Time = (typeof TIMES)[number];
/** From the beginning of one instant up to another, without it. */
export type Range = { startsAfter?: string; startsBefore?: string };

/** The hours that a name stands for, such as the weekend: this one, if it has begun. */
export function rangeOf(time: Time, now: Date): Required<Range> {
  const today = startOfDay(now);
  switch (time) {
    case "today":
      return range(today, daysAfter(today, 1));
    case "weekend": {
      // Friday's evening belongs to it.
      const toFriday = today.getDay() === 0 ? -2 : 5 - today.getDay();
      return range(toFriday > 0 ? daysAfter(today, toFriday) : today, daysAfter(today, toFriday + 3));
    }
    case "week":
      return range(today, daysAfter(today, 7));
    case "month":
      return range(today, daysAfter(today, 30));
  }
}

/** Days as they stand in an address, both of them included. */
export function rangeOfDays(from: string | undefined, until: string | undefined): Range {
  return {
    ...(from ? { startsAfter: dayOf(from).toISOString() } : {}),
    ...(until ? { startsBefore: daysAfter(dayOf(until), 1).toISOString() } : {}),
  };
}

/** Whether it is a day such as 2027-02-28. */
export function isDay(text: unknown): text is string {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function dayOf(text: string): Date {
  const [year = 0, month = 1, day = 1] = text.split("-").map(Number);
  return new Date(year, month - 1, day);
}

function range(from: Date, until: Date): Required<Range> {
  return { startsAfter: from.toISOString(), startsBefore: until.toISOString() };
}

function startOfDay(instant: Date): Date {
  return new Date(instant.getFullYear(), instant.getMonth(), instant.getDate());
}

/** By the calendar: a day on which clocks are changed has no 24 hours. */
function daysAfter(day: Date, days: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);
}
