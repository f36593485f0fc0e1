import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clock } from "./clock";

const NOON = Date.parse("2027-03-05T12:00:00Z");
const told = (milliseconds: number) => new Date(milliseconds).toUTCString();

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a clock that is right stays so, though answers tell no parts of seconds", () => {
  vi.setSystemTime(NOON + 999);
  clock.set(told(NOON));
  expect(clock.now()).toBe(NOON + 999);
});

test("a clock that is wrong comes nearer with each answer", () => {
  const late = 90_000;
  for (const [at, off] of [
    [0, 0],
    [700, 0],
    [1_050, 50],
  ] as const) {
    vi.setSystemTime(NOON + at - late);
    clock.set(told(NOON + Math.floor(at / 1000) * 1000));
    expect(Math.abs(clock.now() - (NOON + at))).toBeLessThanOrEqual(off);
  }
});

test("a clock that was put right is believed", () => {
  vi.setSystemTime(NOON - 90_000);
  clock.set(told(NOON));
  vi.setSystemTime(NOON + 60_000);
  clock.set(told(NOON + 60_000));
  expect(clock.now()).toBe(NOON + 60_000);
  clock.set(null);
  expect(clock.now()).toBe(NOON + 60_000);
});
