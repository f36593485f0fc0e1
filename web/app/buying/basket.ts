import { useSyncExternalStore } from "react";
import { clock } from "../graph/clock";
import { onTold, tellTabs } from "../graph/tabs";

/** What is held for the visitor, so that the way back to it is always there. */
export type Basket = { id: string; expiresAt: string; event: string | null };

const KEPT = "odysseus.basket";
const listeners = new Set<() => void>();
/** What was in it and is not to come back, though an answer that is on its way may still know it. */
const dropped = new Set<string>();
let basket: Basket | null = kept();

onTold("basket", (told) => {
  const { drop, put } = told as { drop?: string; put?: Basket };
  if (drop) forget(drop);
  if (put) keep(put);
});

export function setBasket(next: Basket): void {
  dropped.delete(next.id);
  keep(next);
  tellTabs("basket", { put: next });
}

/** Puts in what was found to be held, unless there is something or it was given up meanwhile. */
export function restoreBasket(found: Basket): void {
  if (!basket && !dropped.has(found.id) && Date.parse(found.expiresAt) > clock.now()) keep(found);
}

/** Empties the basket, if that is what is in it. */
export function dropBasket(id: string): void {
  forget(id);
  tellTabs("basket", { drop: id });
}

function forget(id: string): void {
  dropped.add(id);
  if (basket?.id === id) keep(null);
}

function keep(next: Basket | null): void {
  basket = next;
  try {
    if (next) sessionStorage.setItem(KEPT, JSON.stringify(next));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // The cart's own address leads back to it.
  }
  for (const listener of listeners) listener();
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
