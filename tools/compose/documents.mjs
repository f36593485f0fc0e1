// The operations that the project's own pages send, by the hash of their text: clients may send the hash alone.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Kind, parse, visit } from "graphql";

/** Where pages keep their operations, somewhere below it. */
const PAGES = "web";
const NOT_OURS = new Set(["node_modules", "dist"]);
/** What the pages of earlier releases send: whoever has such a page open is still served. */
const EARLIER = "docs/released/documents";

/**
 * The operations of the pages as they are now: each with its file, and with its text as it is sent, the fragments that it is
 * made of after it. A file holds an operation, or fragments.
 */
export function operationsOfPages(root) {
  const files = filesOf(root, PAGES, ".graphql").map((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return { file, text, definitions: definitionsOf(text) };
  });
  const fragments = new Map();
  for (const { file, text, definitions } of files) {
    for (const { kind, name, loc } of definitions) {
      if (kind !== Kind.FRAGMENT_DEFINITION) continue;
      if (fragments.has(name.value)) throw new Error(`${file}: there is another fragment ${name.value}.`);
      fragments.set(name.value, text.slice(loc.start, loc.end));
    }
  }
  return files
    .filter(({ definitions }) => definitions.length === 0 || definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION))
    .map(({ file, text, definitions }) => ({ file, text: definitions.length === 0 ? text : withFragments(file, text, fragments) }));
}

/** None of what cannot be read: whoever validates it says why. */
function definitionsOf(text) {
  try {
    return parse(text).definitions;
  } catch {
    return [];
  }
}

/** A text, and after it each fragment that it or one of its fragments spreads, once, in the order of their first use. */
function withFragments(file, text, fragments) {
  const used = new Set();
  const look = (part) =>
    visit(parse(part), {
      FragmentSpread({ name: { value: name } }) {
        if (used.has(name)) return;
        if (!fragments.has(name)) throw new Error(`${file}: there is no fragment ${name}.`);
        used.add(name);
        look(fragments.get(name));
      },
    });
  look(text);
  if (used.size === 0) return text;
  return `${[text.trimEnd(), ...[...used].map((name) => fragments.get(name))].join("\n\n")}\n`;
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
