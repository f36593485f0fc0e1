import { Trans } from "@lingui/react/macro";
import { useEffect, useMemo, useState } from "react";
import { type SeatMapState, useSeats } from "../seat-map/useSeats";
import { Notice } from "../ui/Notice";
import { ChoiceBar } from "./ChoiceBar";
import styles from "./Choosing.module.css";
import { type Places, wishOf } from "./choice";
import { PlacePicker } from "./PlacePicker";
import type { ShownEvent, ShownType } from "./queries";
import { SeatPicker } from "./SeatPicker";
import { WithChanges } from "./WithChanges";

/** Choosing places: numbered ones on the map or in the list, others by their number. Nothing is held by choosing. */
export function Choosing({ event, access }: { event: ShownEvent; access: string | undefined }) {
  const seated = event.layout?.sections.some(({ kind }) => kind === "SEATED");
  if (seated && event.layout) return <WithSeats event={event} access={access} planUrl={event.layout.url} />;
  return <Chooser event={event} access={access} map={null} />;
}

function WithSeats({ event, access, planUrl }: { event: ShownEvent; access: string | undefined; planUrl: string }) {
  return <Chooser event={event} access={access} map={useSeats(event.id, planUrl)} />;
}

function Chooser({ event, access, map }: { event: ShownEvent; access: string | undefined; map: SeatMapState | null }) {
  const [places, setPlaces] = useState<Places>({});
  const seats = map?.kind === "ready" ? map.seats : null;
  const types = useMemo(() => event.ticketTypes ?? [], [event.ticketTypes]);
  // What a code has opened stands on no map that others see.
  useEffect(() => {
    const opened = types.filter(({ hidden, ...type }) => hidden && isSeated(type, event));
    if (seats && opened.length > 0) seats.open(opened);
  }, [seats, types, event]);
  const standing = types.filter((type) => !isSeated(type, event));
  return (
    <section aria-labelledby="choose">
      <h2 id="choose" className={styles.title}>
        <Trans>Choose your places</Trans>
      </h2>
      {map?.kind === "failed" && (
        <Notice>
          <p>
            <Trans>The seat map cannot be read just now. It is tried again by itself.</Trans>
          </p>
        </Notice>
      )}
      {map?.kind === "loading" && <div className={styles.blank} role="img" aria-label="…" />}
      {map?.kind === "ready" && (
        <SeatPicker event={event} access={access} types={types.filter((type) => isSeated(type, event))} map={map} />
      )}
      {standing.length > 0 && (
        <PlacePicker event={event} types={standing} places={places} onChange={setPlaces} besideSeats={map !== null} />
      )}
      {seats ? (
        <WithChanges seats={seats} strict={event.orphanSeatRule ?? false}>
          {() => (
            <ChoiceBar
              event={event}
              types={types}
              seats={seats}
              map={map}
              wish={wishOf(seats, places)}
              accessCode={access}
              onHeld={() => setPlaces({})}
            />
          )}
        </WithChanges>
      ) : (
        <ChoiceBar
          event={event}
          types={types}
          seats={null}
          map={map}
          wish={wishOf(null, places)}
          accessCode={access}
          onHeld={() => setPlaces({})}
        />
      )}
    </section>
  );
}

function isSeated(type: Pick<ShownType, "sections">, event: ShownEvent): boolean {
  const sections = event.layout?.sections ?? [];
  return sections.some(({ key, kind }) => kind === "SEATED" && (type.sections.length === 0 || type.sections.includes(key)));
}
