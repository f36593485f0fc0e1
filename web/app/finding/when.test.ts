import { expect, test } from "vitest";
import { isDay, rangeOf, rangeOfDays } from "./when";

const at = (text: string) => new Date(text);
const days = ({ startsAfter = "", startsBefore = "" }) => [startsAfter, startsBefore].map((text) => new Date(text).toDateString());

test("on a Wednesday the weekend begins on Friday, on a Sunday it is today", () => {
  expect(days(rangeOf("weekend", at("2027-03-03T15:00:00")))).toEqual(["Fri Mar 05 2027", "Mon Mar 08 2027"]);
  expect(days(rangeOf("weekend", at("2027-03-07T15:00:00")))).toEqual(["Sun Mar 07 2027", "Mon Mar 08 2027"]);
});

test("today ends at midnight, and a week has seven days", () => {
  expect(days(rangeOf("today", at("2027-12-31T23:59:00")))).toEqual(["Fri Dec 31 2027", "Sat Jan 01 2028"]);
  expect(days(rangeOf("week", at("2027-03-03T00:00:00")))).toEqual(["Wed Mar 03 2027", "Wed Mar 10 2027"]);
});

test("both days of an address are looked through, and either may be missing", () => {
  expect(days(rangeOfDays("2027-03-01", "2027-03-31"))).toEqual(["Mon Mar 01 2027", "Thu Apr 01 2027"]);
  expect(rangeOfDays(undefined, undefined)).toEqual({});
});

test("the 30th of February is no day", () => {
  expect(isDay("2027-02-28")).toBe(true);
  expect(isDay("2027-02-30")).toBe(false);
  expect(isDay("soon")).toBe(false);
});
