import type { ReadSeatMapQuery, SeatStatus } from "../graph/generated/graphql";
import type { Plan } from "./plan";

export type SeatMapNow = NonNullable<NonNullable<ReadSeatMapQuery["event"]>["seatMap"]>;
export type Change = {
  previousVersion: number;
  version: number;
  changes: readonly { key: string; status: SeatStatus }[];
  sections: readonly { key: string; available?: number | null }[];
};
export type Section = {
  key: string;
  name: string;
  /** The section's seats are those from `first` up to `last`, without it. */
  first: number;
  last: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  outline: readonly [number, number][];
  /** The ticket types its seats are sold by, in the order of the graph. */
  types: readonly string[];
  available: number | null;
};

export const FREE = 0;
export const HELD = 1;
export const SOLD = 2;
export const BLOCKED = 3;
const CODES: Record<SeatStatus, number> = { AVAILABLE: FREE, HELD, SOLD, BLOCKED };
const LETTERS: Record<string, number> = { a: FREE, h: HELD, s: SOLD, b: BLOCKED };

/** What came of a change: a gap means that something was missed. */
export type Applied = "applied" | "old" | "gap";

/**
 * All seats of a map in flat arrays: what drawing, hits and the list read. Components hear of changes by `onChange`; twenty
 * thousand seats are no state of theirs.
 */
export class Seats {
  version: number;
  /** How far seats stand from each other, in the plan's units. */
  readonly pitch: number;
  readonly sections: Section[] = [];
  readonly keys: string[] = [];
  readonly rows: string[] = [];
  readonly numbers: string[] = [];
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly accessible = new Set<number>();
  readonly restricted = new Set<number>();
  /** The seats the buyer has chosen, each with the ticket type that was chosen for it. */
  readonly chosen = new Map<number, string>();
  readonly #status: number[] = [];
  readonly #sectionAt: Section[] = [];
  readonly #index = new Map<string, number>();
  readonly #grid = new Map<string, number[]>();
  #opened: readonly { id: string; sections: readonly string[] }[] = [];
  readonly #listeners = new Set<(changed: readonly number[], lost: readonly number[]) => void>();

  constructor(plan: Plan, now: SeatMapNow) {
    this.version = now.version;
    this.pitch = pitchOf(plan);
    for (const drawn of plan.sections) {
      const first = this.keys.length;
      for (const row of drawn.rows ?? []) {
        const accessible = new Set(row.accessible);
        const restricted = new Set(row.restrictedView);
        row.labels.forEach((label, at) => {
          const seat = this.keys.push(row.keys?.[at] ?? `${drawn.key}-${row.label}-${label}`) - 1;
          this.#index.set(this.keys[seat] ?? "", seat);
          this.rows.push(row.label);
          this.numbers.push(label);
          this.x.push(row.x[at] ?? 0);
          this.y.push(row.y[at] ?? 0);
          this.#status.push(BLOCKED);
          if (accessible.has(at)) this.accessible.add(seat);
          if (restricted.has(at)) this.restricted.add(seat);
          const cell = this.#cell(row.x[at] ?? 0, row.y[at] ?? 0);
          const there = this.#grid.get(cell);
          if (there) there.push(seat);
          else this.#grid.set(cell, [seat]);
        });
      }
      const last = this.keys.length;
      const outline = drawn.outline ?? [];
      const xs = outline.length ? outline.map(([x]) => x) : this.x.slice(first, last);
      const ys = outline.length ? outline.map(([, y]) => y) : this.y.slice(first, last);
      const margin = this.pitch * 0.6;
      const bounds = { x0: least(xs) - margin, y0: least(ys) - margin, x1: most(xs) + margin, y1: most(ys) + margin };
      if (xs.length) {
        const section: Section = { key: drawn.key, name: drawn.name, first, last, ...bounds, outline, types: [], available: null };
        this.sections.push(section);
        for (let seat = first; seat < last; seat++) this.#sectionAt[seat] = section;
      }
    }
    this.read(now);
  }

  /** Takes the whole map as it is now: at first, and again when too much was missed. */
  read(now: SeatMapNow): void {
    const changed: number[] = [];
    for (const told of now.sections) {
      const section = this.sections.find(({ key }) => key === told.key);
      if (!section) continue;
      section.types = [...told.ticketTypes.map(({ id }) => id), ...this.#openedFor(told.key)];
      section.available = told.available ?? null;
      for (let seat = section.first; seat < section.last; seat++) {
        const status = LETTERS[told.statuses[seat - section.first] ?? "?"] ?? BLOCKED;
        if (this.#status[seat] !== status) {
          this.#status[seat] = status;
          changed.push(seat);
        }
      }
    }
    this.version = now.version;
    this.#tell(changed);
  }

  /** Takes a change: after a gap, ask for what was missed since `version`, or read the whole map again. */
  apply(change: Change): Applied {
    if (change.version <= this.version) return "old";
    if (change.previousVersion > this.version) return "gap";
    const changed: number[] = [];
    for (const { key, status } of change.changes) {
      const seat = this.#index.get(key);
      if (seat === undefined || this.#status[seat] === CODES[status]) continue;
      this.#status[seat] = CODES[status] ?? BLOCKED;
      changed.push(seat);
    }
    for (const { key, available } of change.sections) {
      const section = this.sections.find((section) => section.key === key);
      if (section) section.available = available ?? null;
    }
    this.version = change.version;
    this.#tell(changed);
    return "applied";
  }

  /** Sells seats by these ticket types, too: those that an access code has opened. */
  open(types: readonly { id: string; sections: readonly string[] }[]): void {
    this.#opened = types;
    const changed: number[] = [];
    for (const section of this.sections) {
      const more = this.#openedFor(section.key).filter((id) => !section.types.includes(id));
      if (more.length === 0) continue;
      section.types = [...section.types, ...more];
      for (let seat = section.first; seat < section.last; seat++) changed.push(seat);
    }
    if (changed.length > 0) this.#tell(changed);
  }

  #openedFor(key: string): string[] {
    return this.#opened.filter(({ sections }) => sections.length === 0 || sections.includes(key)).map(({ id }) => id);
  }

  status(seat: number): number {
    return this.#status[seat] ?? BLOCKED;
  }

  isFree(seat: number): boolean {
    return this.status(seat) === FREE && this.typesOf(seat).length > 0;
  }

  sectionOf(seat: number): Section | undefined {
    return this.#sectionAt[seat];
  }

  typesOf(seat: number): readonly string[] {
    return this.sectionOf(seat)?.types ?? [];
  }

  /** Chooses a free seat, or gives up one that was chosen. What is taken stays as it is. */
  toggle(seat: number): void {
    if (!this.chosen.delete(seat)) {
      const [type] = this.typesOf(seat);
      if (!this.isFree(seat) || type === undefined) return;
      this.chosen.set(seat, type);
    }
    this.#tell([seat]);
  }

  /** By which ticket type a chosen seat is to be sold. */
  choose(seat: number, type: string): void {
    if (!this.chosen.has(seat)) return;
    this.chosen.set(seat, type);
    this.#tell([seat]);
  }

  forget(): void {
    const all = [...this.chosen.keys()];
    this.chosen.clear();
    this.#tell(all);
  }

  /** The seat nearest to a point, no farther than `reach`; -1 where there is none. */
  at(x: number, y: number, reach: number): number {
    let best = -1;
    let nearest = reach * reach;
    const steps = Math.ceil(reach / this.#cellSize());
    for (let dy = -steps; dy <= steps; dy++) {
      for (let dx = -steps; dx <= steps; dx++) {
        for (const seat of this.#grid.get(this.#cell(x + dx * this.#cellSize(), y + dy * this.#cellSize())) ?? []) {
          const far = (this.#x(seat) - x) ** 2 + (this.#y(seat) - y) ** 2;
          if (far <= nearest) {
            nearest = far;
            best = seat;
          }
        }
      }
    }
    return best;
  }

  /** Whether two seats stand side by side in a row, with no aisle between them. */
  areNeighbours(one: number, other: number): boolean {
    if (this.rows[one] === undefined || this.rows[one] !== this.rows[other] || this.sectionOf(one) !== this.sectionOf(other)) return false;
    return Math.hypot(this.#x(one) - this.#x(other), this.#y(one) - this.#y(other)) <= this.pitch * 1.6;
  }

  /** The next seat in a direction, for arrow keys; the same seat where there is none. */
  beside(seat: number, dx: number, dy: number): number {
    let best = seat;
    let least = Number.POSITIVE_INFINITY;
    for (let other = 0; other < this.keys.length; other++) {
      const x = this.#x(other) - this.#x(seat);
      const y = this.#y(other) - this.#y(seat);
      const along = x * dx + y * dy;
      const aside = Math.abs(x * dy) + Math.abs(y * dx);
      // Within 45° of the direction, and rather straight on than near.
      if (along <= 0 || aside > along) continue;
      const far = along + 2 * aside;
      if (far < least) {
        least = far;
        best = other;
      }
    }
    return best;
  }

  /** Tells which seats have changed, and which of them the buyer had chosen and lost to others. */
  onChange(listener: (changed: readonly number[], lost: readonly number[]) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(changed: readonly number[]): void {
    const lost = changed.filter((seat) => this.chosen.has(seat) && this.status(seat) !== FREE);
    for (const seat of lost) this.chosen.delete(seat);
    for (const listener of this.#listeners) listener(changed, lost);
  }

  #x(seat: number): number {
    return this.x[seat] ?? 0;
  }

  #y(seat: number): number {
    return this.y[seat] ?? 0;
  }

  #cellSize(): number {
    return this.pitch * 1.5;
  }

  #cell(x: number, y: number): string {
    return `${Math.floor(x / this.#cellSize())} ${Math.floor(y / this.#cellSize())}`;
  }
}

function least(values: readonly number[]): number {
  return values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}

/** The middle one of the distances between neighbours. */
function pitchOf(plan: Plan): number {
  const gaps: number[] = [];
  for (const { rows } of plan.sections) {
    for (const row of rows ?? []) {
      for (let at = 1; at < row.x.length; at++) {
        gaps.push(Math.hypot((row.x[at] ?? 0) - (row.x[at - 1] ?? 0), (row.y[at] ?? 0) - (row.y[at - 1] ?? 0)));
      }
    }
  }
  gaps.sort((one, other) => one - other);
  return gaps[gaps.length >> 1] || 10;
}
