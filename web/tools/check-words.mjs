// Fails where the languages' files are not what `npm run generate` would write: a text is new, or was changed.
// What German lacks stops the build by itself.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../locales/", import.meta.url);
const read = () => readdirSync(FOLDER).map((name) => readFileSync(new URL(name, FOLDER), "utf8").replace(/^"POT-Creation-Date.*\n/m, ""));

const before = read();
execFileSync("npx", ["lingui", "extract", "--clean"], { cwd: new URL("../", import.meta.url), stdio: "ignore" });
const after = read();
if (before.join() !== after.join()) {
  console.error("The files of the languages were not current. Now they are: translate what is new, and commit them.");
  process.exitCode = 1;
}
