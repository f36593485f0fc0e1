#!/usr/bin/env node
// Composes the subgraphs' SDL into the supergraph that the router loads. Without OUT it also writes schema.graphql, the
// same as clients have it, and router/trusted-documents.json, the operations of our own pages.
//
//   node compose.mjs [OUT]            write OUT (default: supergraph.graphql at the repository's root)
//   node compose.mjs --check [OUT]    write nothing; exit 1 when a file is stale, and say because of whom
//   --from DIR                        take the SDL from DIR/<name>/schema.graphql (default: subgraphs/)
//
// The output depends on nothing but the SDL files, the pages' operations and the scripts here: same files, same bytes.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { GraphQLError, parse } from "graphql";
import { manifest, operationsOfEarlierPages, operationsOfPages } from "./documents.mjs";
import { withGrowth } from "./growth.mjs";
import { publicSchema } from "./public.mjs";
import { withSizes } from "./sizes.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const ADVICE = "Run `make supergraph` and commit the result.";
const SUBGRAPHS = ["analytics", "events", "notifications", "payments", "tickets", "users"];

/** The address written into the supergraph; the router overrides it with where the service really is. */
const address = (name) => `http://${name}:8080/graphql`;

class Problem extends Error {}

function main() {
  const { check, from, out } = readArguments();
  const subgraphs = readSubgraphs(from);
  const composed = compose(subgraphs);
  const whole = out ?? join(ROOT, "supergraph.graphql");
  if (check) report(whole, composed, subgraphs);
  else write(whole, composed, `composed from ${subgraphs.map((s) => s.name).join(", ")}.`);
  if (out || from) return;
  for (const { file, text, what } of followers(composed)) {
    if (check) compare(file, text);
    else write(file, text, what);
  }
}

/** What is made of the supergraph, and of the pages that ask it. */
function followers(composed) {
  const { sdl, unknown } = publicSchema(composed);
  if (unknown.length > 0) throw new Problem(`The graph has no ${unknown.join(", ")}: correct public.mjs.`);
  const note = "# The graph as clients have it, made of supergraph.graphql. Do not edit; run `make supergraph`.";
  const documents = manifest([...operationsOfPages(ROOT), ...operationsOfEarlierPages(ROOT)]);
  return [
    { file: join(ROOT, "schema.graphql"), text: `${note}\n\n${sdl.trim()}\n`, what: "the public schema." },
    { file: join(ROOT, "router/trusted-documents.json"), text: documents, what: "the operations of our own pages." },
  ];
}

function write(file, text, what) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`${short(file)}: ${what}`);
}

function compare(file, text) {
  const present = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (present !== text) throw new Problem(`${short(file)} is ${present === undefined ? "missing" : "stale"}. ${ADVICE}`);
  console.log(`${short(file)} is up to date.`);
}

function readArguments() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { check: { type: "boolean", default: false }, from: { type: "string" } },
    });
  } catch (error) {
    throw new Problem(`${error.message}\nUsage: node compose.mjs [--check] [--from DIR] [OUT]`);
  }
  const { values, positionals } = parsed;
  if (positionals.length > 1) throw new Problem("Only one output file can be written: node compose.mjs [OUT]");
  return {
    check: values.check,
    from: values.from && resolve(values.from),
    out: positionals[0] && resolve(positionals[0]),
  };
}

function readSubgraphs(from) {
  const folder = from ?? join(ROOT, "subgraphs");
  const names = from ? foldersWithSdl(folder) : SUBGRAPHS;
  if (names.length === 0) throw new Problem(`${short(folder)} holds no <name>/schema.graphql.`);
  return names.map((name) => {
    const file = join(folder, name, "schema.graphql");
    if (!existsSync(file)) {
      throw new Problem(`${short(file)} is missing. Write it with \`odysseus schema ${name}\`, then compose again.`);
    }
    const sdl = readFileSync(file, "utf8");
    try {
      return { name, file, sdl, typeDefs: parse(sdl) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const at = error.locations?.[0];
      throw new Problem(`${short(file)}${at ? `:${at.line}:${at.column}` : ""}: ${error.message}`);
    }
  });
}

function foldersWithSdl(folder) {
  if (!existsSync(folder)) throw new Problem(`${short(folder)} does not exist.`);
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "schema.graphql")))
    .sort();
}

function compose(subgraphs) {
  const { sized, unknown } = withSizes(withGrowth(subgraphs));
  if (unknown.length > 0 && SUBGRAPHS.every((name) => subgraphs.some((subgraph) => subgraph.name === name))) {
    throw new Problem(`No subgraph has ${unknown.join(", ")}: correct sizes.mjs.`);
  }
  const result = composeServices(
    sized.map(({ name, typeDefs }) => ({ name, url: address(name), typeDefs })),
  );
  if (compositionHasErrors(result)) {
    const problems = result.errors.map((error) => {
      const code = error.extensions?.code;
      return `  - ${code ? `[${code}] ` : ""}${error.message}`;
    });
    throw new Problem(`The subgraphs do not compose:\n${problems.join("\n")}`);
  }
  return `${heading(subgraphs)}\n${result.supergraphSdl.trim()}\n`;
}

function heading(subgraphs) {
  const lines = subgraphs.map(({ name, sdl }) => `#   ${name} ${fingerprint(sdl)}`);
  return `# Composed from the subgraphs' schema.graphql. Do not edit; run \`make supergraph\`.\n${lines.join("\n")}\n`;
}

function fingerprint(sdl) {
  return createHash("sha256").update(sdl).digest("hex").slice(0, 16);
}

function report(out, composed, subgraphs) {
  if (!existsSync(out)) throw new Problem(`${short(out)} does not exist. ${ADVICE}`);
  const present = readFileSync(out, "utf8");
  if (present === composed) {
    console.log(`${short(out)} is up to date.`);
    return;
  }
  const known = new Map([...present.matchAll(/^# {3}(\S+) ([0-9a-f]{16})$/gm)].map((m) => [m[1], m[2]]));
  const changed = subgraphs.filter(({ name, sdl }) => known.get(name) !== fingerprint(sdl)).map((s) => s.name);
  const gone = [...known.keys()].filter((name) => !subgraphs.some((s) => s.name === name));
  const why = [
    changed.length > 0 && `the schema of ${changed.join(", ")} has changed since it was composed`,
    gone.length > 0 && `${gone.join(", ")} is no longer there`,
  ].filter(Boolean);
  const because = why.length > 0 ? why.join("; ") : "it was edited by hand, or composed by another version of the composer";
  throw new Problem(`${short(out)} is stale: ${because}. ${ADVICE}`);
}

/** A path as a person would type it here. */
function short(path) {
  const fromHere = relative(process.cwd(), path);
  return fromHere === "" || fromHere.startsWith("..") ? path : fromHere;
}

try {
  main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
