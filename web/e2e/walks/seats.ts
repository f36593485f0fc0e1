import type { Page } from "@playwright/test";
import { mapOf, pointAt } from "../visitor";

type Drawn = HTMLElement & { seats: { keys: string[]; status: (seat: number) => number } };

/** Chooses two free seats side by side in the stalls, which others may have bought from; their keys. */
export async function chooseTwo(page: Page): Promise<string[]> {
  const map = await mapOf(page);
  const two = await map.evaluate((element) => {
    const { seats } = element as Drawn;
    const free = (seat: number) => /^STALLS-[F-S]-([89]|1\d)$/.test(seats.keys[seat] ?? "") && seats.status(seat) === 0;
    const first = seats.keys.findIndex((_, seat) => free(seat) && free(seat + 1));
    return seats.keys.slice(first, first + 2);
  });
  for (const seat of two) await pointAt(page, seat);
  return two;
}
