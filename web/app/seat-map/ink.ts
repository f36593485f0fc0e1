import { FREE, type Seats, type Section } from "./seats";

export type Painter = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
/** What stands on a section while its seats are too small: how it is called, and what it costs and has left. */
export type SectionWords = { name: string; more: string | null };

/** A seat's radius, as a part of the distance between seats. */
const RADIUS = 0.42;
const TAKEN_RADIUS = 0.24;
/** How much is seen of what is not looked for. */
const PALE = 0.2;
/** As many widths are kept. */
const MOST_WIDTHS = 4_000;

/** Colours of seats and ground, by the names of their custom properties. Those of types come after the others. */
const COLOURS = [
  "--seat-taken",
  "--seat-chosen",
  "--seat-tick",
  "--map-ground",
  "--map-section",
  "--map-words",
  "--map-stage",
  "--map-stage-words",
] as const;
const TYPES = ["--seat-1", "--seat-2", "--seat-3", "--seat-4", "--seat-5", "--seat-6"] as const;

/** The colours and the typeface of the page, as a canvas takes them. */
export class Inks {
  font = "sans-serif";
  readonly #colours = new Map<string, string>();
  readonly #widths = new Map<string, number>();

  /** They are registered as colours, so that light-dark() is resolved. */
  read(canvas: HTMLCanvasElement): void {
    const style = getComputedStyle(canvas);
    this.font = style.fontFamily;
    this.#widths.clear();
    for (const name of [...COLOURS, ...TYPES]) this.#colours.set(name, style.getPropertyValue(name).trim() || "#888");
  }

  of(name: (typeof COLOURS)[number] | (typeof TYPES)[number]): string {
    return this.#colours.get(name) ?? "#888";
  }

  /** How wide words are; measured once. */
  width(painter: Painter, text: string, weight: number, px: number): number {
    const name = `${weight} ${px} ${text}`;
    const known = this.#widths.get(name);
    if (known !== undefined) return known;
    painter.font = `${weight} ${px}px ${this.font}`;
    const { width } = painter.measureText(text);
    if (this.#widths.size > MOST_WIDTHS) this.#widths.clear();
    this.#widths.set(name, width);
    return width;
  }

  ofType(at: number | undefined): string {
    const name = at === undefined ? undefined : TYPES[at % TYPES.length];
    return this.of(name ?? "--seat-taken");
  }
}

/** Where the painter stands: a seat's place is taken from `x` and `y`, times `k` pixels. */
export type Place = { x: number; y: number; k: number };

/** Not by colour alone: what is taken is smaller, what is fit for a wheelchair is a square, a hole says that something is in the way. */
export function paintSeat(painter: Painter, seats: Seats, seat: number, place: Place, look: { colour: string; pale: boolean }): void {
  const [cx, cy] = at(seats, seat, place);
  const pitch = seats.pitch * place.k;
  const free = seats.status(seat) === FREE;
  const r = pitch * (free ? RADIUS : TAKEN_RADIUS);
  painter.clearRect(cx - pitch / 2, cy - pitch / 2, pitch, pitch);
  painter.fillStyle = look.colour;
  painter.globalAlpha = look.pale ? PALE : 1;
  painter.beginPath();
  if (seats.accessible.has(seat)) painter.rect(cx - r * 0.9, cy - r * 0.9, r * 1.8, r * 1.8);
  else painter.arc(cx, cy, r, 0, 7);
  painter.fill();
  painter.globalAlpha = 1;
  if (free && seats.restricted.has(seat)) {
    painter.globalCompositeOperation = "destination-out";
    painter.beginPath();
    painter.arc(cx, cy, r * 0.5, 0, 7);
    painter.fill();
    painter.globalCompositeOperation = "source-over";
  }
}

/** What is left of a seat that has just been taken. */
export function paintFading(painter: Painter, seats: Seats, seat: number, place: Place, colour: string, left: number): void {
  const [cx, cy] = at(seats, seat, place);
  painter.fillStyle = colour;
  painter.globalAlpha = left;
  painter.beginPath();
  painter.arc(cx, cy, seats.pitch * place.k * RADIUS * (0.6 + left * 0.7), 0, 7);
  painter.fill();
  painter.globalAlpha = 1;
}

/** Numbers on free seats, and each row's label beside its first. */
export function paintNumbers(painter: CanvasRenderingContext2D, seats: Seats, section: Section, place: Place, inks: Inks): void {
  const { width, height } = painter.canvas;
  const pitch = seats.pitch * place.k;
  painter.font = `600 ${Math.round(pitch * 0.34)}px ${inks.font}`;
  painter.textAlign = "center";
  painter.textBaseline = "middle";
  for (let seat = section.first; seat < section.last; seat++) {
    const [cx, cy] = at(seats, seat, place);
    if (cx < -pitch || cy < -pitch || cx > width + pitch || cy > height + pitch) continue;
    painter.fillStyle = inks.of(seats.restricted.has(seat) ? "--map-words" : "--seat-tick");
    if (seats.status(seat) === FREE) painter.fillText(seats.numbers[seat] ?? "", cx, cy);
    if (seat > section.first && seats.rows[seat] === seats.rows[seat - 1]) continue;
    painter.fillStyle = inks.of("--map-words");
    painter.fillText(seats.rows[seat] ?? "", cx - pitch, cy);
  }
}

export function paintTick(painter: Painter, seats: Seats, seat: number, place: Place, inks: Inks, ratio: number): void {
  const [cx, cy] = at(seats, seat, place);
  const r = Math.max(5 * ratio, seats.pitch * place.k * 0.5);
  painter.fillStyle = inks.of("--seat-chosen");
  painter.beginPath();
  painter.arc(cx, cy, r, 0, 7);
  painter.fill();
  painter.strokeStyle = inks.of("--seat-tick");
  painter.lineWidth = Math.max(1.5, r * 0.24);
  painter.beginPath();
  painter.moveTo(cx - r * 0.45, cy + r * 0.02);
  painter.lineTo(cx - r * 0.1, cy + r * 0.38);
  painter.lineTo(cx + r * 0.48, cy - r * 0.36);
  painter.stroke();
}

export function paintRing(painter: Painter, seats: Seats, seat: number, place: Place, inks: Inks, ratio: number): void {
  const [cx, cy] = at(seats, seat, place);
  painter.strokeStyle = inks.of("--map-words");
  painter.lineWidth = 3 * ratio;
  painter.beginPath();
  painter.arc(cx, cy, seats.pitch * place.k * 0.5 + 4 * ratio, 0, 7);
  painter.stroke();
}

/** The ground a section's seats stand on. */
export function paintGround(painter: Painter, section: Section, place: Place, inks: Inks): void {
  if (!section.outline.length) return;
  painter.fillStyle = inks.of("--map-section");
  painter.beginPath();
  for (const [x, y] of section.outline) painter.lineTo((x - place.x) * place.k, (y - place.y) * place.k);
  painter.closePath();
  painter.fill();
}

/** As much of a section's words as it has room for. */
export function paintWords(painter: Painter, section: Section, words: SectionWords, place: Place, inks: Inks, ratio: number): void {
  const { k } = place;
  const [width, height] = [(section.x1 - section.x0) * k, (section.y1 - section.y0) * k];
  if (width < 28 * ratio) return;
  // In whole pixels, so that a flight does not ask for letters of a hundred sizes.
  const size = Math.round(Math.min(15, Math.max(10, width / ratio / 6)) * ratio);
  const small = Math.round(Math.max(10 * ratio, size * 0.85));
  const measured = (text: string, weight: number, px: number) => inks.width(painter, text, weight, px);
  // A hundred small sections are told apart by what is last in their names.
  const name = [words.name, words.name.split(" ").at(-1) ?? ""].find((text) => measured(text, 700, size) + size < width);
  if (!name) return;
  const more = words.more && height > size * 3.4 && measured(words.more, 500, small) + size < width ? words.more : null;
  const wide = Math.max(measured(name, 700, size), more ? measured(more, 500, small) : 0) + size * 0.9;
  const high = size * (more ? 2.9 : 1.6);
  const [cx, cy] = [((section.x0 + section.x1) / 2 - place.x) * k, ((section.y0 + section.y1) / 2 - place.y) * k];
  painter.fillStyle = inks.of("--map-ground");
  painter.globalAlpha = 0.88;
  painter.beginPath();
  painter.roundRect(cx - wide / 2, cy - high / 2, wide, high, size * 0.5);
  painter.fill();
  painter.globalAlpha = 1;
  painter.fillStyle = inks.of("--map-words");
  painter.textAlign = "center";
  painter.textBaseline = "middle";
  painter.font = `700 ${size}px ${inks.font}`;
  painter.fillText(name, cx, more ? cy - size * 0.6 : cy);
  if (!more) return;
  painter.font = `500 ${small}px ${inks.font}`;
  painter.fillText(more, cx, cy + size * 0.65);
}

function at(seats: Seats, seat: number, { x, y, k }: Place): [number, number] {
  return [((seats.x[seat] ?? 0) - x) * k, ((seats.y[seat] ?? 0) - y) * k];
}
