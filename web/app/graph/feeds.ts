/** Which operations feed the page that is shown, for whoever wants to see them. */

export type Operation = { kind: "query" | "mutation" | "subscription"; name: string; text: string; variables: Record<string, unknown> };

/** Of what the visitor did, as many are kept. */
const KEPT = 5;
/** What is shown to nobody, not even to whom it belongs: the screen may be shared. */
const SECRET = /password|token|secret|code$/i;

const open = new Set<Operation>();
const done: Operation[] = [];

/** An operation feeds the page until the returned function is called. */
export function feeding(document: unknown, variables: unknown): () => void {
  const operation = operationOf(document, variables);
  open.add(operation);
  return () => {
    open.delete(operation);
  };
}

/** Notes what the visitor has changed. */
export function noteSent(document: unknown, variables: unknown): void {
  const operation = operationOf(document, variables);
  if (operation.kind !== "mutation") return;
  done.unshift(operation);
  done.splice(KEPT);
}

export function feeds(): readonly Operation[] {
  return [...open];
}

/** What the visitor has changed, the latest first. */
export function sent(): readonly Operation[] {
  return done;
}

export function operationOf(document: unknown, variables: unknown): Operation {
  const text = String(document)
    .trim()
    .replace(/^ {4}(?=fragment )/gm, "\n");
  const [, kind = "query", name = ""] = text.match(/^(query|mutation|subscription)\s+(\w+)/) ?? [];
  return { kind: kind as Operation["kind"], name, text, variables: withoutSecrets(variables) as Record<string, unknown> };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => {
    const hidden = typeof part === "string" && SECRET.test(name);
    return [name, hidden ? "…" : withoutSecrets(part)];
  });
  return Object.fromEntries(entries);
}
