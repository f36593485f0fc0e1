import { FREE, type Seats, type Section } from "./seats";
import { paintStage, type Stage, withStage } from "./stage";

/** Where the canvas looks: its left upper corner on the plan, and how many pixels a unit of the plan has. */
export type View = { x: number; y: number; k: number };
type Box = readonly [x: number, y: number, width: number, height: number];
type Painter = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A seat's radius, as a part of the distance between seats. */
const RADIUS = 0.42;
const TAKEN_RADIUS = 0.24;
/** Sections are kept as pictures at 2^n pixels between seats. */
const FINEST = 6;
const LARGEST_TILE = 4_000_000;
const MADE_IN_A_FRAME = 3;
/** From how many pixels between seats they are large enough to be hit, and to have their numbers. */
export const HITTABLE = 13;
const NUMBERED = 24;
const FLIGHT_MS = 260;

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

/**
 * Draws a seat map: a picture of each section, made once for each power of two of zoom and changed in place, so that a frame
 * copies a few dozen pictures, however many seats there are. Draws only when something has changed.
 */
export class Drawing {
  view: View = { x: 0, y: 0, k: 1 };
  /** The seat that the keyboard is at; -1 for none. */
  focus = -1;
  readonly #canvas: HTMLCanvasElement;
  readonly #painter: CanvasRenderingContext2D;
  readonly #seats: Seats;
  readonly #home: Box;
  readonly #colourOf: (type: string) => number;
  readonly #stage: Stage | null;
  readonly #stageName: string;
  readonly #tiles = new Map<string, OffscreenCanvas>();
  readonly #stop: () => void;
  #colours = new Map<string, string>();
  #frame = 0;
  #flight = 0;
  #width = 1;
  #height = 1;

  /** `colourOf` says which of the six colours a ticket type has. */
  constructor(
    canvas: HTMLCanvasElement,
    seats: Seats,
    room: { home: Box; stage: Stage | null; stageName: string },
    colourOf: (type: string) => number,
  ) {
    const painter = canvas.getContext("2d", { alpha: false });
    if (!painter) throw new Error("This browser draws nothing.");
    this.#canvas = canvas;
    this.#painter = painter;
    this.#seats = seats;
    this.#home = withStage(room.home, room.stage);
    this.#stage = room.stage;
    this.#stageName = room.stageName;
    this.#colourOf = colourOf;
    this.#stop = seats.onChange((changed) => {
      for (const seat of changed) this.#repaint(seat);
      this.ask();
    });
    this.readColours();
  }

  end(): void {
    this.#stop();
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#flight);
  }

  /** After the colours of the page have changed. They are registered as colours, so that light-dark() is resolved. */
  readColours(): void {
    const style = getComputedStyle(this.#canvas);
    for (const name of [...COLOURS, ...TYPES]) this.#colours.set(name, style.getPropertyValue(name).trim() || "#888");
    this.#tiles.clear();
    this.ask();
  }

  resize(width: number, height: number): void {
    const first = this.#width === 1;
    this.#width = width;
    this.#height = height;
    this.#canvas.width = Math.round(width * this.#ratio());
    this.#canvas.height = Math.round(height * this.#ratio());
    if (first) this.view = this.#fitting(this.#home);
    this.ask();
  }

  /** The whole map. */
  goHome(): void {
    this.#fly(this.#fitting(this.#home));
  }

  goTo(section: Section): void {
    this.#fly(this.#fitting([section.x0, section.y0, section.x1 - section.x0, section.y1 - section.y0]));
  }

  /** Nearer by this factor, or farther below 1, around a point of the canvas; around its middle where none is named. */
  zoom(factor: number, x = this.#width / 2, y = this.#height / 2, at = false): void {
    const { view } = this;
    const k = this.#allowed(view.k * factor);
    const next = { k, x: view.x + x / view.k - x / k, y: view.y + y / view.k - y / k };
    if (at) this.#set(next);
    else this.#fly(next);
  }

  pan(dx: number, dy: number): void {
    const { view } = this;
    this.#set({ k: view.k, x: view.x - dx / view.k, y: view.y - dy / view.k });
  }

  /** Makes sure that a seat is in sight, and large enough to be seen. */
  show(seat: number): void {
    const k = Math.max(this.view.k, this.#allowed((NUMBERED + 2) / this.#seats.pitch));
    const [x, y] = [this.#x(seat), this.#y(seat)];
    const inside = (at: number, from: number, size: number) => at > from + size * 0.12 && at < from + size * 0.88;
    const { view } = this;
    const seen = inside(x, view.x, this.#width / k) && inside(y, view.y, this.#height / k);
    if (k === view.k && seen) this.ask();
    else this.#fly({ k, x: x - this.#width / k / 2, y: y - this.#height / k / 2 });
  }

  /** Whether seats are large enough to be chosen by pointing at them. */
  isHittable(): boolean {
    return this.view.k * this.#seats.pitch >= HITTABLE;
  }

  /** A point of the canvas as a point of the plan. */
  onPlan(x: number, y: number): [number, number] {
    return [this.view.x + x / this.view.k, this.view.y + y / this.view.k];
  }

  /** A seat's place on the canvas. */
  placeOf(seat: number): [number, number] {
    return [(this.#x(seat) - this.view.x) * this.view.k, (this.#y(seat) - this.view.y) * this.view.k];
  }

  /** Draws at the next frame. */
  ask(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const painter = this.#painter;
    const ratio = this.#ratio();
    const { x, y } = this.view;
    const k = this.view.k * ratio;
    const pitch = k * this.#seats.pitch;
    const level = Math.max(0, Math.min(FINEST, Math.ceil(Math.log2(pitch))));
    painter.fillStyle = this.#colour("--map-ground");
    painter.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    painter.imageSmoothingQuality = "high";
    let made = 0;
    let more = false;
    const inSight = this.#seats.sections.filter(
      (s) => s.x1 > x && s.y1 > y && s.x0 < x + this.#width / this.view.k && s.y0 < y + this.#height / this.view.k,
    );
    for (const section of inSight) {
      this.#ground(section, x, y, k);
      if (section.first === section.last) continue;
      const fit = levelFor(section, level, this.#seats.pitch);
      let tile = this.#tiles.get(`${section.key}/${fit}`);
      if (!tile && made < MADE_IN_A_FRAME) {
        tile = this.#make(section, fit);
        made++;
      }
      more ||= !tile;
      tile ??= this.#anyOf(section);
      const [width, height] = [(section.x1 - section.x0) * k, (section.y1 - section.y0) * k];
      if (tile) painter.drawImage(tile, (section.x0 - x) * k, (section.y0 - y) * k, width, height);
    }
    this.#paintStage(x, y, k, ratio);
    if (pitch / ratio >= NUMBERED) for (const section of inSight) this.#number(section, x, y, k);
    for (const seat of this.#seats.chosen.keys()) this.#tick(seat, x, y, k);
    if (this.#seats.keys[this.focus] !== undefined) this.#ring(this.focus, x, y, k, ratio);
    if (pitch / ratio < HITTABLE) for (const section of inSight) this.#name(section, x, y, k, ratio);
    if (more) this.ask();
  }

  #paintStage(x: number, y: number, k: number, ratio: number): void {
    if (!this.#stage) return;
    const font = getComputedStyle(this.#canvas).fontFamily;
    const look = { ground: this.#colour("--map-stage"), words: this.#colour("--map-stage-words"), font, name: this.#stageName, ratio };
    paintStage(this.#painter, this.#stage, { x, y, k }, look);
  }

  #ground(section: Section, x: number, y: number, k: number): void {
    const painter = this.#painter;
    painter.fillStyle = this.#colour("--map-section");
    painter.beginPath();
    if (section.outline.length) {
      for (const [px, py] of section.outline) painter.lineTo((px - x) * k, (py - y) * k);
      painter.closePath();
      painter.fill();
    }
  }

  #make(section: Section, level: number): OffscreenCanvas {
    const z = 2 ** level / this.#seats.pitch;
    const tile = new OffscreenCanvas(
      Math.max(1, Math.ceil((section.x1 - section.x0) * z)),
      Math.max(1, Math.ceil((section.y1 - section.y0) * z)),
    );
    const painter = tile.getContext("2d");
    if (painter) for (let seat = section.first; seat < section.last; seat++) this.#seat(painter, section, seat, z);
    this.#tiles.set(`${section.key}/${level}`, tile);
    return tile;
  }

  /** Not by colour alone: what is taken is smaller, what is fit for a wheelchair is a square. */
  #seat(painter: Painter, section: Section, seat: number, z: number): void {
    const cx = (this.#x(seat) - section.x0) * z;
    const cy = (this.#y(seat) - section.y0) * z;
    const around = this.#seats.pitch * z * 0.5;
    painter.clearRect(cx - around, cy - around, around * 2, around * 2);
    const free = this.#seats.status(seat) === FREE;
    const r = this.#seats.pitch * z * (free ? RADIUS : TAKEN_RADIUS);
    painter.fillStyle = free ? this.#typeColour(this.#seats.typesOf(seat)[0]) : this.#colour("--seat-taken");
    painter.beginPath();
    if (this.#seats.accessible.has(seat)) painter.rect(cx - r * 0.9, cy - r * 0.9, r * 1.8, r * 1.8);
    else painter.arc(cx, cy, r, 0, 7);
    painter.fill();
    if (free && this.#seats.restricted.has(seat)) {
      // A hole in it: something is in the way.
      painter.globalCompositeOperation = "destination-out";
      painter.beginPath();
      painter.arc(cx, cy, r * 0.5, 0, 7);
      painter.fill();
      painter.globalCompositeOperation = "source-over";
    }
  }

  #repaint(seat: number): void {
    const section = this.#seats.sectionOf(seat);
    if (!section) return;
    for (let level = 0; level <= FINEST; level++) {
      const painter = this.#tiles.get(`${section.key}/${level}`)?.getContext("2d");
      if (painter) this.#seat(painter, section, seat, 2 ** level / this.#seats.pitch);
    }
  }

  #number(section: Section, x: number, y: number, k: number): void {
    const painter = this.#painter;
    painter.font = `600 ${Math.round(this.#seats.pitch * k * 0.34)}px ${getComputedStyle(this.#canvas).fontFamily}`;
    painter.textAlign = "center";
    painter.textBaseline = "middle";
    for (let seat = section.first; seat < section.last; seat++) {
      const [cx, cy] = [(this.#x(seat) - x) * k, (this.#y(seat) - y) * k];
      if (cx < 0 || cy < 0 || cx > this.#canvas.width || cy > this.#canvas.height) continue;
      painter.fillStyle = this.#colour(this.#seats.restricted.has(seat) ? "--map-words" : "--seat-tick");
      if (this.#seats.status(seat) === FREE) painter.fillText(this.#seats.numbers[seat] ?? "", cx, cy);
      if (seat > section.first && this.#seats.rows[seat] === this.#seats.rows[seat - 1]) continue;
      painter.fillStyle = this.#colour("--map-words");
      painter.fillText(this.#seats.rows[seat] ?? "", cx - this.#seats.pitch * k, cy);
    }
  }

  #tick(seat: number, x: number, y: number, k: number): void {
    const painter = this.#painter;
    const [cx, cy] = [(this.#x(seat) - x) * k, (this.#y(seat) - y) * k];
    const r = Math.max(5 * this.#ratio(), this.#seats.pitch * k * 0.5);
    painter.fillStyle = this.#colour("--seat-chosen");
    painter.beginPath();
    painter.arc(cx, cy, r, 0, 7);
    painter.fill();
    painter.strokeStyle = this.#colour("--seat-tick");
    painter.lineWidth = Math.max(1.5, r * 0.24);
    painter.beginPath();
    painter.moveTo(cx - r * 0.45, cy + r * 0.02);
    painter.lineTo(cx - r * 0.1, cy + r * 0.38);
    painter.lineTo(cx + r * 0.48, cy - r * 0.36);
    painter.stroke();
  }

  #ring(seat: number, x: number, y: number, k: number, ratio: number): void {
    const painter = this.#painter;
    painter.strokeStyle = this.#colour("--map-words");
    painter.lineWidth = 3 * ratio;
    painter.beginPath();
    painter.arc((this.#x(seat) - x) * k, (this.#y(seat) - y) * k, this.#seats.pitch * k * 0.5 + 4 * ratio, 0, 7);
    painter.stroke();
  }

  #name(section: Section, x: number, y: number, k: number, ratio: number): void {
    const painter = this.#painter;
    const width = (section.x1 - section.x0) * k;
    const size = Math.min(15, Math.max(10, width / ratio / 6)) * ratio;
    painter.font = `700 ${size}px ${getComputedStyle(this.#canvas).fontFamily}`;
    const fits = (words: string) => painter.measureText(words).width + size < width;
    // A hundred small sections are told apart by what is last in their names.
    const words = [section.name, section.name.split(" ").at(-1) ?? ""].find(fits);
    if (!words || width < 28 * ratio) return;
    const [cx, cy] = [((section.x0 + section.x1) / 2 - x) * k, ((section.y0 + section.y1) / 2 - y) * k];
    const wide = painter.measureText(words).width + size * 0.9;
    painter.fillStyle = this.#colour("--map-ground");
    painter.globalAlpha = 0.86;
    painter.beginPath();
    painter.roundRect(cx - wide / 2, cy - size * 0.8, wide, size * 1.6, size * 0.5);
    painter.fill();
    painter.globalAlpha = 1;
    painter.fillStyle = this.#colour("--map-words");
    painter.textAlign = "center";
    painter.textBaseline = "middle";
    painter.fillText(words, cx, cy);
  }

  #anyOf(section: Section): OffscreenCanvas | undefined {
    for (let level = FINEST; level >= 0; level--) {
      const tile = this.#tiles.get(`${section.key}/${level}`);
      if (tile) return tile;
    }
    return undefined;
  }

  #fitting([x, y, width, height]: Box): View {
    const margin = 1.06;
    const k = this.#allowed(Math.min(this.#width / (width * margin), this.#height / (height * margin)));
    return { k, x: x + width / 2 - this.#width / k / 2, y: y + height / 2 - this.#height / k / 2 };
  }

  #allowed(k: number): number {
    const [, , width, height] = this.#home;
    const least = Math.min(this.#width / width, this.#height / height) * 0.6;
    return Math.max(least, Math.min(k, (2 ** FINEST / this.#seats.pitch) * 1.2));
  }

  #fly(to: View): void {
    cancelAnimationFrame(this.#flight);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.#set(to);
      return;
    }
    const from = this.view;
    const began = performance.now();
    const step = (now: number) => {
      const part = Math.min(1, (now - began) / FLIGHT_MS);
      const eased = 1 - (1 - part) ** 3;
      const k = from.k * (to.k / from.k) ** eased;
      // The middle goes straight while the zoom goes by factors.
      const middle = (view: View): [number, number] => [view.x + this.#width / view.k / 2, view.y + this.#height / view.k / 2];
      const [[fx, fy], [tx, ty]] = [middle(from), middle(to)];
      const way = to.k === from.k ? eased : (1 / from.k - 1 / k) / (1 / from.k - 1 / to.k);
      const [mx, my] = [fx + (tx - fx) * way, fy + (ty - fy) * way];
      this.#set({ k, x: mx - this.#width / k / 2, y: my - this.#height / k / 2 });
      if (part < 1) this.#flight = requestAnimationFrame(step);
    };
    this.#flight = requestAnimationFrame(step);
  }

  #set(view: View): void {
    this.view = view;
    this.ask();
  }

  #ratio(): number {
    return Math.min(devicePixelRatio || 1, 2);
  }

  #x(seat: number): number {
    return this.#seats.x[seat] ?? 0;
  }

  #y(seat: number): number {
    return this.#seats.y[seat] ?? 0;
  }

  #colour(name: (typeof COLOURS)[number] | (typeof TYPES)[number]): string {
    return this.#colours.get(name) ?? "#888";
  }

  #typeColour(type: string | undefined): string {
    const name = type === undefined ? undefined : TYPES[this.#colourOf(type) % TYPES.length];
    return this.#colour(name ?? "--seat-taken");
  }
}

/** The finest picture that is asked for and not too large. */
function levelFor(section: Section, level: number, pitch: number): number {
  const area = ((section.x1 - section.x0) / pitch) * ((section.y1 - section.y0) / pitch);
  let fit = level;
  while (fit > 0 && area * 4 ** fit > LARGEST_TILE) fit--;
  return fit;
}
