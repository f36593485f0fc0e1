import { Trans } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { useTimeLeft } from "../buying/TimeLeft";
import { minutesAndSeconds } from "../buying/time-left";
import { Notice } from "../ui/Notice";
import { useFormats } from "../words/useFormats";
import { Choosing } from "./Choosing";
import type { ShownEvent } from "./queries";
import styles from "./Sale.module.css";

const WaitingList = lazy(async () => ({ default: (await import("../waiting/WaitingList")).WaitingList }));
const DAY_MS = 86_400_000;

/** What overrules all else about an event: that it does not take place, or not then, or is over. */
export function News({ event }: { event: ShownEvent }) {
  const news = newsOf(event);
  return news && <div className={styles.news}>{news}</div>;
}

function newsOf(event: ShownEvent) {
  switch (event.status) {
    case "CANCELLED":
      return (
        <Notice>
          <p>
            <strong>
              <Trans>This event was called off.</Trans>
            </strong>{" "}
            {event.cancelReason}
          </p>
          <p>
            <Trans>Whoever has tickets is given their money back without asking for it.</Trans>
          </p>
        </Notice>
      );
    case "POSTPONED":
      return (
        <Notice>
          <p>
            <strong>
              <Trans>This event was put off.</Trans>
            </strong>{" "}
            <Trans>It has no new date yet; tickets that were bought hold for it.</Trans>
          </p>
        </Notice>
      );
    case "COMPLETED":
      return (
        <Notice look="calm">
          <p>
            <Trans>This event is over.</Trans>
          </p>
        </Notice>
      );
    default:
      return null;
  }
}

/** What can be bought now, or why nothing can. */
export function Sale({ event, access }: { event: ShownEvent; access: string | undefined }) {
  switch (event.saleStatus) {
    case "ON_SALE":
      return (
        <>
          <Choosing event={event} access={access} />
          <Waiting event={event} />
        </>
      );
    case "SOLD_OUT":
      return (
        <section id="choose">
          <Notice look="calm">
            <p>
              <strong>
                <Trans>Sold out</Trans>
              </strong>
            </p>
            <p>
              <Trans>Everything is taken just now. What others do not pay for comes back: this page looks again by itself.</Trans>
            </p>
          </Notice>
          <Waiting event={event} />
        </section>
      );
    case "SCHEDULED":
      return (
        <Notice look="calm">
          {event.saleStartsAt ? (
            <Begins at={event.saleStartsAt} zone={event.timezone} />
          ) : (
            <p>
              <Trans>Tickets cannot be bought yet.</Trans>
            </p>
          )}
        </Notice>
      );
    case "CANCELLED":
    case "PAUSED":
      // The news say why.
      return null;
    default:
      if (event.status === "COMPLETED") return null;
      return (
        <Notice look="calm">
          <p>
            <Trans>Tickets are not on sale.</Trans>
          </p>
        </Notice>
      );
  }
}

/** When the sale begins, and how long that is; then the page is read again. */
function Begins({ at, zone }: { at: string; zone: string }) {
  const format = useFormats();
  const client = useQueryClient();
  const left = useTimeLeft(at);
  const over = left === 0;
  useEffect(() => {
    if (over) client.invalidateQueries({ queryKey: ["event"] });
  }, [over, client]);
  return (
    <>
      <p>
        <Trans>Tickets can be bought from {format.date(at, zone)}.</Trans>
      </p>
      {left >= DAY_MS && <p className={styles.left}>{format.days(Math.floor(left / DAY_MS))}</p>}
      {left < DAY_MS && !over && (
        <p className={`${styles.left} numbers`} role="timer">
          {minutesAndSeconds(left)}
        </p>
      )}
      <p className="soft">
        <Trans>This page opens the sale by itself.</Trans>
      </p>
    </>
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
