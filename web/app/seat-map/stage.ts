import type { Plan } from "./plan";

/** Where everybody looks: a bar across the direction of the seats, or a disc where there is no room for it. */
export type Stage = {
  x: number;
  y: number;
  /** The direction of its long side, of length 1. */
  along: readonly [number, number];
  /** Half of its length, and half of its depth. */
  half: number;
  deep: number;
};

type Box = readonly [x: number, y: number, width: number, height: number];

/** How much of the room up to the first seat it takes. */
const ROOM = 0.62;

/** The stage of a plan, as large as the seats around it allow; null where the plan does not say where it is. */
export function stageOf({ focalPoint, sections, viewBox }: Plan, pitch: number): Stage | null {
  if (!focalPoint) return null;
  const [x, y] = focalPoint;
  const around: [number, number][] = sections.flatMap(({ outline = [], rows = [] }) => [
    ...edges(outline),
    ...rows.flatMap((row) => row.x.map((at, seat): [number, number] => [at, row.y[seat] ?? 0])),
  ]);
  if (around.length === 0) return null;
  const near = Math.min(...around.map(([px, py]) => Math.hypot(px - x, py - y)).filter((far) => far > 0));
  if (!Number.isFinite(near) || near < pitch) return null;
  const seats = sections.flatMap(({ rows = [] }) =>
    rows.flatMap((row) => row.x.map((at, seat): [number, number] => [at, row.y[seat] ?? 0])),
  );
  const middle = meanOf(seats.length ? seats : around);
  const way = Math.hypot(middle[0] - x, middle[1] - y);
  // In the round nobody is in front of it.
  if (way < near) return { x, y, along: [1, 0], half: near * ROOM, deep: near * ROOM };
  const facing = [(middle[0] - x) / way, (middle[1] - y) / way] as const;
  const along = [-facing[1], facing[0]] as const;
  const deep = Math.min(near * ROOM, pitch * 3, Math.max(viewBox[2], viewBox[3]) * 0.06);
  let half = Math.max(viewBox[2], viewBox[3]) * 0.22;
  for (const [px, py] of around) {
    const across = Math.abs((px - x) * facing[0] + (py - y) * facing[1]);
    const aside = Math.abs((px - x) * along[0] + (py - y) * along[1]);
    if (across < deep + pitch) half = Math.min(half, aside - pitch);
  }
  return half < deep ? { x, y, along: [1, 0], half: near * ROOM, deep: near * ROOM } : { x, y, along, half, deep };
}

/** A box with the stage in it. */
export function withStage([x, y, width, height]: Box, stage: Stage | null): Box {
  if (!stage) return [x, y, width, height];
  const reach = [Math.abs(stage.along[0]) * stage.half + stage.deep, Math.abs(stage.along[1]) * stage.half + stage.deep] as const;
  const [left, top] = [Math.min(x, stage.x - reach[0]), Math.min(y, stage.y - reach[1])];
  const [right, bottom] = [Math.max(x + width, stage.x + reach[0]), Math.max(y + height, stage.y + reach[1])];
  return [left, top, right - left, bottom - top];
}

/** Paints it with its name, where that is legible. */
export function paintStage(
  painter: CanvasRenderingContext2D,
  stage: Stage,
  view: { x: number; y: number; k: number },
  look: { ground: string; words: string; font: string; name: string; ratio: number },
): void {
  const { k } = view;
  painter.save();
  painter.translate((stage.x - view.x) * k, (stage.y - view.y) * k);
  // Never upside down.
  const turn = Math.atan2(stage.along[1], stage.along[0]);
  painter.rotate(turn > Math.PI / 2 || turn <= -Math.PI / 2 ? turn + Math.PI : turn);
  const [half, deep] = [stage.half * k, stage.deep * k];
  painter.fillStyle = look.ground;
  painter.beginPath();
  painter.roundRect(-half, -deep, half * 2, deep * 2, Math.min(half === deep ? half : deep * 0.5, half));
  painter.fill();
  const size = Math.min(16 * look.ratio, deep * 1.1);
  painter.font = `700 ${size}px ${look.font}`;
  if (size >= 8 * look.ratio && painter.measureText(look.name).width < half * 1.8) {
    painter.fillStyle = look.words;
    painter.textAlign = "center";
    painter.textBaseline = "middle";
    painter.fillText(look.name, 0, 0);
  }
  painter.restore();
}

/** An outline's corners, and the middles of its sides. */
function edges(outline: readonly [number, number][]): [number, number][] {
  return outline.flatMap(([x, y], at): [number, number][] => {
    const [nx, ny] = outline[(at + 1) % outline.length] ?? [x, y];
    return [1, 2, 3, 4].map((part): [number, number] => [x + ((nx - x) * part) / 4, y + ((ny - y) * part) / 4]);
  });
}

function meanOf(points: readonly [number, number][]): [number, number] {
  const sum = points.reduce(([sx, sy], [x, y]): [number, number] => [sx + x, sy + y], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
