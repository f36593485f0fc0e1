import { expect, test } from "vitest";
import { announcedBetween, minutesAndSeconds } from "./time-left";

test("time left never falls below nothing, and its last second is a second", () => {
  expect(minutesAndSeconds(600_000)).toBe("10:00");
  expect(minutesAndSeconds(65_001)).toBe("1:06");
  expect(minutesAndSeconds(1)).toBe("0:01");
  expect(minutesAndSeconds(-5_000)).toBe("0:00");
  expect(minutesAndSeconds(43_199_000)).toBe("11:59:59");
});

test("five minutes are said once, when they are reached", () => {
  expect(announcedBetween(301_000, 300_500)).toBeNull();
  expect(announcedBetween(300_500, 299_900)).toBe(300);
  expect(announcedBetween(299_900, 299_000)).toBeNull();
});

test("a tab that slept says how it stands now", () => {
  expect(announcedBetween(310_000, 45_000)).toBe(60);
});
