import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { EventCard } from "../finding/EventCard";
import home from "../finding/Home.module.css";
import { asking } from "../graph/ask";
import { ShowSimilarDocument } from "../graph/generated/graphql";
import styles from "./Similar.module.css";

/** What else whoever looks at an event may like. */
export function Similar({ event: id }: { event: string }) {
  const { data } = useQuery({ queryKey: ["event", id, "similar"], ...asking(ShowSimilarDocument, { id }), staleTime: 600_000 });
  const similar = data?.event?.similar ?? [];
  if (similar.length === 0) return null;
  return (
    <section className={styles.similar} aria-labelledby="similar">
      <h2 id="similar">
        <Trans>You may also like</Trans>
      </h2>
      <ul className={home.events}>
        {similar.map((event) => (
          <EventCard key={event.id} event={event} eager={false} level={3} />
        ))}
      </ul>
    </section>
  );
}
