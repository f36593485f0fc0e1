import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ARIA = "node_modules/react-aria/dist/private";

/** The styles that a module of React Aria puts into the page. */
function styleOf(module: string): string {
  const source = readFileSync(`${ARIA}/${module}`, "utf8");
  const [, style = ""] = source.match(/textContent = `([^`]*)`\.trim\(\)/) ?? [];
  const [, attribute = ""] = source.match(/PRESSABLE_ATTRIBUTE = ['"](.*?)['"];/) ?? [];
  return style.replace(/\$\{[^}]*PRESSABLE_ATTRIBUTE\}/, attribute).trim();
}

test.each(["interactions/usePress.mjs", "overlays/usePreventScroll.mjs"])("the policy allows the style of %s", (module) => {
  const style = styleOf(module);
  expect(style).toContain("@layer");
  const hash = createHash("sha256").update(style).digest("base64");
  expect(readFileSync("../router/src/pages/policy.txt", "utf8")).toContain(`'sha256-${hash}'`);
});
