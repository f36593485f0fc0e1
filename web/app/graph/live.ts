import type { GraphQLFormattedError } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { useSyncExternalStore } from "react";
import { onSessionChange, token } from "../account/session";
import { feeding } from "./feeds";
import type { TypedDocumentString } from "./generated/graphql";
import { network } from "./network";

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;
const REFUSALS = ["UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT"];
/** How a socket is closed that nobody needs any more. */
const NORMAL_CLOSURE = 1_000;

let client: Client | null = null;
let connected = true;
const listeners = new Set<() => void>();

// A socket belongs to whom its first message named. Who watches through the old one goes on; it closes with the last.
onSessionChange(() => {
  client = null;
});

/**
 * Follows a subscription until the returned function is called. A lost connection is made again, and the subscription begun
 * anew: what was missed in between is the listener's to fetch.
 */
export function follow<T, V extends Record<string, unknown>>(
  document: TypedDocumentString<T, V>,
  variables: V,
  heard: (data: T) => void,
): () => void {
  let over = false;
  let pause = SHORTEST_PAUSE_MS;
  let stop = () => {};
  const fed = feeding(document, variables);
  const begin = () => {
    client ??= connect();
    stop = client.subscribe<T>(
      { query: String(document), variables },
      {
        next: ({ data }) => {
          pause = SHORTEST_PAUSE_MS;
          if (data) heard(data);
        },
        // A stream may end at any time, and is begun again; but not what is refused.
        error: (cause) => isRefused(cause) || again(),
        complete: again,
      },
    );
  };
  const again = () => {
    if (over) return;
    setTimeout(() => over || begin(), pause * (0.5 + Math.random() / 2));
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  };
  begin();
  return () => {
    over = true;
    fed();
    stop();
  };
}

/** Whether the graph itself said no, which asking again does not change. */
function isRefused(cause: unknown): boolean {
  if (!Array.isArray(cause)) return false;
  return cause.some(({ extensions }: GraphQLFormattedError) => REFUSALS.includes(String(extensions?.code)));
}

/** Whether what is followed arrives; false while the connection is lost. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => connected,
  );
}

function connect(): Client {
  return createClient({
    url: `${location.origin.replace(/^http/, "ws")}/graphql`,
    lazy: true,
    keepAlive: 10_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: async (retries) => {
      const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
      await new Promise((later) => setTimeout(later, pause));
    },
    connectionParams: async () => {
      const bearer = await token();
      return bearer ? { authorization: `Bearer ${bearer}` } : {};
    },
    on: { connected: () => tell(true), closed: (event) => lost((event as CloseEvent).code) },
  });
}

function lost(code: number): void {
  tell(code === NORMAL_CLOSURE);
  if (code !== NORMAL_CLOSURE && !navigator.onLine) network.failed();
}

function tell(now: boolean): void {
  if (connected === now) return;
  connected = now;
  for (const listener of listeners) listener();
}
