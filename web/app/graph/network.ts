import { useSyncExternalStore } from "react";

/** How often it is tried whether the shop answers again. */
const PAUSE_MS = 3_000;
const PATIENCE_MS = 5_000;

let up = true;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export const network = {
  isUp: () => up,
  /** The shop has answered. */
  answered(): void {
    clearTimeout(timer);
    turn(true);
  },
  /** Something did not come through: from now on it is tried until the shop answers. */
  failed(): void {
    turn(false);
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  },
  onChange(listener: () => void): () => void {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

/** Whether the shop can be reached. */
export function useNetwork(): boolean {
  return useSyncExternalStore(network.onChange, network.isUp);
}

/** Looks at once whenever the browser has lost its network, or has one again. */
export function watchNetwork(): void {
  addEventListener("offline", () => network.failed());
  addEventListener("online", () => look());
}

async function look(): Promise<void> {
  try {
    const { ok } = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (ok) network.answered();
    else network.failed();
  } catch {
    network.failed();
  }
}

function turn(now: boolean): void {
  if (up === now) return;
  up = now;
  for (const listener of listeners) listener();
}
