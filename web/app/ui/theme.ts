import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const KEPT = "odysseus.theme";
const listeners = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => tell());

/** Before the first render, so that nothing flashes. */
export function restoreTheme(): void {
  const kept = read();
  if (kept) document.documentElement.dataset.theme = kept;
}

export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEPT, theme);
  } catch {
    // It holds for this page then.
  }
  tell();
}

/** What is shown: as was chosen here, or else in the system. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, now);
}

function now(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return dark.matches ? "dark" : "light";
}

function read(): Theme | null {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null;
  }
}

function tell(): void {
  for (const listener of listeners) listener();
}
