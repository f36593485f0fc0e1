import { expect, test } from "vitest";
import { bucketsOf, daysOf, pricesOf } from "./facets";

test("a month has the days that it has", () => {
  expect(daysOf("2027-02")).toEqual({ from: "2027-02-01", until: "2027-02-28" });
  expect(daysOf("2028-02").until).toBe("2028-02-29");
  expect(daysOf("2026-12").until).toBe("2026-12-31");
});

test("what nothing has is not offered", () => {
  const facets = [
    {
      field: "CITY" as const,
      buckets: [
        { value: "wien", label: "Wien", count: 3 },
        { value: "graz", label: "Graz", count: 0 },
      ],
    },
  ];
  expect(bucketsOf(facets, "CITY").map(({ label }) => label)).toEqual(["Wien"]);
  expect(bucketsOf(facets, "MONTH")).toEqual([]);
});

test("price bands of several currencies offer each price once", () => {
  const bands = ["EUR:0-20", "EUR:20-50", "GBP:20-50", "EUR:200-"].map((value) => ({ value, label: value, count: 1 }));
  expect(pricesOf(bands)).toEqual([20, 50]);
});
