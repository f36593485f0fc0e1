import { useLingui } from "@lingui/react/macro";
import { Maximize, Minus, Plus } from "lucide-react";
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { Button } from "../ui/Button";
import { useTheme } from "../ui/theme";
import { Drawing } from "./drawing";
import type { Plan } from "./plan";
import styles from "./SeatMap.module.css";
import type { Seats } from "./seats";
import { stageOf } from "./stage";

const ARROWS: Record<string, [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};
/** How far a finger may slip and still tap. */
const SLIP = 8;

/** The seats as a picture: to be moved, zoomed, and pointed at, or walked through with the arrow keys. */
export function SeatMap(props: {
  seats: Seats;
  plan: Plan;
  /** How what everybody looks at is called. */
  stageName: string;
  /** A seat to be brought into sight, each time that another object comes. */
  shown: { seat: number } | null;
  colourOf: (type: string) => number;
  nameOf: (seat: number) => string;
  onPick: (seat: number) => void;
  say: (words: string) => void;
}) {
  const { seats, plan, stageName, shown, colourOf, nameOf, onPick, say } = props;
  const { t } = useLingui();
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const moved = useRef(0);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const room = { home: plan.viewBox, stage: stageOf(plan, seats.pitch), stageName };
    const made = new Drawing(element, seats, room, colourOf);
    drawing.current = made;
    // For tests, which point at seats.
    Object.assign(element, { drawing: made, seats });
    const size = new ResizeObserver(() => made.resize(element.clientWidth, element.clientHeight));
    size.observe(element);
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      made.zoom(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY, true);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      element.removeEventListener("wheel", wheel);
      size.disconnect();
      made.end();
    };
  }, [seats, plan, colourOf, stageName]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is what changes the colours
  useEffect(() => {
    drawing.current?.readColours();
    document.fonts.ready.then(() => drawing.current?.ask());
  }, [theme]);

  useEffect(() => {
    if (shown) drawing.current?.show(shown.seat);
  }, [shown]);

  const down = (event: PointerEvent<HTMLCanvasElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    if (fingers.current.size === 0) moved.current = 0;
    fingers.current.set(event.pointerId, { x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY });
  };
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY };
    moved.current += Math.hypot(now.x - before.x, now.y - before.y);
    const [other] = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (other) {
      const apart = (one: { x: number; y: number }) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
      drawing.current?.zoom(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2, true);
      moved.current = Number.POSITIVE_INFINITY;
    }
    if (moved.current > SLIP) drawing.current?.pan((now.x - before.x) / (other ? 2 : 1), (now.y - before.y) / (other ? 2 : 1));
    fingers.current.set(event.pointerId, now);
  };
  const up = (event: PointerEvent<HTMLCanvasElement>) => {
    const here = fingers.current.delete(event.pointerId);
    const made = drawing.current;
    if (!here || !made || moved.current > SLIP || event.type === "pointercancel") return;
    const { offsetX, offsetY } = event.nativeEvent;
    const [x, y] = made.onPlan(offsetX, offsetY);
    if (!made.isHittable()) {
      const section = seats.sections.find((s) => x >= s.x0 && x <= s.x1 && y >= s.y0 && y <= s.y1);
      // A section in a small picture may still be too small when it fills the canvas.
      made.zoom(3, offsetX, offsetY);
      if (section) say(section.name);
      return;
    }
    const seat = seats.at(x, y, seats.pitch * 0.75);
    if (seat >= 0) pick(seat);
  };
  const pick = (seat: number) => {
    onPick(seat);
    drawing.current?.ask();
  };
  const press = (event: KeyboardEvent) => {
    const made = drawing.current;
    if (!made) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const first = seats.keys.findIndex((_, seat) => seats.isFree(seat));
      made.focus = made.focus < 0 ? first : seats.beside(made.focus, ...arrow);
      if (made.focus >= 0) {
        made.show(made.focus);
        say(nameOf(made.focus));
      }
    } else if ((event.key === "Enter" || event.key === " ") && made.focus >= 0) pick(made.focus);
    else if (event.key === "+") made.zoom(1.6);
    else if (event.key === "-") made.zoom(1 / 1.6);
    else if (event.key === "0") made.goHome();
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the keyboard walks through the map */}
      <canvas
        ref={canvas}
        className={styles.canvas}
        style={{ "--shape": `${plan.viewBox[2]} / ${plan.viewBox[3]}` } as CSSProperties}
        data-testid="seat-map"
        role="application"
        aria-label={t`Seat map. Arrow keys move from seat to seat, Enter chooses, plus and minus zoom. The list shows the same seats.`}
        tabIndex={0}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onKeyDown={press}
        onBlur={() => {
          if (drawing.current) drawing.current.focus = -1;
          drawing.current?.ask();
        }}
      />
      <div className={styles.zoom}>
        <Button look="icon" aria-label={t`Nearer`} onPress={() => drawing.current?.zoom(1.8)}>
          <Plus aria-hidden />
        </Button>
        <Button look="icon" aria-label={t`Farther`} onPress={() => drawing.current?.zoom(1 / 1.8)}>
          <Minus aria-hidden />
        </Button>
        <Button look="icon" aria-label={t`Whole map`} onPress={() => drawing.current?.goHome()}>
          <Maximize aria-hidden />
        </Button>
      </div>
    </div>
  );
}
