import { Trans, useLingui } from "@lingui/react/macro";
import type { Seats } from "../seat-map/seats";
import { useFormats } from "../words/useFormats";
import styles from "./Legend.module.css";
import type { ShownType } from "./queries";

/** What the colours and shapes of seats mean. A price that is pressed stands out, on the map and in the list. */
export function Legend(props: {
  seats: Seats;
  types: ShownType[];
  only: ReadonlySet<string>;
  onOnly: (only: ReadonlySet<string>) => void;
  colourOf: (type: string) => number;
}) {
  const { seats, types, only, onOnly, colourOf } = props;
  const { t } = useLingui();
  const format = useFormats();
  const press = (id: string) => {
    const next = new Set(only);
    if (!next.delete(id)) next.add(id);
    // All of them is no choice among them.
    onOnly(next.size === types.length ? new Set() : next);
  };
  return (
    <div className={styles.legend}>
      {/* biome-ignore lint/a11y/useSemanticElements: a row of switches, not a part of a form */}
      <div className={styles.prices} role="group" aria-label={t`Show these prices only`}>
        {types.map((type) => (
          <button key={type.id} type="button" aria-pressed={only.has(type.id)} disabled={types.length < 2} onClick={() => press(type.id)}>
            <span className={styles.dot} style={{ background: `var(--seat-${(colourOf(type.id) % 6) + 1})` }} />
            <span>
              {type.name} <strong className="numbers">{format.money(type.price)}</strong>
            </span>
          </button>
        ))}
      </div>
      <ul className={styles.shapes}>
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
    </div>
  );
}
