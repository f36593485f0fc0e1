import { useSyncExternalStore } from "react";
import type { Seats } from "./seats";

const counts = new WeakMap<Seats, number>();

/** Renders again whenever a seat has changed. Returns how often one has. */
export function useSeatChanges(seats: Seats): number {
  return useSyncExternalStore(
    (listener) =>
      seats.onChange(() => {
        counts.set(seats, (counts.get(seats) ?? 0) + 1);
        listener();
      }),
    () => counts.get(seats) ?? 0,
  );
}
