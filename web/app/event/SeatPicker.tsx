import { Trans, useLingui } from "@lingui/react/macro";
import { lazy, Suspense, useCallback, useState } from "react";
import { useConnected } from "../graph/live";
import { SeatList } from "../seat-map/SeatList";
import { SeatMap } from "../seat-map/SeatMap";
import type { Section } from "../seat-map/seats";
import type { SeatMapState } from "../seat-map/useSeats";
import { useSeatWords } from "../seat-map/useSeatWords";
import { useStatus } from "../ui/useStatus";
import { useFormats } from "../words/useFormats";
import { FindTogether } from "./FindTogether";
import type { ShownEvent, ShownType } from "./queries";
import styles from "./SeatPicker.module.css";

const BestAtOnce = lazy(async () => ({ default: (await import("./BestAtOnce")).BestAtOnce }));

type Way = "map" | "list";

/** Numbered seats, on a map or in a list, as the buyer likes. */
export function SeatPicker(props: {
  event: ShownEvent;
  access: string | undefined;
  types: ShownType[];
  map: SeatMapState & { kind: "ready" };
}) {
  const { event, access, types, map } = props;
  const { t } = useLingui();
  const format = useFormats();
  const say = useStatus();
  const connected = useConnected();
  const [way, setWay] = useState<Way>("map");
  // What was found, to be brought into sight; a new object each time.
  const [shown, setShown] = useState<{ seat: number } | null>(null);
  const { seats, plan } = map;
  const order = types.map(({ id }) => id).join(" ");
  const colourOf = useCallback((type: string) => Math.max(0, order.split(" ").indexOf(type)), [order]);
  const priceOf = (type: string | undefined) => types.find(({ id }) => id === type)?.price ?? null;
  const nameOf = useSeatWords(seats, (seat) => {
    const price = priceOf(seats.chosen.get(seat) ?? seats.typesOf(seat)[0]);
    return price ? format.money(price) : null;
  });
  const fromOf = ({ types: sold }: Section) => {
    const prices = sold.map(priceOf).filter((price) => price !== null);
    const [least] = prices.sort((one, other) => Number(one.amount) - Number(other.amount));
    return least ? format.money(least) : null;
  };
  const pick = (seat: number) => {
    if (!seats.chosen.has(seat) && !seats.isFree(seat)) return say(nameOf(seat));
    const type = types.find(({ id }) => id === seats.typesOf(seat)[0]);
    const already = [...seats.chosen.values()].filter((id) => id === type?.id).length;
    if (type && !seats.chosen.has(seat) && already >= type.maxPerOrder) {
      const { maxPerOrder, name } = type;
      return say(t`At most ${maxPerOrder} of ${name} in one order.`);
    }
    seats.toggle(seat);
    say(nameOf(seat));
  };
  const open = types.filter(({ status }) => status === "ON_SALE");
  return (
    <div className={styles.picker}>
      <FindTogether seats={seats} types={open} onFound={(seat) => setShown({ seat })} />
      <Suspense>
        <BestAtOnce event={event} types={open} access={access} />
      </Suspense>
      {/* biome-ignore lint/a11y/useSemanticElements: a switch between two views */}
      <div className={styles.ways} role="group" aria-label={t`Show seats as`}>
        {(["map", "list"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={way === one} onClick={() => setWay(one)}>
            {one === "map" ? t`Map` : t`List`}
          </button>
        ))}
      </div>
      <ul className={styles.legend}>
        {types.map((type) => (
          <li key={type.id}>
            <span className={styles.dot} style={{ background: `var(--seat-${(colourOf(type.id) % 6) + 1})` }} />
            {type.name} <strong className="numbers">{format.money(type.price)}</strong>
          </li>
        ))}
        <li>
          <span className={styles.taken} />
          <Trans>taken</Trans>
        </li>
        {seats.restricted.size > 0 && (
          <li>
            <span className={styles.ring} />
            <Trans>restricted view</Trans>
          </li>
        )}
        {seats.accessible.size > 0 && (
          <li>
            <span className={styles.square} />
            <Trans>wheelchair</Trans>
          </li>
        )}
      </ul>
      {!connected && (
        <p className={styles.paused}>
          <Trans>Live updates are paused until the connection is back.</Trans>
        </p>
      )}
      {way === "map" ? (
        <>
          <SeatMap
            seats={seats}
            plan={plan}
            stageName={event.category === "SPORTS" ? t`Playing field` : t`Stage`}
            shown={shown}
            colourOf={colourOf}
            nameOf={nameOf}
            onPick={pick}
            say={say}
          />
          <p className="soft">
            <Trans>Tap a part of the hall to come nearer, then a seat to choose it.</Trans>
          </p>
        </>
      ) : (
        <SeatList seats={seats} nameOf={nameOf} colourOf={colourOf} fromOf={fromOf} onPick={pick} />
      )}
    </div>
  );
}
