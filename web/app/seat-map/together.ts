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

/**
 * For each seat that was lost the free one that is nearest to it and as good: sold as the same, fit for the same people, with
 * as much to see. Where there is none, nothing.
 */
export function instead(seats: Seats, lost: readonly number[]): number[] {
  const found: number[] = [];
  for (const gone of lost) {
    const [type] = seats.typesOf(gone);
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let seat = 0; seat < seats.keys.length; seat++) {
      if (!isOpen(seats, seat) || found.includes(seat) || seats.accessible.has(seat) !== seats.accessible.has(gone)) continue;
      if (type === undefined || !seats.typesOf(seat).includes(type)) continue;
      if (seats.restricted.has(seat) && !seats.restricted.has(gone)) continue;
      const far = Math.hypot((seats.x[seat] ?? 0) - (seats.x[gone] ?? 0), (seats.y[seat] ?? 0) - (seats.y[gone] ?? 0));
      if (far < least) {
        least = far;
        best = seat;
      }
    }
    if (best >= 0) found.push(best);
  }
  return found;
}

/** Seats that a choice leaves alone between what is taken: whoever comes in company takes none of them. */
export function leftAlone(seats: Seats): number[] {
  const alone = new Set<number>();
  for (const chosen of seats.chosen.keys()) {
    for (const seat of [chosen - 1, chosen + 1]) {
      if (!seats.areNeighbours(chosen, seat) || !isOpen(seats, seat) || seats.accessible.has(seat)) continue;
      const beside = [seat - 1, seat + 1].filter((other) => seats.areNeighbours(seat, other));
      if (beside.every((other) => !isOpen(seats, other))) alone.add(seat);
    }
  }
  return [...alone].sort((one, other) => one - other);
}

function isOpen(seats: Seats, seat: number): boolean {
  return seats.isFree(seat) && !seats.chosen.has(seat);
}

/** Free neighbours, row by row. */
function* runs(seats: Seats, first: number, last: number): Generator<number[]> {
  let run: number[] = [];
  for (let seat = first; seat < last; seat++) {
    const before = run.at(-1);
    const ends = before !== undefined && !seats.areNeighbours(before, seat);
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
