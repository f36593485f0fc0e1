import { expect, test } from "vitest";
import { Seats } from "./seats";
import { nearest, together } from "./together";

/** Rows of ten seats; `a` is free, `s` is sold, `w` is a free wheelchair place. */
function hall(...rows: string[]): Seats {
  return new Seats(
    {
      id: "lay_1",
      viewBox: [0, 0, 100, 100],
      focalPoint: null,
      sections: [
        {
          key: "S",
          name: "Stalls",
          rows: rows.map((row, y) => ({
            label: String.fromCharCode(65 + y),
            labels: [...row].map((_, x) => `${x + 1}`),
            x: [...row].map((_, x) => x * 10),
            y: [...row].map(() => y * 10),
            accessible: [...row].flatMap((letter, x) => (letter === "w" ? [x] : [])),
          })),
        },
      ],
    },
    {
      version: 0,
      sections: [
        {
          key: "S",
          name: "Stalls",
          kind: "SEATED",
          available: null,
          statuses: rows.join("").replaceAll("w", "a"),
          ticketTypes: [{ id: "typ" }],
        },
      ],
    },
  );
}
const keys = (seats: Seats, found: number[] | null) => found?.map((seat) => seats.keys[seat]);

test("the middle of the first row is best", () => {
  const seats = hall("aaaaaaaaaa", "aaaaaaaaaa");
  expect(keys(seats, together(seats, "typ", 2))).toEqual(["S-A-5", "S-A-6"]);
});

test("nobody is seated apart, or around a seat that is taken", () => {
  const seats = hall("aasaasaasa", "ssssaaasss");
  expect(keys(seats, together(seats, "typ", 3))).toEqual(["S-B-5", "S-B-6", "S-B-7"]);
  expect(together(seats, "typ", 4)).toBeNull();
  expect(together(seats, "another", 1)).toBeNull();
});

test("no single seat is left over where that can be helped", () => {
  const seats = hall("sssaaasaas", "ssssssssss");
  expect(keys(seats, together(seats, "typ", 2))).toEqual(["S-A-8", "S-A-9"]);
});

test("wheelchair places are left for those who need them", () => {
  const seats = hall("ssswwaasss");
  expect(keys(seats, together(seats, "typ", 2))).toEqual(["S-A-6", "S-A-7"]);
  expect(together(seats, "typ", 3)).toBeNull();
});

test("for a seat that was lost the nearest of its kind is offered, but none that one has", () => {
  const seats = hall("aaasaaaaaa", "aaaaaaaaaa");
  seats.toggle(4);
  expect(seats.keys[nearest(seats, 3)]).toBe("S-A-3");
  expect(nearest(hall("ssss"), 1)).toBe(-1);
  expect(nearest(hall("swws"), 0)).toBe(-1);
});
