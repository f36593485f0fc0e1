import { useSyncExternalStore } from "react";
import { clock } from "../graph/clock";
import { RefreshSessionDocument, type SignInMutation, SignOutDocument } from "../graph/generated/graphql";
import { onTold, tellTabs } from "../graph/tabs";
import { GraphError, send } from "../graph/transport";

export type Person = { name: string | null; email: string | null; guest: boolean };
/** `refreshToken` is null where it is in a cookie, which no script can read. */
type Session = { accessToken: string; expiresAt: string; refreshToken: string | null; user: Person };
type Begun = NonNullable<SignInMutation["login"]>;

const KEPT = "odysseus.session";
/** Who it is whose session is in the cookie: for all tabs, and after the browser was closed. */
const KNOWN = "odysseus.person";
const LONG_AGO = new Date(0).toISOString();
/** A token that ends this soon is exchanged before it is used. */
const SOON_MS = 30_000;

const listeners = new Set<() => void>();
let session: Session | null = kept();
let refreshing: Promise<string | null> | null = null;

// Tabs are one visitor: who signs in or out in one does in all. A tab that was just opened asks the others who it is.
onTold("session?", () => session && tellTabs("session", session));
onTold("session", (told) => keep(isSession(told) ? told : null));
if (!session) tellTabs("session?", null);

/** Who is signed in; null for nobody. */
export function person(): Person | null {
  return session?.user ?? null;
}

/** The same for components. */
export function usePerson(): Person | null {
  return useSyncExternalStore(onSessionChange, person);
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function begin(begun: Begun): void {
  const { accessToken, expiresAt, refreshToken, user } = begun;
  const { name, email, guest } = user;
  set({ accessToken, expiresAt, refreshToken: refreshToken ?? null, user: { name: name ?? null, email: email ?? null, guest } });
}

/** Forgets the session here. */
export function end(): void {
  set(null);
}

/** Forgets the session here and at the server. That it is gone here does not depend on whether the server answers. */
export async function signOut(): Promise<void> {
  const ended = session;
  end();
  if (ended) await send(SignOutDocument, { refreshToken: ended.refreshToken }, ended.accessToken).catch(() => null);
}

/** A token that is still good for half a minute, or null for nobody. */
export async function token(): Promise<string | null> {
  if (!session) return null;
  if (Date.parse(session.expiresAt) - clock.now() > SOON_MS) return session.accessToken;
  // Once for all who wait: the second use of a refresh token ends the session.
  refreshing ??= alone(async () => {
    // Another tab may have done it while this one waited.
    if (!session || Date.parse(session.expiresAt) - clock.now() > SOON_MS) return session?.accessToken ?? null;
    return refresh(session);
  }).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** One tab at a time, where the browser can see to that. */
async function alone<T>(what: () => Promise<T>): Promise<T> {
  return globalThis.navigator?.locks ? await navigator.locks.request("odysseus.session", what) : await what();
}

async function refresh(old: Session): Promise<string | null> {
  try {
    const { refreshSession } = await send(RefreshSessionDocument, { refreshToken: old.refreshToken }, null);
    if (session !== old) return session?.accessToken ?? null;
    if (refreshSession) begin(refreshSession);
    return session?.accessToken ?? null;
  } catch (error) {
    const over = error instanceof GraphError && error.code === "UNAUTHENTICATED";
    if (!over) throw error;
    if (session === old) end();
    return null;
  }
}

function set(next: Session | null): void {
  keep(next);
  tellTabs("session", next);
}

function keep(next: Session | null): void {
  session = next;
  try {
    if (next?.refreshToken) sessionStorage.setItem(KEPT, JSON.stringify(next));
    else sessionStorage.removeItem(KEPT);
    if (next && !next.refreshToken) localStorage.setItem(KNOWN, JSON.stringify(next.user));
    else localStorage.removeItem(KNOWN);
  } catch {
    // A browser that stores nothing keeps the session as long as the page.
  }
  for (const listener of listeners) listener();
}

function kept(): Session | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    if (isSession(found)) return found;
    const user = JSON.parse(localStorage.getItem(KNOWN) ?? "null") as Person | null;
    // The cookie gets a token when one is needed.
    return user && { accessToken: "", expiresAt: LONG_AGO, refreshToken: null, user };
  } catch {
    return null;
  }
}

function isSession(found: unknown): found is Session {
  const { accessToken, user } = (found ?? {}) as Partial<Session>;
  return typeof accessToken === "string" && Boolean(user);
}
