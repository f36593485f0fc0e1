import type { EventCategory, EventFilter, EventSort } from "../graph/generated/graphql";
import { isDay, rangeOf, rangeOfDays, TIMES, type Time } from "./when";

export const CATEGORIES = [
  "MUSIC",
  "CLASSICAL",
  "THEATRE",
  "DANCE",
  "COMEDY",
  "SPORTS",
  "FAMILY",
  "CONFERENCE",
  "FESTIVAL",
  "NIGHTLIFE",
  "EXHIBITION",
  "OTHER",
] as const satisfies EventCategory[];

/** Orders of the list, by their names in the address. */
export const SORTS = { date: "STARTS_AT", popular: "POPULARITY", new: "NEWEST" } as const satisfies Record<string, EventSort>;
export type SortName = keyof typeof SORTS;

/** What is looked for, as it stands in the address. */
export type Search = {
  q?: string;
  category?: EventCategory;
  city?: string;
  when?: Time;
  from?: string;
  until?: string;
  sort?: SortName;
  /** The most that a ticket may cost, in whole units of its currency. */
  most?: number;
  /** Only what can be had just now. */
  free?: boolean;
};

/** Of an address's parameters those that make sense. */
export function searchOf({ q, category, city, when, from, until, sort, most, free }: Record<string, unknown>): Search {
  const words = wordsOf(q);
  const place = wordsOf(city);
  const known = CATEGORIES.find((one) => one === category);
  const time = TIMES.find((one) => one === when);
  const order = (Object.keys(SORTS) as SortName[]).find((one) => one === sort);
  const turned = isDay(from) && isDay(until) && from > until;
  return {
    ...(words ? { q: words } : {}),
    ...(known ? { category: known } : {}),
    ...(place ? { city: place } : {}),
    ...(time ? { when: time } : {}),
    ...(!time && isDay(from) ? { from } : {}),
    ...(!time && isDay(until) && !turned ? { until } : {}),
    ...(order ? { sort: order } : {}),
    ...(isPrice(most) ? { most: Number(most) } : {}),
    ...(free === true ? { free } : {}),
  };
}

/** The same as the graph is asked for it. */
export function filterOf({ q, category, city, when, from, until, most, free }: Search, now: Date): EventFilter {
  return {
    ...(q ? { query: q } : {}),
    ...(category ? { categories: [category] } : {}),
    ...(city ? { city } : {}),
    ...(most !== undefined ? { priceMax: String(most) } : {}),
    ...(free ? { onlyAvailable: true } : {}),
    ...(when ? rangeOf(when, now) : rangeOfDays(from, until)),
  };
}

function isPrice(value: unknown): boolean {
  return (typeof value === "number" || typeof value === "string") && /^\d{1,6}$/.test(String(value));
}

function wordsOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, 100) : "";
}
