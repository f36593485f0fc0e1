import { expect, test } from "vitest";
import { dateAndTime, stub } from "./dates";

test("an evening in Tokyo is that evening for a reader anywhere", () => {
  const starts = "2027-01-02T10:30:00.000Z";
  expect(dateAndTime(starts, "Asia/Tokyo", "en-GB")).toBe("Sat, 2 Jan 2027, 19:30 GMT+9");
  expect(dateAndTime(starts, "Europe/Berlin", "de-DE")).toBe("Sa., 2. Jan. 2027, 11:30 MEZ");
});

test("a stub names the day where the event is", () => {
  expect(stub("2026-12-03T04:00:00.000Z", "America/Los_Angeles", "en-GB")).toMatchObject({ weekday: "Wed", day: "2" });
});
