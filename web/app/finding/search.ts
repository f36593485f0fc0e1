import type { EventCategory } from "../graph/generated/graphql";

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

/** What is looked for, as it stands in the address. */
export type Search = { q?: string; category?: EventCategory };

/** Of an address's parameters those that make sense. */
export function searchOf({ q, category }: Record<string, unknown>): Search {
  const words = typeof q === "string" || typeof q === "number" ? String(q).trim().slice(0, 100) : "";
  const known = CATEGORIES.find((one) => one === category);
  return { ...(words ? { q: words } : {}), ...(known ? { category: known } : {}) };
}
