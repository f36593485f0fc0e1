import { network } from "../../graph/network";
import { GraphError } from "../../graph/transport";
import { token } from "../session";

/** The parts of the shop that keep something of somebody. */
const KEEPERS = ["users", "tickets", "payments", "notifications"] as const;
const LONGEST_WAIT_MS = 60_000;

/** One part of the file: what a service keeps. Long lists come in pages, each of which names the next. */
type Page = { next?: string | null } & Record<string, unknown>;
export type Kept = { exportedAt: string } & Partial<Record<(typeof KEEPERS)[number], unknown>>;

/** All that every service keeps of whoever is signed in, or an error: a file that lacks something would say what is not so. */
export async function allKept(): Promise<Kept> {
  const kept: Kept = { exportedAt: new Date().toISOString() };
  // One after the other: it is not urgent, and costs no more than reading a page.
  for (const keeper of KEEPERS) kept[keeper] = await whole((after) => read(`/api/${keeper}/v1/me/export`, after));
  return kept;
}

/** Reads page after page, and puts the lists of all of them together. */
export async function whole(page: (after: string | null) => Promise<Page>): Promise<unknown> {
  const all: Record<string, unknown> = {};
  let after: string | null = null;
  do {
    const { next, ...part }: Page = await page(after);
    for (const [name, value] of Object.entries(part)) {
      const before = all[name];
      all[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
    }
    after = next ?? null;
  } while (after);
  return all;
}

async function read(path: string, after: string | null): Promise<Page> {
  const bearer = await token();
  const response = await fetch(after ? `${path}?after=${encodeURIComponent(after)}` : path, {
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

/** Has the browser keep it as a file. */
export function save(kept: Kept, name: string): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(kept, null, 2)], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: `${name}-${kept.exportedAt.slice(0, 10)}.json` });
  link.click();
  URL.revokeObjectURL(url);
}
