import { queryOptions } from "@tanstack/react-query";
import { asking } from "../graph/ask";
import { ShowEventDocument, type ShowEventQuery } from "../graph/generated/graphql";

export type ShownEvent = NonNullable<ShowEventQuery["event"]>;
export type ShownType = NonNullable<ShownEvent["ticketTypes"]>[number];

/** An event by its id or by its name in addresses; with what an access code opens. */
export function eventQuery(idOrSlug: string, accessCode?: string) {
  const which = idOrSlug.startsWith("evt_") ? { id: idOrSlug } : { slug: idOrSlug };
  return queryOptions({
    queryKey: ["event", idOrSlug, accessCode],
    ...asking(ShowEventDocument, { ...which, ...(accessCode ? { accessCode } : {}) }),
    refetchInterval: 30_000,
  });
}
