import { expect, test } from "vitest";
import type { Plan } from "./plan";
import { FREE, HELD, Seats } from "./seats";

const numbers = Array.from({ length: 50 }, (_, at) => at);
const plan: Plan = {
  id: "lay_1",
  viewBox: [0, 0, 1000, 40],
  focalPoint: null,
  sections: [
    {
      key: "101",
      name: "Stalls",
      rows: ["A", "B"].map((label, row) => ({
        label,
        labels: numbers.map((at) => `${at + 1}`),
        x: numbers.map((at) => at * 20),
        y: numbers.map(() => row * 20),
        accessible: [0],
        ...(row === 0 ? { keys: { 7: "the-odd-one" } } : {}),
      })),
    },
  ],
};
const now = (statuses: string, version = 0) => ({
  version,
  sections: [
    { key: "101", name: "Stalls", kind: "SEATED" as const, available: 100, statuses, ticketTypes: [{ id: "typ_1" }, { id: "typ_2" }] },
  ],
});
const map = () => new Seats(plan, now("a".repeat(100)));
const change = (previousVersion: number, version: number, ...keys: string[]) => ({
  previousVersion,
  version,
  changes: keys.map((key) => ({ key, status: "HELD" as const })),
  sections: [],
});

test("a change touches only the seats that it names, and is told once", () => {
  const seats = map();
  const told: (readonly number[])[] = [];
  seats.onChange((changed) => told.push(changed));
  expect(seats.apply(change(0, 1, "101-A-4", "no such seat", "the-odd-one"))).toBe("applied");
  expect(told).toEqual([[3, 7]]);
  expect([seats.status(3), seats.status(4)]).toEqual([HELD, FREE]);
});

test("what is old is skipped, and a gap is told", () => {
  const seats = new Seats(plan, now("a".repeat(100), 7));
  expect(seats.apply(change(5, 6, "101-A-1"))).toBe("old");
  expect(seats.apply(change(9, 10, "101-A-1"))).toBe("gap");
  expect(seats.status(0)).toBe(FREE);
});

test("what others took cannot be chosen, and what was chosen is lost to them by name", () => {
  const seats = map();
  seats.apply(change(0, 1, "101-A-1"));
  for (const seat of [0, 1, 2]) seats.toggle(seat);
  expect([...seats.chosen]).toEqual([
    [1, "typ_1"],
    [2, "typ_1"],
  ]);
  const lost: number[] = [];
  seats.onChange((_, gone) => lost.push(...gone));
  seats.apply(change(1, 2, "101-A-2", "101-A-9"));
  expect(lost).toEqual([1]);
  expect([...seats.chosen.keys()]).toEqual([2]);
});

test("reading the whole map again loses no choice that is still free", () => {
  const seats = map();
  seats.toggle(0);
  seats.toggle(1);
  seats.choose(1, "typ_2");
  seats.read(now(`h${"a".repeat(99)}`, 5));
  expect([...seats.chosen]).toEqual([[1, "typ_2"]]);
  expect(seats.version).toBe(5);
});

test("the nearest seat is hit, and nothing beyond reach", () => {
  const seats = map();
  expect(seats.at(62, 3, 10)).toBe(3);
  expect(seats.at(62, 300, 10)).toBe(-1);
});

test("arrows lead to the neighbour, and stop at the edge", () => {
  const seats = map();
  expect(seats.beside(3, 1, 0)).toBe(4);
  expect(seats.beside(3, 0, 1)).toBe(53);
  expect(seats.beside(0, -1, 0)).toBe(0);
});

test("a seat of a status that is not known yet is not for sale", () => {
  const seats = new Seats(plan, now(`?${"a".repeat(99)}`));
  seats.toggle(0);
  expect(seats.chosen.size).toBe(0);
});

test("what an access code opens is sold by those who have it, also after the map was read anew", () => {
  const seats = map();
  const told: number[] = [];
  seats.onChange((changed) => told.push(changed.length));
  seats.open([{ id: "typ_hidden", sections: ["101"] }]);
  expect(seats.typesOf(0)).toEqual(["typ_1", "typ_2", "typ_hidden"]);
  expect(told).toEqual([100]);
  seats.open([{ id: "typ_hidden", sections: ["101"] }]);
  expect(told).toEqual([100]);
  seats.read(now("a".repeat(100), 3));
  expect(seats.typesOf(0)).toContain("typ_hidden");
});
