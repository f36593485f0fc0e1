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
import { Legend } from "./Legend";
import type { ShownEvent, ShownType } from "./queries";
import styles from "./SeatPicker.module.css";
import { SectionView } from "./SectionView";
import { useWay, WAYS } from "./useWay";

const BestAtOnce = lazy(async () => ({ default: (await import("./BestAtOnce")).BestAtOnce }));
const NONE: ReadonlySet<string> = new Set();

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
  const [way, setWay] = useWay();
  const [only, setOnly] = useState(NONE);
  // What was found or walked to, to be brought into sight; a new object each time.
  const [shown, setShown] = useState<{ seat: number } | null>(null);
  // Where the keyboard was, for the other of the two ways.
  const [at, setAt] = useState(-1);
  // Where somebody is on the map.
  const [section, setSection] = useState<Section | null>(null);
  const { seats, plan } = map;
  const order = types.map(({ id }) => id).join(" ");
  const colourOf = useCallback((type: string) => Math.max(0, order.split(" ").indexOf(type)), [order]);
  const priceOf = useCallback((type: string | undefined) => types.find(({ id }) => id === type)?.price ?? null, [types]);
  const nameOf = useSeatWords(seats, (seat) => {
    const price = priceOf(seats.chosen.get(seat) ?? seats.typesOf(seat)[0]);
    return price ? format.money(price) : null;
  });
  const wordsOf = useCallback(
    ({ name, types: sold, available }: Section) => {
      const prices = sold.map(priceOf).filter((price) => price !== null);
      const [least] = prices.sort((one, other) => Number(one.amount) - Number(other.amount));
      const amount = least ? format.money(least) : "";
      const more = least ? [prices.length > 1 ? t`from ${amount}` : amount] : [];
      if (available !== null) more.push(available === 0 ? t`sold out` : t`${available} left`);
      return { name, more: more.join(" · ") || null };
    },
    [priceOf, format, t],
  );
  const pick = (seat: number) => {
    if (!seats.chosen.has(seat) && !seats.isFree(seat)) return say(nameOf(seat));
    const sold = seats.typesOf(seat);
    // As what is looked for, if it is sold as that.
    const type = types.find(({ id }) => id === (sold.find((one) => only.has(one)) ?? sold[0]));
    const already = [...seats.chosen.values()].filter((id) => id === type?.id).length;
    if (type && !seats.chosen.has(seat) && already >= type.maxPerOrder) {
      const { maxPerOrder, name } = type;
      return say(t`At most ${maxPerOrder} of ${name} in one order.`);
    }
    seats.toggle(seat);
    if (type) seats.choose(seat, type.id);
    say(nameOf(seat));
  };
  const change = (next: (typeof WAYS)[number]) => {
    setShown(at >= 0 ? { seat: at } : null);
    setWay(next);
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
        {WAYS.map((one) => (
          <button key={one} type="button" aria-pressed={way === one} onClick={() => change(one)}>
            {one === "map" ? t`Map` : t`List`}
          </button>
        ))}
      </div>
      <Legend seats={seats} types={types} only={only} onOnly={setOnly} colourOf={colourOf} />
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
            only={only}
            colourOf={colourOf}
            wordsOf={wordsOf}
            nameOf={nameOf}
            onPick={pick}
            onMove={setAt}
            onCome={setSection}
            say={say}
          >
            {section && <SectionView event={event} section={section} />}
          </SeatMap>
          <p className="soft">
            <Trans>Tap a part of the hall to come nearer, then a seat to choose it.</Trans>
          </p>
        </>
      ) : (
        <SeatList
          seats={seats}
          shown={shown}
          only={only}
          nameOf={nameOf}
          colourOf={colourOf}
          wordsOf={wordsOf}
          onPick={pick}
          onMove={setAt}
          beside={(section) => <SectionView event={event} section={section} />}
        />
      )}
    </div>
  );
}
