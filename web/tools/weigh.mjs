// Fails where a page's scripts, as they are sent to whoever takes brotli, weigh more than a phone on a slow line should wait
// for.

import { readdirSync, readFileSync, statSync } from "node:fs";

const DIST = new URL("../dist/", import.meta.url);
const MOST = 200;
const KILOBYTE = 1024;
const PAGES = ["Home", "EventPage", "CartPage", "OrderPage"];

const names = readdirSync(new URL("assets/", DIST));
const [, entry] = readFileSync(new URL("index.html", DIST), "utf8").match(/src="\/assets\/([^"]+\.js)"/) ?? [];

/** A script and all that it cannot do without. */
function withImports(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(new URL(`assets/${name}`, DIST), "utf8");
  for (const [, imported] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) withImports(imported, found);
  return found;
}

const weight = (name) => statSync(new URL(`assets/${names.includes(`${name}.br`) ? `${name}.br` : name}`, DIST)).size;

for (const page of PAGES) {
  const script = names.find((name) => name.startsWith(`${page}-`) && name.endsWith(".js"));
  if (!entry || !script) throw new Error(`The build has no ${page}.`);
  const words = names.find((name) => /^de-.*\.js$/.test(name));
  const scripts = new Set([entry, script, words].filter(Boolean).flatMap((name) => [...withImports(name)]));
  const kilobytes = [...scripts].reduce((all, name) => all + weight(name), 0) / KILOBYTE;
  console.log(`${page}: ${kilobytes.toFixed(0)} of ${MOST} kB of scripts`);
  if (kilobytes > MOST) process.exitCode = 1;
}
