import { useLingui } from "@lingui/react/macro";
import { Maximize, Minus, Plus } from "lucide-react";
import { type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { useTheme } from "../ui/theme";
import { Drawing } from "./drawing";
import { gestures } from "./gestures";
import type { SectionWords } from "./ink";
import type { Plan } from "./plan";
import styles from "./SeatMap.module.css";
import type { Seats, Section } from "./seats";
import { stageOf } from "./stage";

const ARROWS: Record<string, [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** The seats as a picture: to be moved, zoomed, and pointed at, or walked through with the arrow keys. */
export function SeatMap(props: {
  seats: Seats;
  plan: Plan;
  /** How what everybody looks at is called. */
  stageName: string;
  /** A seat to be brought into sight, each time that another object comes. */
  shown: { seat: number } | null;
  /** The ticket types that are looked for; none means all. */
  only: ReadonlySet<string>;
  colourOf: (type: string) => number;
  wordsOf: (section: Section) => SectionWords;
  nameOf: (seat: number) => string;
  onPick: (seat: number) => void;
  /** The keyboard has come to another seat. */
  onMove: (seat: number) => void;
  /** Somebody has come to a section. */
  onCome: (section: Section) => void;
  say: (words: string) => void;
  /** What lies on the map's lower edge. */
  children?: ReactNode;
}) {
  const { seats, plan, stageName, shown, only, colourOf, wordsOf, nameOf } = props;
  const { t } = useLingui();
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing>(null);
  const [under, setUnder] = useState("");
  // What is drawn asks for the newest of them; another one is no other map.
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const made = new Drawing(element, seats, {
      home: plan.viewBox,
      stage: stageOf(plan, seats.pitch),
      stageName,
      colourOf: (type) => latest.current.colourOf(type),
      wordsOf: (section) => latest.current.wordsOf(section),
    });
    drawing.current = made;
    // For tests, which point at seats.
    Object.assign(element, { drawing: made, seats });
    const size = new ResizeObserver(() => made.resize(element.clientWidth, element.clientHeight));
    size.observe(element);
    const tapped = (x: number, y: number) => {
      const { onPick, onCome, say } = latest.current;
      const point = made.onPlan(x, y);
      const section = sectionAt(seats, ...point);
      if (!made.isHittable()) {
        if (section) {
          made.comeTo(section, ...point);
          onCome(section);
          const { name, more } = latest.current.wordsOf(section);
          say(more ? `${name}, ${more}` : name);
        } else made.camera.zoom(2, x, y);
        return;
      }
      if (section) onCome(section);
      const seat = seats.at(...point, seats.pitch * 0.75);
      if (seat >= 0) onPick(seat);
      made.ask();
    };
    const stop = gestures(element, made, tapped);
    return () => {
      stop();
      size.disconnect();
      made.end();
    };
  }, [seats, plan, stageName]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what changes the colours
  useEffect(() => {
    drawing.current?.readColours();
    document.fonts.ready.then(() => drawing.current?.ask());
  }, [theme, colourOf]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words are read when they are drawn
  useEffect(() => drawing.current?.readWords(), [wordsOf]);
  useEffect(() => drawing.current?.showOnly(only), [only]);
  useEffect(() => {
    if (!shown || !drawing.current) return;
    drawing.current.focus = shown.seat;
    drawing.current.show(shown.seat);
  }, [shown]);

  /** Says what is under the mouse: for the eye, since the same is said of what is chosen and walked to. */
  const look = (event: PointerEvent) => {
    const made = drawing.current;
    if (!made || event.pointerType !== "mouse" || event.buttons !== 0) return;
    const point = made.onPlan(event.nativeEvent.offsetX, event.nativeEvent.offsetY);
    const section = sectionAt(seats, ...point);
    const seat = made.isHittable() ? seats.at(...point, seats.pitch * 0.6) : -1;
    const words = section ? wordsOf(section) : null;
    setUnder(seat >= 0 ? `${words?.name ?? ""} · ${nameOf(seat)}` : [words?.name, words?.more].filter(Boolean).join(" · "));
  };
  const press = (event: KeyboardEvent) => {
    const made = drawing.current;
    if (!made) return;
    const arrow = ARROWS[event.key];
    if (arrow) walk(made, arrow);
    else if ((event.key === "Enter" || event.key === " ") && made.focus >= 0) {
      props.onPick(made.focus);
      made.ask();
    } else if (event.key === "+") made.camera.zoom(1.6);
    else if (event.key === "-") made.camera.zoom(1 / 1.6);
    else if (event.key === "0" || event.key === "Escape") {
      made.focus = -1;
      made.camera.goHome();
    } else return;
    event.preventDefault();
  };
  const walk = (made: Drawing, arrow: [number, number]) => {
    const before = made.focus;
    made.focus = before < 0 ? firstOf(seats, made) : seats.beside(before, ...arrow);
    if (made.focus < 0) return;
    made.show(made.focus);
    const section = seats.sectionOf(made.focus);
    const entered = section && section !== seats.sectionOf(before);
    props.say(entered ? `${section.name}, ${nameOf(made.focus)}` : nameOf(made.focus));
    setUnder(`${section?.name ?? ""} · ${nameOf(made.focus)}`);
    props.onMove(made.focus);
    if (section) props.onCome(section);
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
        aria-label={t`Seat map. Arrow keys move from seat to seat, Enter chooses, plus and minus zoom, Escape shows the whole map. The list shows the same seats.`}
        tabIndex={0}
        onPointerMove={look}
        onPointerLeave={() => setUnder("")}
        onKeyDown={press}
        onBlur={() => {
          if (drawing.current) drawing.current.focus = -1;
          drawing.current?.ask();
          setUnder("");
        }}
      />
      <div className={styles.zoom}>
        <Button look="icon" aria-label={t`Nearer`} onPress={() => drawing.current?.camera.zoom(1.8)}>
          <Plus aria-hidden />
        </Button>
        <Button look="icon" aria-label={t`Farther`} onPress={() => drawing.current?.camera.zoom(1 / 1.8)}>
          <Minus aria-hidden />
        </Button>
        <Button look="icon" aria-label={t`Whole map`} onPress={() => drawing.current?.camera.goHome()}>
          <Maximize aria-hidden />
        </Button>
      </div>
      <div className={styles.edge}>
        {under && (
          <p className={styles.under} aria-hidden="true">
            {under}
          </p>
        )}
        {props.children}
      </div>
    </div>
  );
}

function sectionAt(seats: Seats, x: number, y: number): Section | undefined {
  return seats.sections.find((s) => s.last > s.first && x >= s.x0 && x <= s.x1 && y >= s.y0 && y <= s.y1);
}

/** Where the keyboard begins: in the middle of what is in sight, or with the first free seat of the whole map. */
function firstOf(seats: Seats, drawing: Drawing): number {
  const { width, height } = drawing.camera;
  const near = drawing.isHittable() ? seats.at(...drawing.onPlan(width / 2, height / 2), seats.pitch * 6) : -1;
  return near >= 0 ? near : seats.keys.findIndex((_, seat) => seats.isFree(seat));
}
