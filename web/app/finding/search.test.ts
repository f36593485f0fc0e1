import { expect, test } from "vitest";
import { filterOf, placeNear, searchOf, sortOf } from "./search";

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

test("a place is a point of the globe, kept to a kilometre, and distance is an order only around one", () => {
  expect(placeNear(48.20849, 16.37208)).toBe("48.21,16.37");
  expect(searchOf({ near: "48.21,16.37", km: 25, sort: "near" })).toEqual({ near: "48.21,16.37", km: 25, sort: "near" });
  expect(searchOf({ near: "98,16", km: 25, sort: "near" })).toEqual({});
  expect(searchOf({ near: "here" })).toEqual({});
  expect(filterOf({ near: "-33.87,151.21" }, new Date())).toEqual({ near: { lat: -33.87, lon: 151.21, km: 50 } });
});

test("one keyword or several are looked for, each once", () => {
  expect(searchOf({ tags: "jazz" })).toEqual({ tags: ["jazz"] });
  expect(searchOf({ tags: ["jazz", "jazz", "", "live"] })).toEqual({ tags: ["jazz", "live"] });
  expect(filterOf({ tags: ["jazz"] }, new Date())).toEqual({ tags: ["jazz"] });
});

test("what is over is shown from the latest on, unless words or an order say otherwise", () => {
  expect(searchOf({ over: true, when: "today" })).toEqual({ over: true });
  expect(filterOf({ over: true }, new Date())).toEqual({ upcoming: false });
  expect(sortOf({ over: true })).toBe("STARTS_AT_DESC");
  expect(sortOf({ over: true, q: "fado" })).toBeNull();
  expect(sortOf({ over: true, sort: "title" })).toBe("TITLE");
});

test("events of one organizer are found by its id alone", () => {
  expect(filterOf(searchOf({ by: "org_01J" }), new Date())).toEqual({ organizationId: "org_01J" });
  expect(searchOf({ by: "../admin" })).toEqual({});
});
