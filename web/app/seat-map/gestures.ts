import type { Drawing } from "./drawing";

/** How far a finger may slip and still tap. */
const SLIP = 8;
/** Whoever scrolls the page goes on scrolling it for so long, though the map comes under the mouse. */
const SCROLLING_MS = 300;

type Point = { x: number; y: number };

/**
 * Moves a map by fingers, mouse and wheel, as long as the returned function is not called. One finger moves the page while
 * the whole map is in sight, and the map once it is nearer.
 */
export function gestures(canvas: HTMLCanvasElement, drawing: Drawing, tapped: (x: number, y: number) => void): () => void {
  const fingers = new Map<number, Point>();
  const gone = new AbortController();
  const { signal } = gone;
  const { camera } = drawing;
  let slipped = 0;
  let scrolled = Number.NEGATIVE_INFINITY;

  const down = (event: PointerEvent) => {
    canvas.setPointerCapture(event.pointerId);
    if (fingers.size === 0) slipped = 0;
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  };
  const move = (event: PointerEvent) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.offsetX, y: event.offsetY };
    slipped += Math.hypot(now.x - before.x, now.y - before.y);
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (other) {
      const apart = (one: Point) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
      camera.zoom(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2, true);
      slipped = Number.POSITIVE_INFINITY;
    }
    const share = other ? 2 : 1;
    if (slipped > SLIP) camera.pan((now.x - before.x) / share, (now.y - before.y) / share);
    fingers.set(event.pointerId, now);
  };
  const up = (event: PointerEvent) => {
    const here = fingers.delete(event.pointerId);
    canvas.style.touchAction = camera.isWhole() ? "pan-y" : "none";
    if (here && slipped <= SLIP && event.type === "pointerup") tapped(event.offsetX, event.offsetY);
  };
  const wheel = (event: WheelEvent) => {
    const away = event.deltaY > 0 && camera.isWhole();
    if (!event.ctrlKey && (away || performance.now() - scrolled < SCROLLING_MS)) return;
    event.preventDefault();
    camera.zoom(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY, true);
  };
  canvas.addEventListener("pointerdown", down, { signal });
  canvas.addEventListener("pointermove", move, { signal });
  canvas.addEventListener("pointerup", up, { signal });
  canvas.addEventListener("pointercancel", up, { signal });
  canvas.addEventListener("wheel", wheel, { signal, passive: false });
  const scroll = () => {
    scrolled = performance.now();
  };
  window.addEventListener("scroll", scroll, { signal, passive: true });
  return () => gone.abort();
}
