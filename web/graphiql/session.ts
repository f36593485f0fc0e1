/**
 * The access token of the last `register`, `login` or `refreshSession` that ran in this tab, so that the tour needs no
 * copying. An Authorization header in the header editor overrules it.
 */

export type Session = { accessToken: string; email: string | null };

const KEY = "odysseus.playground.session";
const listeners = new Set<() => void>();
let current: Session | null = read();

export function session(): Session | null {
  return current;
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function signOut(): void {
  set(null);
}

/** Looks through an answer for an AuthPayload. */
export function remember(answer: unknown): void {
  const data = field(answer, "data");
  if (!data || typeof data !== "object") return;
  for (const payload of Object.values(data)) {
    const accessToken = field(payload, "accessToken");
    if (typeof accessToken !== "string") continue;
    const email = field(field(payload, "user"), "email");
    set({ accessToken, email: typeof email === "string" ? email : null });
  }
}

/** The headers of the editor, and the session's token where they name none. */
export function withToken(headers: Record<string, string>): Record<string, string> {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  return named || !current ? headers : { ...headers, authorization: `Bearer ${current.accessToken}` };
}

function set(next: Session | null): void {
  current = next;
  try {
    if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
    else sessionStorage.removeItem(KEY);
  } catch {
    // A browser that stores nothing keeps the session as long as the page.
  }
  for (const listener of listeners) listener();
}

function read(): Session | null {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    const accessToken = field(stored, "accessToken");
    const email = field(stored, "email");
    return typeof accessToken === "string" ? { accessToken, email: typeof email === "string" ? email : null } : null;
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return value && typeof value === "object" ? (value as Record<string, unknown>)[name] : undefined;
}
