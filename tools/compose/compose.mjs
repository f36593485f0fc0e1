#!/usr/bin/env node
// Composes the subgraphs' SDL into the supergraph that the router loads.
//
//   node compose.mjs [OUT]            write OUT (default: supergraph.graphql at the repository's root)
//   node compose.mjs --check [OUT]    write nothing; exit 1 when OUT is stale, and say because of whom
//   --from DIR                        take the SDL from DIR/<name>/schema.graphql (default: subgraphs/)
//
// The output depends on nothing but the SDL files and sizes.mjs: same files, same bytes.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { GraphQLError, parse } from "graphql";
import { withSizes } from "./sizes.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const SUBGRAPHS = ["analytics", "events", "notifications", "payments", "tickets", "users"];

/** The address written into the supergraph; the router overrides it with where the service really is. */
const address = (name) => `http://${name}:8080/graphql`;

class Problem extends Error {}

function main() {
  const { check, from, out } = readArguments();
  const subgraphs = readSubgraphs(from);
  const composed = compose(subgraphs);
  if (check) {
    report(out, composed, subgraphs);
  } else {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, composed);
    console.log(`${short(out)}: composed from ${subgraphs.map((s) => s.name).join(", ")}.`);
  }
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
    out: positionals[0] ? resolve(positionals[0]) : join(ROOT, "supergraph.graphql"),
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
  const { sized, unknown } = withSizes(subgraphs);
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
  const advice = "Run `make supergraph` and commit the result.";
  if (!existsSync(out)) throw new Problem(`${short(out)} does not exist. ${advice}`);
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
  throw new Problem(`${short(out)} is stale: ${because}. ${advice}`);
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
