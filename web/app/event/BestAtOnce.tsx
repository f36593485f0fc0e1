import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useWhoFirst } from "../account/WhoDialog";
import { setBasket, useBasket } from "../buying/basket";
import { ask } from "../graph/ask";
import { HoldBestAvailableDocument } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { Button } from "../ui/Button";
import { Refused } from "../ui/Failure";
import { useFormats } from "../words/useFormats";
import styles from "./BestAtOnce.module.css";
import { mostOf } from "./choice";
import type { ShownEvent, ShownType } from "./queries";

type Wish = { ticketTypeId: string; quantity: number; accessible: number; companions: number; mayBeSplit: boolean };

/** Holds the best places at once, as the shop finds them: for wheelchairs, too, with their companions beside them. */
export function BestAtOnce({ event, types, access }: { event: ShownEvent; types: ShownType[]; access: string | undefined }) {
  const { t } = useLingui();
  const format = useFormats();
  const navigate = useNavigate();
  const basket = useBasket();
  const [which, setWhich] = useState(types[0]?.id ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const hold = async (wish: Wish) => {
    setBusy(true);
    setError(null);
    const cart = basket?.event === event.id ? { reservationId: basket.id } : {};
    try {
      const input = { eventId: event.id, ...wish, ...cart, ...(access ? { accessCode: access } : {}), idempotencyKey: freshKey() };
      const { holdBestAvailable: held } = await ask(HoldBestAvailableDocument, { input });
      if (!held) return;
      setBasket({ id: held.id, expiresAt: held.expiresAt, event: event.id });
      await navigate({ to: "/cart/$reservation", params: { reservation: held.id } });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const [whenKnown, who] = useWhoFirst(hold);
  const type = types.find(({ id }) => id === which) ?? types[0];
  if (!type) return null;
  const submit = (form: FormEvent<HTMLFormElement>) => {
    form.preventDefault();
    const given = new FormData(form.currentTarget);
    const count = (name: string) => Number(given.get(name) ?? 0);
    const wish = {
      ticketTypeId: type.id,
      quantity: count("quantity"),
      accessible: count("accessible"),
      companions: count("companions"),
      mayBeSplit: given.get("split") === "on",
    };
    whenKnown(wish);
  };
  const numbers = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  return (
    <details className={styles.best}>
      <summary className="opens">
        <Trans>Let us choose, also for wheelchairs</Trans>
      </summary>
      <form className={styles.form} onSubmit={submit}>
        <label>
          <Trans>Which tickets</Trans>
          <select value={type.id} onChange={({ target }) => setWhich(target.value)}>
            {types.map(({ id, name, price }) => (
              <option key={id} value={id}>
                {`${name} · ${format.money(price)}`}
              </option>
            ))}
          </select>
        </label>
        <label>
          <Trans>Places in all</Trans>
          <select name="quantity" defaultValue={Math.min(2, mostOf(type))}>
            {numbers(Math.max(1, type.minPerOrder), mostOf(type)).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          <Trans>of them for wheelchairs</Trans>
          <select name="accessible">
            {numbers(0, 4).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          <Trans>beside them for companions</Trans>
          <select name="companions">
            {numbers(0, 4).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label className={styles.split}>
          <input type="checkbox" name="split" />
          <Trans>We may sit apart where it cannot be helped</Trans>
        </label>
        <Button type="submit" look="quiet" isDisabled={busy}>
          {busy ? t`Holding your places…` : t`Hold the best places`}
        </Button>
      </form>
      {error !== null && <Refused error={error} />}
      {who}
    </details>
  );
}
