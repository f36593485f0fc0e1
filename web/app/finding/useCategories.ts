import { useLingui } from "@lingui/react/macro";
import type { EventCategory } from "../graph/generated/graphql";

/** How categories are called; one that is newer than this page has its name from the graph. */
export function useCategories(): (category: EventCategory) => string {
  const { t } = useLingui();
  const names: Record<EventCategory, string> = {
    MUSIC: t`Music`,
    CLASSICAL: t`Classical`,
    THEATRE: t`Theatre`,
    DANCE: t`Dance`,
    COMEDY: t`Comedy`,
    SPORTS: t`Sports`,
    FAMILY: t`Family`,
    CONFERENCE: t`Conferences`,
    FESTIVAL: t`Festivals`,
    NIGHTLIFE: t`Nightlife`,
    EXHIBITION: t`Exhibitions`,
    OTHER: t`Other`,
  };
  return (category) => names[category] ?? category;
}
