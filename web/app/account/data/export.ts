import { network } from "../../graph/network";
import { GraphError } from "../../graph/transport";
import { saveFile } from "../file";
import { token } from "../session";

/** The parts of the shop that keep something of somebody. */
const KEEPERS = ["users", "tickets", "payments", "notifications"];
const LONGEST_WAIT_MS = 60_000;

/** What a part tells at once: some records of one kind, and where the next ones are, of that kind or of another. */
export type Page = { service: string; kind: string; records: unknown[]; next: string | null };
/** What is kept, by the part of the shop and the kind of records. */
export type Kept = Record<string, Record<string, unknown[]>>;

/** All that every part keeps of whoever is signed in, or an error: a file that lacks something would say what is not so. */
export async function allKept(read: (path: string) => Promise<Page> = page): Promise<Kept> {
  const kept: Kept = {};
  // One after the other: nobody waits for it so much that others should.
  for (const keeper of KEEPERS) {
    let next: string | null = `/api/${keeper}/v1/me/export`;
    while (next) {
      const found: Page = await read(next);
      kept[found.service] ??= {};
      const kinds = kept[found.service] as Record<string, unknown[]>;
      kinds[found.kind] = [...(kinds[found.kind] ?? []), ...found.records];
      next = found.next;
    }
  }
  return kept;
}

async function page(path: string): Promise<Page> {
  const bearer = await token();
  const response = await fetch(path, {
    headers: bearer ? { authorization: `Bearer ${bearer}` } : {},
    signal: AbortSignal.timeout(LONGEST_WAIT_MS),
  }).catch(() => {
    network.failed();
    throw new GraphError("Odysseus does not answer.", "UNREACHABLE");
  });
  if (response.ok) return (await response.json()) as Page;
  const { detail, code, ...rest } = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  throw new GraphError(String(detail ?? "Odysseus does not answer."), String(code ?? "UNREACHABLE"), rest);
}

/** Has the browser keep it as a file of today. */
export function save(kept: Kept, name: string): void {
  const today = new Date().toISOString();
  saveFile(`${name}-${today.slice(0, 10)}.json`, "application/json", JSON.stringify({ exportedAt: today, ...kept }, null, 2));
}
