import { Trans, useLingui } from "@lingui/react/macro";
import { CalendarDays, DoorOpen, MapPin } from "lucide-react";
import type { ReactNode } from "react";
import { here } from "../graph/addresses";
import { useFormats } from "../words/useFormats";
import styles from "./Facts.module.css";
import type { ShownEvent } from "./queries";

/** When and where: with a file for the calendar, and a link to a map of the surroundings. */
export function Facts({ event }: { event: ShownEvent }) {
  const { t } = useLingui();
  const format = useFormats();
  const { name, address, location } = event.venue;
  const on = event.status === "PUBLISHED";
  return (
    <dl className={styles.facts}>
      <Fact icon={<CalendarDays aria-hidden />} what={t`When`}>
        <time dateTime={event.startsAt}>{format.date(event.startsAt, event.timezone, "long")}</time>
        {on && (
          <>
            <br />
            <a href={here(event.calendarUrl)} download={`${event.slug}.ics`}>
              <Trans>Into the calendar</Trans>
            </a>
          </>
        )}
      </Fact>
      {event.doorsAt && (
        <Fact icon={<DoorOpen aria-hidden />} what={t`Doors`}>
          <Trans>Doors open at {format.time(event.doorsAt, event.timezone)}</Trans>
        </Fact>
      )}
      <Fact icon={<MapPin aria-hidden />} what={t`Where`}>
        <strong>{name}</strong>
        <br />
        {address.formatted.join(", ")}
        {location && (
          <>
            <br />
            <a href={mapOf(location)} target="_blank" rel="noreferrer">
              <Trans>Surroundings on OpenStreetMap</Trans>
            </a>
          </>
        )}
      </Fact>
    </dl>
  );
}

function Fact({ icon, what, children }: { icon: ReactNode; what: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {icon}
        <span className="aside">{what}</span>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function mapOf({ lat, lon }: { lat: number; lon: number }): string {
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=17/${lat}/${lon}`;
}
