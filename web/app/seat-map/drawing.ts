import { type Box, Camera, isStill } from "./camera";
import { Inks, paintFading, paintGround, paintNumbers, paintRing, paintSeat, paintTick, paintWords, type SectionWords } from "./ink";
import { FREE, type Seats, type Section } from "./seats";
import { paintStage, type Stage, withStage } from "./stage";

/** Sections are kept as pictures at 2^n pixels between seats. */
const FINEST = 6;
const LARGEST_TILE = 4_000_000;
/** In a frame, no further picture is begun after this. */
const MAKING_MS = 6;
/** From how many pixels between seats they are large enough to be hit by a mouse, by a finger, and to have their numbers. */
const HITTABLE = 14;
const HITTABLE_BY_FINGER = 24;
const NUMBERED = 24;
const FADING_MS = 700;
/** When so many go at once, nobody sees a single one of them fade. */
const MOST_FADING = 200;

/** What the map is drawn with, besides the seats. */
export type Room = {
  home: Box;
  stage: Stage | null;
  stageName: string;
  /** Which of the six colours a ticket type has. */
  colourOf: (type: string) => number;
  wordsOf: (section: Section) => SectionWords;
};

/**
 * Draws a seat map: a picture of each section, made once for each power of two of zoom and changed in place, so that a frame
 * copies a few dozen pictures, however many seats there are. Draws only when something has changed.
 */
export class Drawing {
  /** The seat that the keyboard is at; -1 for none. */
  focus = -1;
  readonly camera: Camera;
  readonly #canvas: HTMLCanvasElement;
  readonly #painter: CanvasRenderingContext2D;
  readonly #seats: Seats;
  readonly #room: Room;
  readonly #inks = new Inks();
  readonly #tiles = new Map<string, OffscreenCanvas>();
  /** Those that are to be made anew, and are shown until they are. */
  readonly #outdated = new Set<string>();
  readonly #words = new Map<Section, { available: number | null; words: SectionWords }>();
  /** Seats that were taken just now, and since when. */
  readonly #fading = new Map<number, number>();
  readonly #hittable = matchMedia("(pointer: coarse)").matches ? HITTABLE_BY_FINGER : HITTABLE;
  readonly #stop: () => void;
  #only: ReadonlySet<string> = new Set();
  #frame = 0;
  #stale = true;

  constructor(canvas: HTMLCanvasElement, seats: Seats, room: Room) {
    const painter = canvas.getContext("2d", { alpha: false });
    if (!painter) throw new Error("This browser draws nothing.");
    this.#canvas = canvas;
    this.#painter = painter;
    this.#seats = seats;
    this.#room = room;
    this.camera = new Camera(withStage(room.home, room.stage), (2 ** FINEST / seats.pitch) * 1.2, () => this.ask());
    this.#stop = seats.onChange((changed) => {
      const fades = changed.length <= MOST_FADING && !isStill();
      for (const seat of changed) {
        this.#repaint(seat);
        if (fades && seats.status(seat) !== FREE) this.#fading.set(seat, performance.now());
      }
      this.ask();
    });
    this.readColours();
  }

  end(): void {
    this.#stop();
    this.camera.end();
    cancelAnimationFrame(this.#frame);
  }

  /** After the colours of the page have changed. */
  readColours(): void {
    this.#inks.read(this.#canvas);
    this.#makeAnew();
  }

  /** After what stands on sections has changed. */
  readWords(): void {
    this.#words.clear();
    this.ask();
  }

  /** Seats of these ticket types stand out; all of them where none is named. */
  showOnly(types: ReadonlySet<string>): void {
    if (types.size === 0 && this.#only.size === 0) return;
    this.#only = types;
    this.#makeAnew();
  }

  resize(width: number, height: number): void {
    this.#canvas.width = Math.round(width * ratio());
    this.#canvas.height = Math.round(height * ratio());
    this.camera.resize(width, height);
    // A canvas of another size is blank.
    this.#draw();
  }

  /** To where seats around a point of the plan can be hit: all of the section, if it has room like that. */
  comeTo(section: Section, x: number, y: number): void {
    const whole = this.camera.fitting([section.x0, section.y0, section.x1 - section.x0, section.y1 - section.y0]);
    const near = this.camera.allowed((this.#hittable * 1.1) / this.#seats.pitch);
    if (whole.k >= near) this.camera.fly(whole);
    else this.camera.goTo(x, y, near);
  }

  /** Makes sure that a seat is in sight, and large enough to be seen. */
  show(seat: number): void {
    const k = Math.max(this.camera.view.k, this.camera.allowed((NUMBERED + 2) / this.#seats.pitch));
    const [x, y] = [this.#seats.x[seat] ?? 0, this.#seats.y[seat] ?? 0];
    if (k === this.camera.view.k && this.camera.isInSight(x, y, k)) this.ask();
    else this.camera.goTo(x, y, k);
  }

  /** Whether seats are large enough to be chosen by pointing at them. */
  isHittable(): boolean {
    return this.camera.view.k * this.#seats.pitch >= this.#hittable;
  }

  /** Whether what is on the canvas is how things are. */
  isDrawn(): boolean {
    return !this.#stale;
  }

  /** A point of the canvas as a point of the plan. */
  onPlan(x: number, y: number): [number, number] {
    const { view } = this.camera;
    return [view.x + x / view.k, view.y + y / view.k];
  }

  /** A seat's place on the canvas. */
  placeOf(seat: number): [number, number] {
    const { view } = this.camera;
    return [((this.#seats.x[seat] ?? 0) - view.x) * view.k, ((this.#seats.y[seat] ?? 0) - view.y) * view.k];
  }

  /** Draws at the next frame. */
  ask(): void {
    this.#stale = true;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#stale = false;
    const painter = this.#painter;
    const { view, width, height } = this.camera;
    const place = { x: view.x, y: view.y, k: view.k * ratio() };
    const between = view.k * this.#seats.pitch;
    painter.fillStyle = this.#inks.of("--map-ground");
    painter.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    painter.imageSmoothingQuality = "high";
    const inSight = this.#seats.sections.filter(
      (s) => s.x1 > view.x && s.y1 > view.y && s.x0 < view.x + width / view.k && s.y0 < view.y + height / view.k,
    );
    const whole = this.#paintSections(inSight, place);
    const { stage, stageName } = this.#room;
    const look = { ground: this.#inks.of("--map-stage"), words: this.#inks.of("--map-stage-words"), font: this.#inks.font };
    if (stage) paintStage(painter, stage, place, { ...look, name: stageName, ratio: ratio() });
    this.#paintFading(place);
    if (between >= NUMBERED) for (const section of inSight) paintNumbers(painter, this.#seats, section, place, this.#inks);
    for (const seat of this.#seats.chosen.keys()) paintTick(painter, this.#seats, seat, place, this.#inks, ratio());
    if (this.#seats.keys[this.focus] !== undefined) paintRing(painter, this.#seats, this.focus, place, this.#inks, ratio());
    if (between < HITTABLE) {
      for (const section of inSight) paintWords(painter, section, this.#wordsOf(section), place, this.#inks, ratio());
    }
    if (!whole) this.ask();
    else if (this.#fading.size > 0) this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** False while some of them are shown by a picture of another zoom, or not at all yet. */
  #paintSections(inSight: readonly Section[], place: { x: number; y: number; k: number }): boolean {
    const { x, y, k } = place;
    const level = Math.max(0, Math.min(FINEST, Math.ceil(Math.log2(k * this.#seats.pitch))));
    const began = performance.now();
    let whole = true;
    for (const section of inSight) {
      paintGround(this.#painter, section, place, this.#inks);
      if (section.first === section.last) continue;
      const fit = levelFor(section, level, this.#seats.pitch);
      const name = `${section.key}/${fit}`;
      let tile = this.#outdated.has(name) ? undefined : this.#tiles.get(name);
      if (!tile && performance.now() - began < MAKING_MS) tile = this.#make(section, fit);
      whole &&= tile !== undefined;
      tile ??= this.#tiles.get(name) ?? this.#anyOf(section);
      if (tile) {
        this.#painter.drawImage(
          tile,
          (section.x0 - x) * k,
          (section.y0 - y) * k,
          (section.x1 - section.x0) * k,
          (section.y1 - section.y0) * k,
        );
      }
    }
    return whole;
  }

  #paintFading(place: { x: number; y: number; k: number }): void {
    const now = performance.now();
    for (const [seat, since] of this.#fading) {
      const left = 1 - (now - since) / FADING_MS;
      if (left <= 0) this.#fading.delete(seat);
      else paintFading(this.#painter, this.#seats, seat, place, this.#typeColour(seat), left);
    }
  }

  #makeAnew(): void {
    for (const name of this.#tiles.keys()) this.#outdated.add(name);
    this.ask();
  }

  #make(section: Section, level: number): OffscreenCanvas {
    const k = 2 ** level / this.#seats.pitch;
    const tile = new OffscreenCanvas(
      Math.max(1, Math.ceil((section.x1 - section.x0) * k)),
      Math.max(1, Math.ceil((section.y1 - section.y0) * k)),
    );
    const painter = tile.getContext("2d");
    if (painter) for (let seat = section.first; seat < section.last; seat++) this.#seat(painter, section, seat, k);
    this.#tiles.set(`${section.key}/${level}`, tile);
    this.#outdated.delete(`${section.key}/${level}`);
    return tile;
  }

  #seat(painter: OffscreenCanvasRenderingContext2D, section: Section, seat: number, k: number): void {
    const free = this.#seats.status(seat) === FREE;
    const colour = free ? this.#typeColour(seat) : this.#inks.of("--seat-taken");
    const pale = this.#only.size > 0 && !section.types.some((type) => this.#only.has(type));
    paintSeat(painter, this.#seats, seat, { x: section.x0, y: section.y0, k }, { colour, pale });
  }

  #repaint(seat: number): void {
    const section = this.#seats.sectionOf(seat);
    if (!section) return;
    for (let level = 0; level <= FINEST; level++) {
      const painter = this.#tiles.get(`${section.key}/${level}`)?.getContext("2d");
      if (painter) this.#seat(painter, section, seat, 2 ** level / this.#seats.pitch);
    }
  }

  /** Of what is looked for, if the seat is sold as that. */
  #typeColour(seat: number): string {
    const types = this.#seats.typesOf(seat);
    const type = types.find((type) => this.#only.has(type)) ?? types[0];
    return this.#inks.ofType(type === undefined ? undefined : this.#room.colourOf(type));
  }

  #wordsOf(section: Section): SectionWords {
    const kept = this.#words.get(section);
    if (kept && kept.available === section.available) return kept.words;
    const words = this.#room.wordsOf(section);
    this.#words.set(section, { available: section.available, words });
    return words;
  }

  #anyOf(section: Section): OffscreenCanvas | undefined {
    for (let level = FINEST; level >= 0; level--) {
      const tile = this.#tiles.get(`${section.key}/${level}`);
      if (tile) return tile;
    }
    return undefined;
  }
}

/** Of a screen with many pixels, not all are drawn. */
function ratio(): number {
  return Math.min(devicePixelRatio || 1, 2);
}

/** The finest picture that is asked for and not too large. */
function levelFor(section: Section, level: number, pitch: number): number {
  const area = ((section.x1 - section.x0) / pitch) * ((section.y1 - section.y0) / pitch);
  let fit = level;
  while (fit > 0 && area * 4 ** fit > LARGEST_TILE) fit--;
  return fit;
}
