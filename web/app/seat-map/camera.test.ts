import { expect, test } from "vitest";
import { between, type View } from "./camera";

const [WIDTH, HEIGHT] = [400, 300];
const middle = ({ x, y, k }: View) => [x + WIDTH / k / 2, y + HEIGHT / k / 2];

test("a flight begins where one is and ends where one goes", () => {
  const [from, to] = [
    { x: 0, y: 0, k: 1 },
    { x: 120, y: 80, k: 8 },
  ];
  expect(between(from, to, 0, WIDTH, HEIGHT)).toEqual(from);
  const end = between(from, to, 1, WIDTH, HEIGHT);
  expect([end.x, end.y, end.k].map(Math.round)).toEqual([120, 80, 8]);
});

test("the middle goes straight while the zoom goes by factors", () => {
  const [from, to] = [
    { x: 0, y: 0, k: 1 },
    { x: 275, y: 206.25, k: 16 },
  ];
  const half = between(from, to, 0.5, WIDTH, HEIGHT);
  expect(half.k).toBeCloseTo(4);
  const [[fx = 0, fy = 0], [hx = 0, hy = 0], [tx = 0, ty = 0]] = [middle(from), middle(half), middle(to)];
  expect((hx - fx) * (ty - fy)).toBeCloseTo((hy - fy) * (tx - fx));
});

test("aside, without a zoom, half of the time is half of the way", () => {
  expect(between({ x: 0, y: 0, k: 2 }, { x: 50, y: 10, k: 2 }, 0.5, WIDTH, HEIGHT)).toEqual({ x: 25, y: 5, k: 2 });
});
