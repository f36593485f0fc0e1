import { type ReactElement, useMemo } from "react";
import type { EventCategory } from "../graph/generated/graphql";
import { type PosterShapes, shapesOf } from "./poster-shapes";

type Inks = { ground: string; figure: string; spark: string };

const WIDTH = 320;
const HEIGHT = 180;
const CLAY: Inks = { ground: "#17202b", figure: "#d9603b", spark: "#f6d9a8" };
/** Three inks for a kind of event, as on a screen print. */
const INKS: Partial<Record<EventCategory, Inks>> = {
  MUSIC: { ground: "#2a1533", figure: "#e0588a", spark: "#ffd08a" },
  CLASSICAL: { ground: "#142a3a", figure: "#c9a24a", spark: "#f3e7c9" },
  THEATRE: { ground: "#3b1016", figure: "#d8453a", spark: "#f7cfa2" },
  DANCE: { ground: "#0f2f33", figure: "#2fb7a3", spark: "#ffe0b8" },
  COMEDY: { ground: "#e7b93c", figure: "#1f2a44", spark: "#fff4d6" },
  SPORTS: { ground: "#0d2b4f", figure: "#3e8ede", spark: "#f2f5e9" },
  FAMILY: { ground: "#2c6e63", figure: "#f2b84b", spark: "#fff0d9" },
  CONFERENCE: { ground: "#22283a", figure: "#7f9bd1", spark: "#f1efe6" },
  FESTIVAL: { ground: "#5a1d4b", figure: "#ff8f4c", spark: "#ffe08a" },
  NIGHTLIFE: { ground: "#0b0f24", figure: "#6f5cff", spark: "#57e3d2" },
};

/** A screen print of few shapes, for an event that has no picture of its own. It says nothing, and is not read aloud. */
export function Poster({ name, category }: { name: string; category: EventCategory }) {
  const shapes = useMemo(() => shapesOf(name), [name]);
  const printed = INKS[category] ?? CLAY;
  // Some are printed the other way round, so that a page of one kind is not all alike.
  const inks = (shapes.dice[7] ?? 0) > 0.55 ? { ...printed, ground: printed.figure, figure: printed.ground } : printed;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="xMidYMid slice"
      width="100%"
      height="100%"
      aria-hidden="true"
      style={{ display: "block" }}
    >
      <rect width={WIDTH} height={HEIGHT} fill={inks.ground} />
      {drawn[shapes.pattern](shapes.dice, inks)}
    </svg>
  );
}

const drawn: Record<PosterShapes["pattern"], (dice: number[], inks: Inks) => ReactElement[]> = {
  rings: ([a = 0, b = 0, c = 0], { figure, spark }) => {
    const [x, y] = [60 + a * 200, 60 + b * 70];
    const rings = [150, 118, 88, 60, 34].map((r, at) => (
      <circle key={r} cx={x} cy={y} r={r} fill="none" stroke={figure} strokeWidth={at % 2 ? 5 : 14} />
    ));
    return [...rings, <circle key="spark" cx={x} cy={y} r={10 + c * 10} fill={spark} />];
  },
  waves: ([a = 0, b = 0], { figure, spark }) => {
    const wave = (y: number) => `M-40 ${y}${"q20 -26 40 0t40 0".repeat(6)}V${HEIGHT + 40}H-40Z`;
    return [
      <circle key="moon" cx={50 + a * 220} cy={52} r={24 + b * 18} fill={spark} />,
      ...[84, 108, 132, 156].map((y, at) => (
        <path key={y} d={wave(y)} fill={figure} fillOpacity={0.35 + at * 0.21} transform={`translate(${(at * 17 + a * 30) % 40} 0)`} />
      )),
    ];
  },
  columns: (dice, { figure, spark }) => {
    const lit = Math.floor((dice[0] ?? 0) * 8);
    return Array.from({ length: 8 }, (_, at) => {
      const height = 50 + (dice[at] ?? 0) * 120;
      return (
        <rect key={`${at}`} x={at * 40 + 5} y={HEIGHT - height} width={30} height={height} rx={15} fill={at === lit ? spark : figure} />
      );
    });
  },
  sun: ([a = 0, b = 0], { figure, spark }) => {
    const x = 70 + a * 180;
    const rays = Array.from({ length: 18 }, (_, at) => {
      const [from, to] = [(at * Math.PI) / 9, (at * Math.PI) / 9 + 0.17];
      const end = (angle: number) => `${x + Math.cos(angle) * 360} ${HEIGHT + Math.sin(angle) * 360}`;
      return <path key={`${at}`} d={`M${x} ${HEIGHT}L${end(from)}L${end(to)}Z`} fill={figure} />;
    });
    return [...rays, <circle key="spark" cx={x} cy={HEIGHT} r={56 + b * 30} fill={spark} />];
  },
  steps: ([a = 0, b = 0, c = 0], { figure, spark }) => {
    const stairs = Array.from({ length: 7 }, (_, at) => (
      <rect
        key={`${at}`}
        x={at * 46}
        y={HEIGHT - (at + 1) * (16 + a * 8)}
        width={46}
        height={HEIGHT}
        fill={figure}
        fillOpacity={at % 2 ? 1 : 0.8}
      />
    ));
    return [...stairs, <circle key="spark" cx={40 + b * 90} cy={36 + c * 26} r={22} fill={spark} />];
  },
};
