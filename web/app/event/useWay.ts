import { useState } from "react";

export const WAYS = ["map", "list"] as const;
export type Way = (typeof WAYS)[number];

const KEPT = "odysseus.seats-as";

/** How somebody likes to see seats: as they chose last, at whatever event. */
export function useWay(): [way: Way, choose: (way: Way) => void] {
  const [way, setWay] = useState(read);
  const choose = (next: Way) => {
    setWay(next);
    try {
      localStorage.setItem(KEPT, next);
    } catch {
      // It holds for this page then.
    }
  };
  return [way, choose];
}

function read(): Way {
  try {
    return WAYS.find((one) => one === localStorage.getItem(KEPT)) ?? "map";
  } catch {
    return "map";
  }
}
