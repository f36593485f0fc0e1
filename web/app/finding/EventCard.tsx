import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { FoundEventFragment } from "../graph/generated/graphql";
import { isZero } from "../ui/money";
import { useFormats } from "../words/useFormats";
import styles from "./EventCard.module.css";
import { Picture } from "./Picture";
import { useCategories } from "./useCategories";

/** An event as a ticket: its picture, and the stub with the day on it. */
export function EventCard({ event, eager, level = 2 }: { event: FoundEventFragment; eager: boolean; level?: 2 | 3 }) {
  const Title = `h${level}` as const;
  const format = useFormats();
  const category = useCategories();
  const day = format.stub(event.startsAt, event.timezone);
  return (
    <li className={styles.ticket}>
      <div className={styles.picture}>
        <Picture event={event} eager={eager} />
      </div>
      <div className={styles.words}>
        <p className={styles.kind}>{category(event.category)}</p>
        <Title className={styles.title}>
          <Link to="/events/$event" params={{ event: event.slug }}>
            {event.title}
          </Link>
        </Title>
        <p className={styles.place}>
          {event.venue.name}, {event.venue.address.city}
          {event.distanceKm !== null && event.distanceKm !== undefined && ` · ${format.kilometres(event.distanceKm)}`}
        </p>
        <p className={styles.price}>
          <State event={event} />
        </p>
      </div>
      <time className={styles.stub} dateTime={event.startsAt}>
        <span>{day.weekday}</span>
        <strong>{day.day}</strong>
        <span>{day.month}</span>
        <span className={styles.hour}>{day.time}</span>
      </time>
    </li>
  );
}

function State({ event }: { event: FoundEventFragment }) {
  const format = useFormats();
  if (event.saleStatus === "CANCELLED")
    return (
      <strong className={styles.off}>
        <Trans>Called off</Trans>
      </strong>
    );
  if (event.saleStatus === "SOLD_OUT")
    return (
      <strong className={styles.off}>
        <Trans>Sold out</Trans>
      </strong>
    );
  if (event.saleStatus === "CLOSED" || event.saleStatus === "PAUSED") return <Trans>Not on sale</Trans>;
  if (!event.priceRange) return null;
  const { lowest, highest } = event.priceRange;
  const amount = format.money(lowest);
  return (
    <>
      {isZero(lowest) ? (
        <strong>
          <Trans>Free</Trans>
        </strong>
      ) : lowest.amount === highest.amount ? (
        <strong>{amount}</strong>
      ) : (
        <Trans>
          from <strong>{amount}</strong>
        </Trans>
      )}
      {event.availability?.level === "FEW" && (
        <span className={styles.few}>
          <Trans>Few left</Trans>
        </span>
      )}
    </>
  );
}
