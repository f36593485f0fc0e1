import { expect, test } from "vitest";
import type { Plan } from "./plan";
import { stageOf, withStage } from "./stage";

const row = (y: number, from: number, to: number) => {
  const x = Array.from({ length: (to - from) / 10 + 1 }, (_, at) => from + at * 10);
  return { label: `${y}`, labels: x.map(String), x, y: x.map(() => y) };
};
const plan = (focalPoint: [number, number] | null, ...rows: ReturnType<typeof row>[]): Plan => ({
  id: "lay_1",
  viewBox: [0, 0, 200, 100],
  focalPoint,
  sections: [{ key: "S", name: "Stalls", rows }],
});

test("a stage lies across the way to the seats, and covers none of them", () => {
  const stage = stageOf(plan([100, -40], row(0, 0, 200), row(10, 0, 200)), 10);
  expect(stage?.along.map(Math.abs)).toEqual([1, 0]);
  expect(stage?.half).toBeGreaterThan(stage?.deep ?? 0);
  expect(-40 + (stage?.deep ?? 0)).toBeLessThan(0);
  expect(withStage([0, 0, 200, 100], stage)[1]).toBeLessThan(-40);
});

test("in the round it is a disc between the seats", () => {
  const stage = stageOf(plan([100, 50], row(0, 0, 200), row(100, 0, 200)), 10);
  expect(stage?.half).toBe(stage?.deep);
  expect(stage?.deep).toBeLessThan(50);
});

test("where a plan does not say where everybody looks, nothing is drawn", () => {
  expect(stageOf(plan(null, row(0, 0, 200)), 10)).toBeNull();
  expect(withStage([0, 0, 200, 100], null)).toEqual([0, 0, 200, 100]);
});
