import type { FacetField, FindEventsQuery } from "../graph/generated/graphql";

export type Facet = NonNullable<FindEventsQuery["events"]>["facets"][number];
export type Bucket = Facet["buckets"][number];

/** What was found, counted by one property. */
export function bucketsOf(facets: readonly Facet[], field: FacetField): Bucket[] {
  return facets.find((facet) => facet.field === field)?.buckets.filter(({ count }) => count > 0) ?? [];
}

/** The days of a month such as 2027-02, as they stand in an address. */
export function daysOf(month: string): { from: string; until: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { from: `${month}-01`, until: `${month}-${last}` };
}

/** What tickets of bands such as EUR:20-50 cost at most, each once, the least first. */
export function pricesOf(bands: readonly Bucket[]): number[] {
  const most = bands.map(({ value }) => Number(value.match(/-(\d+)$/)?.[1] ?? Number.NaN));
  return [...new Set(most.filter(Number.isFinite))].sort((one, other) => one - other);
}
