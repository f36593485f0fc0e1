import { expect, test } from "vitest";
import { Seats } from "./seats";
import { instead, leftAlone, together } from "./together";

/** Rows of seats; `a` is free, `s` is sold, `w` is a free wheelchair place, `r` is free with something in the way. */
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
            restrictedView: [...row].flatMap((letter, x) => (letter === "r" ? [x] : [])),
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
          statuses: rows.join("").replaceAll(/[wr]/g, "a"),
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

test("for seats that were lost the nearest of their kind are offered, each once, but none that one has", () => {
  const seats = hall("aaasaaaaaa", "aaaaaaaaaa");
  seats.toggle(4);
  expect(keys(seats, instead(seats, [3]))).toEqual(["S-A-3"]);
  expect(keys(seats, instead(seats, [3, 3]))).toEqual(["S-A-3", "S-B-4"]);
  expect(instead(hall("ssss"), [1])).toEqual([]);
  expect(instead(hall("swws"), [0])).toEqual([]);
});

test("nobody is offered less to see than what was lost", () => {
  const seats = hall("sraa");
  expect(keys(seats, instead(seats, [0]))).toEqual(["S-A-3"]);
});

test("a seat is left alone when what is chosen takes its last free neighbour", () => {
  const seats = hall("saaaas");
  seats.toggle(2);
  expect(keys(seats, leftAlone(seats))).toEqual(["S-A-2"]);
  seats.toggle(1);
  expect(leftAlone(seats)).toEqual([]);
  seats.toggle(3);
  expect(keys(seats, leftAlone(seats))).toEqual(["S-A-5"]);
  seats.toggle(4);
  expect(leftAlone(seats)).toEqual([]);
});

test("who stood alone before is not left alone by the choice, and a row's end is no neighbour of the next row", () => {
  const seats = hall("asaa", "aass");
  seats.toggle(2);
  seats.toggle(3);
  expect(leftAlone(seats)).toEqual([]);
});
