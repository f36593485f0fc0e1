/** Where the canvas looks: its left upper corner on the plan, and how many pixels a unit of the plan has. */
export type View = { x: number; y: number; k: number };
export type Box = readonly [x: number, y: number, width: number, height: number];

const FLIGHT_MS = 260;
/** How much there is around what fills the canvas. */
const MARGIN = 1.06;
/** How far one may go away from the whole plan, as a part of its size. */
const FARTHEST = 0.6;

/** Looks at a plan through a canvas: nearer and farther, aside, or in a short flight to somewhere else. */
export class Camera {
  view: View = { x: 0, y: 0, k: 1 };
  width = 1;
  height = 1;
  readonly #home: Box;
  readonly #nearest: number;
  readonly #moved: () => void;
  #flight = 0;

  /** `nearest` is the most pixels that a unit of the plan may have; `moved` is told of every move. */
  constructor(home: Box, nearest: number, moved: () => void) {
    this.#home = home;
    this.#nearest = nearest;
    this.#moved = moved;
  }

  end(): void {
    cancelAnimationFrame(this.#flight);
  }

  /** The canvas has another size. What was in its middle stays there, and the whole plan stays whole. */
  resize(width: number, height: number): void {
    const whole = this.width === 1 || this.isWhole();
    const { view } = this;
    const [x, y] = [view.x + this.width / view.k / 2, view.y + this.height / view.k / 2];
    this.width = width;
    this.height = height;
    this.#set(whole ? this.fitting(this.#home) : { k: view.k, x: x - width / view.k / 2, y: y - height / view.k / 2 });
  }

  /** Whether all of the plan is in sight. */
  isWhole(): boolean {
    return this.view.k <= this.fitting(this.#home).k * 1.001;
  }

  goHome(): void {
    this.fly(this.fitting(this.#home));
  }

  /** Nearer by this factor, or farther below 1, around a point of the canvas; around its middle where none is named. */
  zoom(factor: number, x = this.width / 2, y = this.height / 2, at = false): void {
    const { view } = this;
    const k = this.allowed(view.k * factor);
    const next = { k, x: view.x + x / view.k - x / k, y: view.y + y / view.k - y / k };
    if (at) this.#set(next);
    else this.fly(next);
  }

  pan(dx: number, dy: number): void {
    const { view } = this;
    this.#set({ k: view.k, x: view.x - dx / view.k, y: view.y - dy / view.k });
  }

  /** To a point of the plan, which is then in the middle. */
  goTo(x: number, y: number, k: number): void {
    this.fly({ k, x: x - this.width / k / 2, y: y - this.height / k / 2 });
  }

  /** Whether a point would be in sight, and not at its edge, if a unit had `k` pixels. */
  isInSight(x: number, y: number, k: number): boolean {
    const inside = (at: number, from: number, size: number) => at > from + size * 0.12 && at < from + size * 0.88;
    return inside(x, this.view.x, this.width / k) && inside(y, this.view.y, this.height / k);
  }

  /** The view that a box fills. */
  fitting([x, y, width, height]: Box): View {
    const k = this.allowed(Math.min(this.width / (width * MARGIN), this.height / (height * MARGIN)));
    return { k, x: x + width / 2 - this.width / k / 2, y: y + height / 2 - this.height / k / 2 };
  }

  allowed(k: number): number {
    const [, , width, height] = this.#home;
    const least = Math.min(this.width / width, this.height / height) * FARTHEST;
    return Math.max(least, Math.min(k, this.#nearest));
  }

  /** There at once for whoever wants nothing to move. */
  fly(to: View): void {
    cancelAnimationFrame(this.#flight);
    if (isStill()) {
      this.#set(to);
      return;
    }
    const from = this.view;
    const began = performance.now();
    const step = (now: number) => {
      const part = Math.max(0, Math.min(1, (now - began) / FLIGHT_MS));
      this.#set(between(from, to, 1 - (1 - part) ** 3, this.width, this.height));
      if (part < 1) this.#flight = requestAnimationFrame(step);
    };
    this.#flight = requestAnimationFrame(step);
  }

  #set(view: View): void {
    this.view = view;
    this.#moved();
  }
}

/** Whether the visitor has asked for nothing to move by itself. */
export function isStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** A part of the way: the middle goes straight while the zoom goes by factors. */
export function between(from: View, to: View, part: number, width: number, height: number): View {
  const k = from.k * (to.k / from.k) ** part;
  const middle = (view: View): [number, number] => [view.x + width / view.k / 2, view.y + height / view.k / 2];
  const [[fx, fy], [tx, ty]] = [middle(from), middle(to)];
  const way = to.k === from.k ? part : (1 / from.k - 1 / k) / (1 / from.k - 1 / to.k);
  return { k, x: fx + (tx - fx) * way - width / k / 2, y: fy + (ty - fy) * way - height / k / 2 };
}
