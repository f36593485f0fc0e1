import { useLingui } from "@lingui/react/macro";
import { type CSSProperties, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import styles from "./SeatList.module.css";
import type { Seats, Section } from "./seats";
import { useSeatChanges } from "./useSeatChanges";

/** The same seats, a section at a time, as a grid of rows with one stop for the tabulator. */
export function SeatList(props: {
  seats: Seats;
  nameOf: (seat: number) => string;
  colourOf: (type: string) => number;
  fromOf: (section: Section) => string | null;
  onPick: (seat: number) => void;
}) {
  const { seats, nameOf, colourOf, fromOf, onPick } = props;
  const { t } = useLingui();
  useSeatChanges(seats);
  const seated = seats.sections.filter(({ first, last }) => last > first);
  const [key, setKey] = useState(() => (seated.find(({ available }) => available !== 0) ?? seated[0])?.key ?? "");
  const section = seated.find((section) => section.key === key);
  const rows = useMemo(() => {
    const found = new Map<string, number[]>();
    for (let seat = section?.first ?? 0; seat < (section?.last ?? 0); seat++) {
      const label = seats.rows[seat] ?? "";
      const row = found.get(label);
      if (row) row.push(seat);
      else found.set(label, [seat]);
    }
    return [...found];
  }, [seats, section]);
  const [at, setAt] = useState({ row: 0, column: 0 });
  const grid = useRef<HTMLTableElement>(null);
  const byKey = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the arrows
  useEffect(() => {
    if (byKey.current) grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    byKey.current = false;
  }, [at]);
  const press = (event: KeyboardEvent) => {
    const end = (rows[at.row]?.[1].length ?? 1) - 1;
    const steps: Record<string, [number, number]> = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      Home: [0, -end],
      End: [0, end],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    byKey.current = true;
    const row = Math.max(0, Math.min(rows.length - 1, at.row + step[0]));
    const last = (rows[row]?.[1].length ?? 1) - 1;
    setAt({ row, column: Math.max(0, Math.min(last, at.column + step[1])) });
  };
  return (
    <div className={styles.list}>
      <label className={styles.section}>
        <span>{t`Section`}</span>
        <select
          value={key}
          onChange={(event) => {
            setKey(event.target.value);
            setAt({ row: 0, column: 0 });
          }}
        >
          {seated.map((section) => {
            const { name, available } = section;
            const words = [name];
            const from = fromOf(section);
            if (from) words.push(from);
            if (available !== null) words.push(available === 0 ? t`sold out` : t`${available} left`);
            return (
              <option key={section.key} value={section.key}>
                {words.join(" · ")}
              </option>
            );
          })}
        </select>
      </label>
      <div className={styles.scroll}>
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of a grid, on the table it is */}
        <table ref={grid} role="grid" aria-label={t`Seats of ${section?.name ?? ""}`} aria-multiselectable="true" onKeyDown={press}>
          <tbody>
            {rows.map(([label, line], r) => (
              <tr key={label}>
                <th scope="row">
                  <span className="aside">{t`Row`} </span>
                  {label}
                </th>
                <td role="presentation">
                  <div role="presentation" className={styles.row}>
                    {line.map((seat, c) => {
                      const chosen = seats.chosen.has(seat);
                      const open = chosen || seats.isFree(seat);
                      return (
                        // biome-ignore lint/a11y/useSemanticElements: a cell that is pressed
                        <button
                          key={seat}
                          type="button"
                          role="gridcell"
                          className={styles.seat}
                          tabIndex={r === at.row && c === at.column ? 0 : -1}
                          aria-selected={chosen}
                          aria-disabled={!open}
                          aria-label={nameOf(seat)}
                          style={{ "--type": `var(--seat-${(colourOf(seats.typesOf(seat)[0] ?? "") % 6) + 1})` } as CSSProperties}
                          data-kind={seats.accessible.has(seat) ? "accessible" : undefined}
                          onClick={() => {
                            setAt({ row: r, column: c });
                            if (open) onPick(seat);
                          }}
                        >
                          {seats.numbers[seat]}
                        </button>
                      );
                    })}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
