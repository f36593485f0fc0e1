import { expect, test } from "vitest";
import { searchOf } from "./search";

test("an address that was typed wrong still finds everything", () => {
  expect(searchOf({ q: "  ", category: "CIRCUS", other: 1 })).toEqual({});
  expect(searchOf({ q: { deep: true } })).toEqual({});
});

test("words and a category are kept, and a year is words too", () => {
  expect(searchOf({ q: " fado ", category: "MUSIC" })).toEqual({ q: "fado", category: "MUSIC" });
  expect(searchOf({ q: 1984 })).toEqual({ q: "1984" });
});
