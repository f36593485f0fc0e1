import { Trans, useLingui } from "@lingui/react/macro";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { SectionWords } from "./ink";
import styles from "./SeatList.module.css";
import type { Seats, Section } from "./seats";
import { useSeatChanges } from "./useSeatChanges";

type Row = readonly [label: string, seats: readonly number[]];

/** The same seats, a section at a time, as a grid of rows with one stop for the tabulator. */
export function SeatList(props: {
  seats: Seats;
  /** The seat at which somebody was before, or that was found for them. */
  shown: { seat: number } | null;
  /** The ticket types that are looked for; none means all. */
  only: ReadonlySet<string>;
  nameOf: (seat: number) => string;
  colourOf: (type: string) => number;
  wordsOf: (section: Section) => SectionWords;
  onPick: (seat: number) => void;
  /** Somebody has come to another seat; -1 where they have left for another section. */
  onMove: (seat: number) => void;
  /** What stands beside the choice of a section. */
  beside?: (section: Section) => ReactNode;
}) {
  const { seats, shown, only, nameOf, colourOf, wordsOf, onPick, onMove, beside } = props;
  const { t } = useLingui();
  useSeatChanges(seats);
  const [freeOnly, setFreeOnly] = useState(false);
  const seated = seats.sections.filter(
    ({ first, last, types }) => last > first && (only.size === 0 || types.some((type) => only.has(type))),
  );
  const [key, setKey] = useState(() => seats.sectionOf(shown?.seat ?? -1)?.key ?? "");
  const section = seated.find((section) => section.key === key) ?? seated.find(({ available }) => available !== 0) ?? seated[0];
  const isOpen = (seat: number) => seats.chosen.has(seat) || seats.isFree(seat);
  const rows = section ? rowsOf(seats, section, (seat) => !freeOnly || isOpen(seat)) : [];
  const [at, setAt] = useState(shown?.seat ?? -1);
  useEffect(() => {
    if (!shown) return;
    setKey(seats.sectionOf(shown.seat)?.key ?? "");
    setAt(shown.seat);
  }, [shown, seats]);
  const stop = rows.some(([, line]) => line.includes(at)) ? at : rows[0]?.[1][0];
  const grid = useRef<HTMLTableElement>(null);
  const byKey = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the arrows
  useEffect(() => {
    const cell = grid.current?.querySelector<HTMLElement>('[tabindex="0"]');
    if (byKey.current) cell?.focus();
    else if (at >= 0 && at === shown?.seat) cell?.scrollIntoView({ block: "nearest", inline: "center" });
    byKey.current = false;
  }, [at]);
  const go = (seat: number | undefined) => {
    if (seat === undefined) return;
    setAt(seat);
    onMove(seat);
  };
  const turnTo = (section: string) => {
    setKey(section);
    setAt(-1);
    onMove(-1);
  };
  const press = (event: KeyboardEvent) => {
    const next = step(rows, stop, event.key);
    if (next === null) return;
    event.preventDefault();
    byKey.current = true;
    go(next);
  };
  return (
    <div className={styles.list}>
      <div className={styles.top}>
        <label className={styles.section}>
          <span>{t`Section`}</span>
          <select value={section?.key ?? ""} onChange={({ target }) => turnTo(target.value)}>
            {seated.map((section) => {
              const { name, more } = wordsOf(section);
              return (
                <option key={section.key} value={section.key}>
                  {more ? `${name} · ${more}` : name}
                </option>
              );
            })}
          </select>
        </label>
        <label className={styles.free}>
          <input type="checkbox" checked={freeOnly} onChange={({ target }) => setFreeOnly(target.checked)} />
          <Trans>Free seats only</Trans>
        </label>
        {section && beside?.(section)}
      </div>
      {rows.length === 0 ? (
        <p>
          <Trans>No seat is free here. Try another section.</Trans>
        </p>
      ) : (
        <div className={styles.scroll}>
          {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of a grid, on the table it is */}
          <table ref={grid} role="grid" aria-label={t`Seats of ${section?.name ?? ""}`} aria-multiselectable="true" onKeyDown={press}>
            <tbody>
              {rows.map(([label, line]) => (
                <tr key={label}>
                  <th scope="row">
                    <span className="aside">{t`Row`} </span>
                    {label}
                  </th>
                  <td role="presentation">
                    <div role="presentation" className={styles.row}>
                      {line.map((seat) => (
                        // biome-ignore lint/a11y/useSemanticElements: a cell that is pressed
                        <button
                          key={seat}
                          type="button"
                          role="gridcell"
                          className={styles.seat}
                          tabIndex={seat === stop ? 0 : -1}
                          aria-selected={seats.chosen.has(seat)}
                          aria-disabled={!isOpen(seat)}
                          aria-label={nameOf(seat)}
                          style={{ "--type": `var(--seat-${(colourOf(seats.typesOf(seat)[0] ?? "") % 6) + 1})` } as CSSProperties}
                          data-kind={seats.accessible.has(seat) ? "accessible" : seats.restricted.has(seat) ? "restricted" : undefined}
                          onClick={() => {
                            go(seat);
                            if (isOpen(seat)) onPick(seat);
                          }}
                        >
                          {seats.numbers[seat]}
                        </button>
                      ))}
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

/** A section's rows with the seats that are to be shown; none without any. */
function rowsOf(seats: Seats, { first, last }: Section, isShown: (seat: number) => boolean): Row[] {
  const found = new Map<string, number[]>();
  for (let seat = first; seat < last; seat++) {
    if (!isShown(seat)) continue;
    const label = seats.rows[seat] ?? "";
    const row = found.get(label);
    if (row) row.push(seat);
    else found.set(label, [seat]);
  }
  return [...found];
}

/** Where a key leads from a seat; null for keys that lead nowhere. */
function step(rows: readonly Row[], seat: number | undefined, key: string): number | null {
  const r = rows.findIndex(([, line]) => seat !== undefined && line.includes(seat));
  const line = rows[r]?.[1] ?? [];
  const c = line.indexOf(seat ?? -1);
  const beside = (row: number) => rows[row]?.[1][Math.min(c, (rows[row]?.[1].length ?? 1) - 1)];
  const steps: Record<string, number | undefined> = {
    ArrowRight: line[c + 1] ?? seat,
    ArrowLeft: line[c - 1] ?? seat,
    ArrowDown: beside(r + 1) ?? seat,
    ArrowUp: beside(r - 1) ?? seat,
    Home: line[0],
    End: line.at(-1),
  };
  return steps[key] ?? null;
}
