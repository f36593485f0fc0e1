#!/usr/bin/env node
// Says what clients of the last release would no longer be able to do: see docs/api-policy.md.
//
//   node compatible.mjs              exit 1 on a breaking change that no line of breaking.txt announces
//   node compatible.mjs --release V  take the API as it stands for what version V released, and begin a new breaking.txt
//   --root DIR                       another repository than this one
//
// What was released is checked in, in docs/released, so that every clone and every archive knows it. Where git knows the
// tag of the last release, that has to be the same.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildSchema, findBreakingChanges, findDangerousChanges, parse, validate } from "graphql";
import { manifest, operationsOfEarlierPages, operationsOfPages } from "./documents.mjs";
import { breakingChanges } from "./rest.mjs";

const RELEASED = "docs/released";
const SCHEMA = "schema.graphql";
const ANNOUNCEMENTS = "breaking.txt";
/** The operations of clients that are tried beside the pages' own. */
const CLIENTS = "tools/clients/operations.graphql";
/** How many releases' pages are still served. */
const EARLIER_PAGES = 2;

/** Everything there is to say: what broke unannounced, what is announced and did not, what could surprise, what was compared. */
export function examine(root, git = askGit) {
  const read = (path) => readFileSync(join(root, path), "utf8");
  const schema = buildSchema(read(SCHEMA));
  const before = buildSchema(read(`${RELEASED}/${SCHEMA}`));
  const broken = [
    ...findBreakingChanges(before, schema).map(({ description }) => description),
    ...servicesOf(root).flatMap((service) => brokenRest(root, service)),
    ...operationsOfEarlierPages(root).flatMap((operation) => invalid(schema, operation)),
  ];
  const announced = announcements(existsSync(join(root, ANNOUNCEMENTS)) ? read(ANNOUNCEMENTS) : "");
  const tag = lastTag(git);
  return {
    unannounced: broken.filter((change) => !announced.includes(change)),
    idle: announced.filter((line) => !broken.includes(line)),
    dangerous: findDangerousChanges(before, schema).map(({ description }) => description),
    invalid: [...operationsOfPages(root), ...operationsOfClients(root)].flatMap((operation) => invalid(schema, operation)),
    forged: tag ? differsFromTag(root, tag, git) : [],
    base: tag ? `${RELEASED}, released as ${tag}` : `${RELEASED} (git knows no tag of a release here)`,
  };
}

/** One a line; what follows a # is for people. */
export function announcements(text) {
  const lines = text.split("\n").map((line) => line.replace(/^#.*|\s+#.*$/, "").trim());
  return lines.filter((line) => line !== "");
}

/** What was released is what is there: for the commit that a release is made of. */
export function release(root, version) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`A version has three numbers, such as 1.2.0, unlike ${version}.`);
  const copy = (from, to) => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    writeFileSync(join(root, to), readFileSync(join(root, from), "utf8"));
  };
  copy(SCHEMA, `${RELEASED}/${SCHEMA}`);
  rmSync(join(root, RELEASED, "rest"), { recursive: true, force: true });
  for (const service of readdirSync(join(root, "subgraphs"))) {
    const document = `subgraphs/${service}/openapi.json`;
    if (existsSync(join(root, document))) copy(document, `${RELEASED}/rest/${service}.json`);
  }
  const documents = join(root, RELEASED, "documents");
  mkdirSync(documents, { recursive: true });
  writeFileSync(join(documents, `${version}.json`), manifest(operationsOfPages(root)));
  for (const old of readdirSync(documents).sort(byVersion).slice(0, -EARLIER_PAGES)) rmSync(join(documents, old));
  const heading = existsSync(join(root, ANNOUNCEMENTS)) ? readFileSync(join(root, ANNOUNCEMENTS), "utf8") : "";
  writeFileSync(join(root, ANNOUNCEMENTS), heading.split("\n").filter((line) => line.startsWith("#")).join("\n") + "\n");
}

function byVersion(one, other) {
  return basename(one, ".json").localeCompare(basename(other, ".json"), "en", { numeric: true });
}

/** Those that had a document at the last release. */
function servicesOf(root) {
  const folder = join(root, RELEASED, "rest");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => basename(name, ".json")).sort();
}

function brokenRest(root, service) {
  const now = join(root, "subgraphs", service, "openapi.json");
  const read = (path) => JSON.parse(readFileSync(path, "utf8"));
  return breakingChanges(read(join(root, RELEASED, "rest", `${service}.json`)), existsSync(now) ? read(now) : {});
}

function operationsOfClients(root) {
  const file = join(root, CLIENTS);
  return existsSync(file) ? [{ file: CLIENTS, text: readFileSync(file, "utf8") }] : [];
}

function invalid(schema, { file, text }) {
  let errors;
  try {
    errors = validate(schema, parse(text));
  } catch (error) {
    errors = [error];
  }
  return errors.map((error) => `${file}: ${error.message}`);
}

/** Of releases, the last one that led here; none in an archive, and in a clone without tags. */
function lastTag(git) {
  return git(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"])?.trim();
}

function differsFromTag(root, tag, git) {
  const files = [SCHEMA, ...servicesOf(root).map((service) => `subgraphs/${service}/openapi.json`)];
  const kept = (file) => (file === SCHEMA ? file : `rest/${basename(dirname(file))}.json`);
  return files.filter((file) => {
    const tagged = git(["show", `${tag}:${file}`]);
    return tagged !== undefined && tagged !== readFileSync(join(root, RELEASED, kept(file)), "utf8");
  });
}

function askGit(words, root = ROOT) {
  try {
    return execFileSync("git", ["-C", root, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 64e6 });
  } catch {
    return undefined;
  }
}

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

function main() {
  const options = { root: { type: "string", default: ROOT }, release: { type: "string" } };
  const { values } = parseArgs({ options });
  const root = resolve(values.root);
  if (values.release) {
    release(root, values.release);
    console.log(`${RELEASED} is the API of ${values.release}.`);
    return;
  }
  const found = examine(root, (words) => askGit(words, root));
  const complaints = [
    ["These break clients. Take them back, or announce each by its line in breaking.txt and in CHANGELOG.md:", found.unannounced],
    ["breaking.txt announces what did not happen; take these lines out:", found.idle],
    ["Our own operations are no longer valid:", found.invalid],
    ["docs/released is not what the last release had:", found.forged],
  ].filter(([, lines]) => lines.length > 0);
  for (const change of found.dangerous) console.log(`Clients may be surprised: ${change}`);
  for (const [heading, lines] of complaints) console.error(`${heading}\n${lines.map((line) => `  ${line}`).join("\n")}`);
  if (complaints.length > 0) process.exitCode = 1;
  else console.log(`Clients of the last release are served as before: compared with ${found.base}.`);
}

if (process.argv[1] && relative(resolve(process.argv[1]), fileURLToPath(import.meta.url)) === "") main();
