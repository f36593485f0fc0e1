import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import type { Seats } from "../seat-map/seats";
import { together } from "../seat-map/together";
import { Button } from "../ui/Button";
import { useStatus } from "../ui/useStatus";
import { useFormats } from "../words/useFormats";
import styles from "./FindTogether.module.css";
import type { ShownType } from "./queries";

/** Chooses the best seats side by side, for those who would rather not look for them. */
export function FindTogether({ seats, types, onFound }: { seats: Seats; types: ShownType[]; onFound: (seat: number) => void }) {
  const { t } = useLingui();
  const format = useFormats();
  const say = useStatus();
  const [which, setWhich] = useState(types[0]?.id ?? "");
  const [count, setCount] = useState(2);
  const [none, setNone] = useState(false);
  const type = types.find(({ id }) => id === which) ?? types[0];
  if (!type) return null;
  const counts = Array.from({ length: type.maxPerOrder - type.minPerOrder + 1 }, (_, at) => type.minPerOrder + at);
  const wanted = counts.includes(count) ? count : type.minPerOrder;
  const find = (event: FormEvent) => {
    event.preventDefault();
    const found = together(seats, type.id, wanted);
    setNone(!found);
    const [first] = found ?? [];
    if (!found || first === undefined) return;
    seats.forget();
    for (const seat of found) {
      seats.toggle(seat);
      seats.choose(seat, type.id);
    }
    onFound(found[found.length >> 1] ?? first);
    const row = seats.rows[first] ?? "";
    const chosen = plural(found.length, { one: "# seat chosen", other: "# seats chosen" });
    say(t`${chosen} in row ${row}.`);
  };
  return (
    <form className={styles.find} onSubmit={find}>
      <label>
        <Trans>How many</Trans>
        <select value={wanted} onChange={({ target }) => setCount(Number(target.value))}>
          {counts.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label className={styles.which}>
        <Trans>Where</Trans>
        <select value={type.id} onChange={({ target }) => setWhich(target.value)}>
          {types.map(({ id, name, price }) => (
            <option key={id} value={id}>
              {`${name} · ${format.money(price)}`}
            </option>
          ))}
        </select>
      </label>
      <Button look="quiet" type="submit">
        <Trans>Best seats together</Trans>
      </Button>
      <p role="status" className={styles.none}>
        {none && <Trans>So many are not free side by side there. Try fewer, or another part.</Trans>}
      </p>
    </form>
  );
}
