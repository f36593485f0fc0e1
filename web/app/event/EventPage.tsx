import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { CalendarDays, DoorOpen, MapPin } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { Lost } from "../Frame";
import { Picture } from "../finding/Picture";
import { useCategories } from "../finding/useCategories";
import { Failure } from "../ui/Failure";
import { Notice } from "../ui/Notice";
import { useFormats } from "../words/useFormats";
import { AccessCode } from "./AccessCode";
import { Choosing } from "./Choosing";
import styles from "./EventPage.module.css";
import { eventQuery, type ShownEvent } from "./queries";

const WaitingList = lazy(async () => ({ default: (await import("../waiting/WaitingList")).WaitingList }));
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
  const format = useFormats();
  return (
    <article>
      <div className={styles.hero}>
        <div className={styles.picture}>
          <Picture event={event} eager />
        </div>
        <div className={styles.head}>
          <p className={styles.kind}>{category(event.category)}</p>
          <h1>{event.title}</h1>
          {event.performers.length > 0 && <p>{format.list(event.performers.map(({ name }) => name))}</p>}
          <Facts event={event} />
        </div>
      </div>
      <div className="page">
        <div className={styles.about}>
          <p className={styles.description}>{event.description}</p>
          <p className="soft">
            {event.organization && <Trans>Tickets are sold by {event.organization.name}.</Trans>} {event.refundPolicy?.description}
          </p>
        </div>
        <Sale event={event} access={access} />
        <AccessCode event={event} access={access} />
        <Suspense>
          <Similar event={event.id} />
        </Suspense>
      </div>
    </article>
  );
}

/** Who is on the waiting list sees so, and who could be is offered it. */
function Waiting({ event }: { event: ShownEvent }) {
  return (
    <Suspense>
      <WaitingList event={event} />
    </Suspense>
  );
}

function Facts({ event }: { event: ShownEvent }) {
  const { t } = useLingui();
  const format = useFormats();
  return (
    <dl className={styles.facts}>
      <div>
        <dt>
          <CalendarDays aria-hidden />
          <span className="aside">{t`When`}</span>
        </dt>
        <dd>
          <time dateTime={event.startsAt}>{format.date(event.startsAt, event.timezone, "long")}</time>
        </dd>
      </div>
      {event.doorsAt && (
        <div>
          <dt>
            <DoorOpen aria-hidden />
            <span className="aside">{t`Doors`}</span>
          </dt>
          <dd>
            <Trans>Doors open at {format.time(event.doorsAt, event.timezone)}</Trans>
          </dd>
        </div>
      )}
      <div>
        <dt>
          <MapPin aria-hidden />
          <span className="aside">{t`Where`}</span>
        </dt>
        <dd>
          <strong>{event.venue.name}</strong>
          <br />
          {event.venue.address.formatted.join(", ")}
        </dd>
      </div>
    </dl>
  );
}

function Sale({ event, access }: { event: ShownEvent; access: string | undefined }) {
  const format = useFormats();
  switch (event.saleStatus) {
    case "ON_SALE":
      return (
        <>
          <Choosing event={event} access={access} />
          <Waiting event={event} />
        </>
      );
    case "CANCELLED":
      return (
        <Notice look="calm">
          <p>
            <strong>
              <Trans>This event was called off.</Trans>
            </strong>{" "}
            {event.cancelReason}
          </p>
        </Notice>
      );
    case "SOLD_OUT":
      return (
        <>
          <Notice look="calm">
            <p>
              <Trans>Everything is taken just now. What others do not pay for comes back: this page looks again by itself.</Trans>
            </p>
          </Notice>
          <Waiting event={event} />
        </>
      );
    case "SCHEDULED":
      return (
        <Notice look="calm">
          <p>
            {event.saleStartsAt ? (
              <Trans>Tickets can be bought from {format.date(event.saleStartsAt, event.timezone)}.</Trans>
            ) : (
              <Trans>Tickets cannot be bought yet.</Trans>
            )}
          </p>
        </Notice>
      );
    default:
      return (
        <Notice look="calm">
          <p>
            <Trans>Tickets are not on sale.</Trans>
          </p>
        </Notice>
      );
  }
}
