import { expect, test } from "vitest";
import { filterOf, searchOf } from "./search";

test("an address that was typed wrong still finds everything", () => {
  expect(searchOf({ q: "  ", category: "CIRCUS", other: 1 })).toEqual({});
  expect(searchOf({ q: { deep: true } })).toEqual({});
});

test("words and a category are kept, and a year is words too", () => {
  expect(searchOf({ q: " fado ", category: "MUSIC" })).toEqual({ q: "fado", category: "MUSIC" });
  expect(searchOf({ q: 1984 })).toEqual({ q: "1984" });
});

test("days that cannot be are left out, and a time that has a name goes before days", () => {
  expect(searchOf({ from: "2027-02-30", until: "2027-03-01" })).toEqual({ until: "2027-03-01" });
  expect(searchOf({ from: "2027-03-02", until: "2027-03-01" })).toEqual({ from: "2027-03-02" });
  expect(searchOf({ when: "weekend", from: "2027-03-02" })).toEqual({ when: "weekend" });
  expect(searchOf({ when: "yesterday", sort: "cheap" })).toEqual({});
});

test("the graph is asked for what stands in the address, and for nothing else", () => {
  expect(filterOf({}, new Date())).toEqual({});
  expect(filterOf({ q: "fado", category: "MUSIC", city: "Porto", sort: "new" }, new Date())).toEqual({
    query: "fado",
    categories: ["MUSIC"],
    city: "Porto",
  });
  expect(filterOf({ when: "today" }, new Date())).toHaveProperty("startsBefore");
  expect(filterOf(searchOf({ most: 40, free: true }), new Date())).toEqual({ priceMax: "40", onlyAvailable: true });
  expect(searchOf({ most: "cheap", free: "yes" })).toEqual({});
});
