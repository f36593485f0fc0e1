import { useSyncExternalStore } from "react";
import { clock } from "../graph/clock";

/** What is held for the visitor of this tab, so that the way back to it is always there. */
export type Basket = { id: string; expiresAt: string };

const KEPT = "odysseus.basket";
const listeners = new Set<() => void>();
let basket: Basket | null = kept();

export function setBasket(next: Basket | null): void {
  basket = next;
  try {
    if (next) sessionStorage.setItem(KEPT, JSON.stringify(next));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // The cart's own address leads back to it.
  }
  for (const listener of listeners) listener();
}

/** Empties the basket, if that is what is in it. */
export function dropBasket(id: string): void {
  if (basket?.id === id) setBasket(null);
}

export function useBasket(): Basket | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => basket,
  );
}

function kept(): Basket | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Basket | null;
    return found && Date.parse(found.expiresAt) > clock.now() ? found : null;
  } catch {
    return null;
  }
}
