// The operations that the project's own pages send, by the hash of their text: clients may send the hash alone.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where pages keep their operations, somewhere below it. */
const PAGES = "web";
const NOT_OURS = new Set(["node_modules", "dist"]);
/** What the pages of earlier releases send: whoever has such a page open is still served. */
const EARLIER = "docs/released/documents";

/** The operations of the pages as they are now: each with its file and text. */
export function operationsOfPages(root) {
  return filesOf(root, PAGES, ".graphql").map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
}

/** Those of earlier releases, as they were written down at each. */
export function operationsOfEarlierPages(root) {
  return filesOf(root, EARLIER, ".json").flatMap((file) => {
    const documents = JSON.parse(readFileSync(join(root, file), "utf8"));
    return Object.entries(documents).map(([id, text]) => {
      if (id !== idOf(text)) throw new Error(`${file}: ${id} is not the hash of its text, which is ${idOf(text)}.`);
      return { file: `${file}, ${id}`, text };
    });
  });
}

/** All that may be asked for by its hash: an object of texts, sorted, so that the same operations are the same bytes. */
export function manifest(operations) {
  const entries = operations.map(({ text }) => [idOf(text), text]);
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

/** SHA-256 of the text, in hexadecimal digits, as Apollo's and Relay's clients have it. */
export function idOf(text) {
  return createHash("sha256").update(text).digest("hex");
}

function filesOf(root, folder, ending) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !NOT_OURS.has(name));
  const files = entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesOf(root, path, ending);
    return path.endsWith(ending) ? [path] : [];
  });
  return files.sort();
}
