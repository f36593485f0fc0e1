import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useRef, useState } from "react";
import { useWhoFirst } from "../account/WhoDialog";
import { setBasket, useBasket } from "../buying/basket";
import { ask } from "../graph/ask";
import { ChangeCartDocument, HoldSeatsDocument } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { GraphError } from "../graph/transport";
import type { Seats } from "../seat-map/seats";
import type { SeatMapState } from "../seat-map/useSeats";
import { Button } from "../ui/Button";
import { Refused } from "../ui/Failure";
import { useFormats } from "../words/useFormats";
import styles from "./ChoiceBar.module.css";
import { countOf, totalOf, type Wish } from "./choice";
import type { ShownEvent, ShownType } from "./queries";

/** What is chosen and what it costs, always in sight; from here it is held. */
export function ChoiceBar(props: {
  event: ShownEvent;
  types: ShownType[];
  seats: Seats | null;
  map: SeatMapState | null;
  wish: Wish;
  /** Opens hidden ticket types. */
  accessCode: string | undefined;
  onHeld: () => void;
}) {
  const { event, types, seats, map, wish, accessCode, onHeld } = props;
  const { t } = useLingui();
  const format = useFormats();
  const navigate = useNavigate();
  const [holding, setHolding] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // The same wish, sent again, is the same hold.
  const sent = useRef({ wish: "", key: "" });
  const basket = useBasket();
  // What is held of this event already is added to, by the same clock.
  const cart = basket?.event === event.id ? basket.id : null;
  const count = countOf(wish);
  const total = totalOf(wish, types, types[0]?.price.currency ?? "EUR");

  const code = accessCode ? { accessCode } : {};
  const begin = async () => {
    const input = { eventId: event.id, ...wish, ...code, idempotencyKey: sent.current.key };
    return (await ask(HoldSeatsDocument, { input })).holdSeats;
  };
  const add = async (reservationId: string) => {
    const { seats: addSeats, generalAdmission: addPlaces } = wish;
    const input = { reservationId, addSeats, addPlaces, removeItemIds: [], ...code, idempotencyKey: sent.current.key };
    return (await ask(ChangeCartDocument, { input })).changeReservation;
  };
  const hold = async () => {
    setHolding(true);
    setError(null);
    const text = JSON.stringify(wish);
    if (sent.current.wish !== text) sent.current = { wish: text, key: freshKey() };
    try {
      const held = await (cart ? add(cart) : begin());
      if (!held) return;
      setBasket({ id: held.id, expiresAt: held.expiresAt, event: event.id });
      seats?.forget();
      onHeld();
      await navigate({ to: "/cart/$reservation", params: { reservation: held.id } });
    } catch (refused) {
      // A refusal is final for its key.
      sent.current = { wish: "", key: "" };
      const taken = refused instanceof GraphError && refused.code === "SEATS_UNAVAILABLE";
      if (taken && map?.kind === "ready") await map.catchUp().catch(() => null);
      setError(refused);
    } finally {
      setHolding(false);
    }
  };
  const [whenKnown, who] = useWhoFirst<void>(hold);
  return (
    <div className={styles.bar} data-testid="choice" data-empty={count === 0 && error === null ? true : undefined}>
      {error !== null && <Refused error={error} />}
      {seats && seats.chosen.size > 0 && <Chosen seats={seats} types={types} />}
      <div className={styles.line}>
        <p aria-live="polite">
          {count === 0 ? (
            <span className="soft">
              <Trans>Nothing chosen yet</Trans>
            </span>
          ) : (
            <>
              <Plural value={count} one="# place" other="# places" />{" "}
              <strong className={styles.total} data-testid="total">
                {format.money(total)}
              </strong>
            </>
          )}
        </p>
        <Button isDisabled={count === 0 || holding} onPress={() => whenKnown()}>
          {holding ? t`Holding your places…` : cart ? t`Add to the cart` : t`Continue`}
        </Button>
      </div>
      {who}
    </div>
  );
}

function Chosen({ seats, types }: { seats: Seats; types: ShownType[] }) {
  const { t } = useLingui();
  const format = useFormats();
  return (
    <ul className={styles.chosen} aria-label={t`Chosen seats`}>
      {[...seats.chosen].map(([seat, chosenType]) => {
        const [section, row, number] = [seats.sectionOf(seat)?.name ?? "", seats.rows[seat] ?? "", seats.numbers[seat] ?? ""];
        const open = types.filter(({ id }) => seats.typesOf(seat).includes(id));
        const price = open.find(({ id }) => id === chosenType)?.price;
        return (
          <li key={seat}>
            <span>
              {section} <strong className="numbers">{`${row}–${number}`}</strong>
            </span>
            {open.length > 1 ? (
              <select
                aria-label={t`Ticket for row ${row}, seat ${number}`}
                value={chosenType}
                onChange={({ target }) => seats.choose(seat, target.value)}
              >
                {open.map((type) => (
                  <option key={type.id} value={type.id}>
                    {`${type.name} · ${format.money(type.price)}`}
                  </option>
                ))}
              </select>
            ) : (
              price && <span className="numbers">{format.money(price)}</span>
            )}
            <button type="button" aria-label={t`Give up row ${row}, seat ${number}`} onClick={() => seats.toggle(seat)}>
              <X aria-hidden />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
