import { useLingui } from "@lingui/react/macro";
import type { Bucket } from "./facets";
import styles from "./Home.module.css";

/** As many are offered. */
const MOST = 10;

/** Keywords of what was found; one or several of them may be pressed. */
export function Keywords({ chosen, found, onChange }: { chosen: string[]; found: Bucket[]; onChange: (tags: string[]) => void }) {
  const { t } = useLingui();
  const others = found.filter(({ value }) => !chosen.includes(value)).slice(0, MOST);
  if (chosen.length + others.length === 0) return null;
  const offered = [
    ...chosen.map((value) => found.find((bucket) => bucket.value === value) ?? { value, label: value, count: null }),
    ...others,
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of switches, not a part of a form
    <div className={`${styles.categories} ${styles.keywords}`} role="group" aria-label={t`Keywords`}>
      {offered.map(({ value, label, count }) => {
        const pressed = chosen.includes(value);
        return (
          <button
            key={value}
            type="button"
            aria-pressed={pressed}
            onClick={() => onChange(pressed ? chosen.filter((one) => one !== value) : [...chosen, value])}
          >
            {`#${label}`}
            {!pressed && count !== null && <span className={styles.number}>{count}</span>}
          </button>
        );
      })}
    </div>
  );
}
