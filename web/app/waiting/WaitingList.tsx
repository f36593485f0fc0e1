import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useWhoFirst } from "../account/WhoDialog";
import type { ShownEvent } from "../event/queries";
import { ask } from "../graph/ask";
import { JoinWaitingListDocument } from "../graph/generated/graphql";
import { freshKey } from "../graph/keys";
import { Button } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { useFormats } from "../words/useFormats";
import { Entry } from "./Entry";
import { isOpen, useWaiting } from "./useWaiting";
import styles from "./Waiting.module.css";

type Wish = { ticketTypeIds: string[]; quantity: number; together: boolean };

/** Waiting for what is sold out; and who waits for an event already sees so on its page. */
export function WaitingList({ event }: { event: ShownEvent }) {
  const { entries } = useWaiting();
  const mine = entries.filter((entry) => entry.event?.id === event.id && isOpen(entry));
  const waitedFor = new Set(mine.flatMap(({ ticketTypes }) => ticketTypes.map(({ id }) => id)));
  const soldOut = (event.ticketTypes ?? []).filter(({ id, status, hidden }) => status === "SOLD_OUT" && !hidden && !waitedFor.has(id));
  if (mine.length === 0 && soldOut.length === 0) return null;
  return (
    <section className={styles.list} aria-labelledby="waiting">
      <h2 id="waiting">
        <Trans>Waiting list</Trans>
      </h2>
      <ul className={styles.entries}>
        {mine.map((entry) => (
          <Entry key={entry.id} entry={entry} withEvent={false} />
        ))}
      </ul>
      {soldOut.length > 0 && <Join event={event} types={soldOut} />}
    </section>
  );
}

function Join({ event, types }: { event: ShownEvent; types: NonNullable<ShownEvent["ticketTypes"]> }) {
  const { t } = useLingui();
  const format = useFormats();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(types.length === 1 ? types.map(({ id }) => id) : []));
  const key = useRef(freshKey());
  const join = useMutation({
    mutationFn: (wish: Wish) => ask(JoinWaitingListDocument, { input: { eventId: event.id, ...wish, idempotencyKey: key.current } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["waiting"] }),
    onSettled: () => {
      key.current = freshKey();
    },
  });
  const [whenKnown, who] = useWhoFirst((wish: Wish) => join.mutate(wish));
  const wanted = types.filter(({ id }) => chosen.has(id));
  const most = Math.min(...(wanted.length ? wanted : types).map(({ maxPerOrder }) => maxPerOrder));
  const submit = (form: FormEvent<HTMLFormElement>) => {
    form.preventDefault();
    const given = new FormData(form.currentTarget);
    const wish = {
      ticketTypeIds: wanted.map(({ id }) => id),
      quantity: Number(given.get("quantity")),
      together: given.get("together") === "on",
    };
    whenKnown(wish);
  };
  return (
    <form className={styles.join} onSubmit={submit}>
      <p>
        <Trans>What comes free goes to the waiting list first. It costs nothing, and you can leave it at any time.</Trans>
      </p>
      <fieldset className={styles.types}>
        <legend>
          <Trans>Any of these will do</Trans>
        </legend>
        {types.map(({ id, name, price }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={chosen.has(id)}
              onChange={({ target }) => {
                const next = new Set(chosen);
                if (target.checked) next.add(id);
                else next.delete(id);
                setChosen(next);
              }}
            />
            {name} <span className="numbers">{format.money(price)}</span>
          </label>
        ))}
      </fieldset>
      <label className={styles.count}>
        <Trans>How many</Trans>
        <select name="quantity" defaultValue={Math.min(2, most)}>
          {Array.from({ length: most }, (_, at) => (
            <option key={`${at}`}>{at + 1}</option>
          ))}
        </select>
      </label>
      <label className={styles.together}>
        <input type="checkbox" name="together" defaultChecked />
        <Trans>Only side by side</Trans>
      </label>
      {join.error && <Failure error={join.error} />}
      <Button type="submit" isDisabled={join.isPending || wanted.length === 0}>
        {t`Put me on the waiting list`}
      </Button>
      {who}
    </form>
  );
}
