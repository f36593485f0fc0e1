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
export const SORTS = {
  date: "STARTS_AT",
  popular: "POPULARITY",
  new: "NEWEST",
  title: "TITLE",
  near: "DISTANCE",
} as const satisfies Record<string, EventSort>;
export type SortName = keyof typeof SORTS;

/** Kilometres around a place within which is looked; the first of them is long enough to get somewhere. */
export const DISTANCES = [10, 25, 50, 100, 250] as const;
const USUAL_DISTANCE = 50;
const MOST_TAGS = 5;

/** What is looked for, as it stands in the address. */
export type Search = {
  q?: string;
  category?: EventCategory;
  /** With one of these keywords. */
  tags?: string[];
  city?: string;
  /** Around a place: its latitude and longitude, such as 48.21,16.37. */
  near?: string;
  /** How far around it, in kilometres. */
  km?: number;
  when?: Time;
  from?: string;
  until?: string;
  /** What is over instead of what is to come. */
  over?: boolean;
  sort?: SortName;
  /** The most that a ticket may cost, in whole units of its currency. */
  most?: number;
  /** Only what can be had just now. */
  free?: boolean;
  /** Of this organization only: its id. */
  by?: string;
};

/** Of an address's parameters those that make sense. */
export function searchOf(given: Record<string, unknown>): Search {
  const { when, from, until, sort, most, km, by } = given;
  const words = wordsOf(given.q);
  const place = wordsOf(given.city);
  const known = CATEGORIES.find((one) => one === given.category);
  const tags = tagsOf(given.tags);
  const near = placeOf(given.near);
  const over = given.over === true;
  const time = over ? undefined : TIMES.find((one) => one === when);
  const order = (Object.keys(SORTS) as SortName[]).find((one) => one === sort && (one !== "near" || near));
  const distance = DISTANCES.find((one) => one === km && one !== USUAL_DISTANCE);
  const turned = isDay(from) && isDay(until) && from > until;
  return {
    ...(words ? { q: words } : {}),
    ...(known ? { category: known } : {}),
    ...(tags.length ? { tags } : {}),
    ...(place ? { city: place } : {}),
    ...(near ? { near } : {}),
    ...(near && distance ? { km: distance } : {}),
    ...(time ? { when: time } : {}),
    ...(!time && isDay(from) ? { from } : {}),
    ...(!time && isDay(until) && !turned ? { until } : {}),
    ...(over ? { over } : {}),
    ...(order ? { sort: order } : {}),
    ...(isPrice(most) ? { most: Number(most) } : {}),
    ...(given.free === true ? { free: true } : {}),
    ...(typeof by === "string" && /^org_\w{1,60}$/.test(by) ? { by } : {}),
  };
}

/** The same as the graph is asked for it. */
export function filterOf(search: Search, now: Date): EventFilter {
  const { q, category, tags, city, near, when, from, until, over, most, free, by } = search;
  const [lat, lon] = near?.split(",").map(Number) ?? [];
  return {
    ...(q ? { query: q } : {}),
    ...(category ? { categories: [category] } : {}),
    ...(tags ? { tags } : {}),
    ...(city ? { city } : {}),
    ...(lat !== undefined && lon !== undefined ? { near: { lat, lon, km: distanceOf(search) } } : {}),
    ...(most !== undefined ? { priceMax: String(most) } : {}),
    ...(free ? { onlyAvailable: true } : {}),
    ...(over ? { upcoming: false } : {}),
    ...(by ? { organizationId: by } : {}),
    ...(when ? rangeOf(when, now) : rangeOfDays(from, until)),
  };
}

/** In which order the graph is asked for it; null leaves that to the graph. */
export function sortOf({ sort, over, q }: Search): EventSort | null {
  if (sort) return SORTS[sort];
  return over && !q ? "STARTS_AT_DESC" : null;
}

/** How far around its place is looked, in kilometres. */
export function distanceOf({ km }: Search): number {
  return km ?? USUAL_DISTANCE;
}

/** A place as it stands in the address: to about a kilometre, which is near enough and no closer than it has to be. */
export function placeNear(lat: number, lon: number): string {
  return `${lat.toFixed(2)},${lon.toFixed(2)}`;
}

function placeOf(value: unknown): string | null {
  if (typeof value !== "string" || !/^-?\d{1,2}(\.\d{1,6})?,-?\d{1,3}(\.\d{1,6})?$/.test(value)) return null;
  const [lat = 0, lon = 0] = value.split(",").map(Number);
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? value : null;
}

function tagsOf(value: unknown): string[] {
  const some = Array.isArray(value) ? value : [value];
  return [...new Set(some.map(wordsOf).filter(Boolean))].slice(0, MOST_TAGS);
}

function isPrice(value: unknown): boolean {
  return (typeof value === "number" || typeof value === "string") && /^\d{1,6}$/.test(String(value));
}

function wordsOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, 100) : "";
}
