import type { Seats } from "./seats";

/**
 * So many free seats of a ticket type side by side, as good as there are: rather the middle of a row than its end, rather the
 * front than the back. Null where nowhere so many are together. Wheelchair places are left for those who need them.
 */
export function together(seats: Seats, type: string, count: number): number[] | null {
  let best: number[] | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const section of seats.sections) {
    if (!section.types.includes(type)) continue;
    const middle = (section.x0 + section.x1) / 2;
    const front = nearestRow(seats, section.first, section.last);
    for (const run of runs(seats, section.first, section.last)) {
      for (let at = 0; at + count <= run.length; at++) {
        const found = run.slice(at, at + count);
        // A single seat that is left over is of use to nobody.
        const strands = at === 1 || run.length - at - count === 1;
        const aside = mean(found.map((seat) => Math.abs((seats.x[seat] ?? 0) - middle)));
        const behind = Math.abs(mean(found.map((seat) => seats.y[seat] ?? 0)) - front);
        const restricted = found.filter((seat) => seats.restricted.has(seat)).length;
        const worse = aside + 0.7 * behind + seats.pitch * ((strands ? 6 : 0) + 30 * restricted);
        if (worse < least) {
          least = worse;
          best = found;
        }
      }
    }
  }
  return best;
}

/** The free seat that is nearest to one that was lost and sold as that is; -1 where there is none. */
export function nearest(seats: Seats, lost: number): number {
  const [type] = seats.typesOf(lost);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let seat = 0; seat < seats.keys.length; seat++) {
    if (!seats.isFree(seat) || seats.chosen.has(seat) || seats.accessible.has(seat) !== seats.accessible.has(lost)) continue;
    if (type === undefined || !seats.typesOf(seat).includes(type)) continue;
    const far = Math.hypot((seats.x[seat] ?? 0) - (seats.x[lost] ?? 0), (seats.y[seat] ?? 0) - (seats.y[lost] ?? 0));
    if (far < least) {
      least = far;
      best = seat;
    }
  }
  return best;
}

/** Free neighbours, row by row. */
function* runs(seats: Seats, first: number, last: number): Generator<number[]> {
  let run: number[] = [];
  for (let seat = first; seat < last; seat++) {
    const before = run.at(-1);
    const gap =
      before === undefined ? 0 : Math.hypot((seats.x[seat] ?? 0) - (seats.x[before] ?? 0), (seats.y[seat] ?? 0) - (seats.y[before] ?? 0));
    const ends = before !== undefined && (seats.rows[before] !== seats.rows[seat] || gap > seats.pitch * 1.6);
    if (ends || !seats.isFree(seat) || seats.accessible.has(seat)) {
      if (run.length) yield run;
      run = [];
    }
    if (seats.isFree(seat) && !seats.accessible.has(seat)) run.push(seat);
  }
  if (run.length) yield run;
}

/** Where the row is that a section begins with: plans list rows from front to back. */
function nearestRow(seats: Seats, first: number, last: number): number {
  const ys: number[] = [];
  for (let seat = first; seat < last && seats.rows[seat] === seats.rows[first]; seat++) ys.push(seats.y[seat] ?? 0);
  return mean(ys);
}

function mean(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0) / Math.max(1, values.length);
}
