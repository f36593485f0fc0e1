import { Trans } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { Picture } from "../finding/Picture";
import { useCategories } from "../finding/useCategories";
import { Lost } from "../Lost";
import { buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { isZero } from "../ui/money";
import { useFormats } from "../words/useFormats";
import { AccessCode } from "./AccessCode";
import styles from "./EventPage.module.css";
import { Facts } from "./Facts";
import { Gallery } from "./Gallery";
import { Performers } from "./Performers";
import { eventQuery, type ShownEvent } from "./queries";
import { News, Sale } from "./Sale";

const Similar = lazy(async () => ({ default: (await import("./Similar")).Similar }));

export function EventPage() {
  const { event: which } = useParams({ from: "/events/$event" });
  const { access } = useSearch({ from: "/events/$event" });
  const { data, error, refetch } = useQuery({ ...eventQuery(which, access), placeholderData: keepPreviousData });
  useEffect(() => {
    if (data?.event) document.title = `${data.event.title} – Odysseus`;
  }, [data]);
  if (data?.event) return <Shown event={data.event} access={access} />;
  if (data) return <Lost />;
  return (
    <div className="page" aria-busy={!error}>
      {error ? <Failure error={error} again={() => refetch()} /> : <div className={styles.blank} />}
    </div>
  );
}

function Shown({ event, access }: { event: ShownEvent; access: string | undefined }) {
  const category = useCategories();
  return (
    <article>
      <div className={styles.hero}>
        <div className={styles.picture}>
          <Picture event={event} eager />
        </div>
        <div className={styles.head}>
          <p className={styles.kind}>{category(event.category)}</p>
          <h1>{event.title}</h1>
          <Performers performers={event.performers} />
          <Facts event={event} />
          <ToTickets event={event} />
        </div>
      </div>
      <div className="page">
        <News event={event} />
        <div className={styles.about}>
          <p className={styles.description}>{event.description}</p>
          <Tags tags={event.tags} />
          <p className="soft">
            {event.organization && (
              <Trans>
                Tickets are sold by{" "}
                <Link to="/" search={{ by: event.organization.id }}>
                  {event.organization.name}
                </Link>
                .
              </Trans>
            )}{" "}
            {event.refundPolicy?.description}
          </p>
        </div>
        <Gallery event={event} />
        <Sale event={event} access={access} />
        <AccessCode event={event} access={access} />
        <Suspense>
          <Similar event={event.id} />
        </Suspense>
      </div>
    </article>
  );
}

/** On a phone the places to choose are a long way down. */
function ToTickets({ event }: { event: ShownEvent }) {
  const format = useFormats();
  if (event.saleStatus === "SOLD_OUT")
    return (
      <p className={styles.state}>
        <Trans>Sold out</Trans>
      </p>
    );
  if (event.saleStatus !== "ON_SALE" || !event.priceRange) return null;
  const { lowest } = event.priceRange;
  const amount = format.money(lowest);
  return (
    <p className={styles.tickets}>
      <a href="#choose" className={buttonLook("onNight")}>
        {isZero(lowest) ? <Trans>Tickets, free</Trans> : <Trans>Tickets from {amount}</Trans>}
      </a>
      {event.availability?.level === "FEW" && (
        <span className={styles.state}>
          <Trans>Few left</Trans>
        </span>
      )}
    </p>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <ul className={styles.tags}>
      {tags.map((tag) => (
        <li key={tag}>
          <Link to="/" search={{ tags: [tag] }}>
            {`#${tag}`}
          </Link>
        </li>
      ))}
    </ul>
  );
}
