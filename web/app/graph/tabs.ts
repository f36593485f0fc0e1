/** What the tabs of one visitor tell each other. Where a browser has no channel for it, each tab goes its own way. */

type Topic = "session" | "session?" | "basket";
type Message = { topic: Topic; what: unknown };

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("odysseus");
const listeners = new Map<Topic, Set<(what: unknown) => void>>();

channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
  for (const listener of listeners.get(data.topic) ?? []) listener(data.what);
});

/** Tells all other tabs. */
export function tellTabs(topic: Topic, what: unknown): void {
  channel?.postMessage({ topic, what } satisfies Message);
}

/** Hears what another tab tells. */
export function onTold(topic: Topic, listener: (what: unknown) => void): void {
  const there = listeners.get(topic) ?? new Set();
  listeners.set(topic, there.add(listener));
}
