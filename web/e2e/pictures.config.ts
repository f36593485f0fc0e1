import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";
import browser from "../playwright.config";

/** The walks for pictures: no tests of the shop, though one that cannot be walked to its end fails. */
export default defineConfig({
  ...browser,
  testDir: "walks",
  testMatch: "*.walk.ts",
  outputDir: "results/walks",
  globalTeardown: fileURLToPath(new URL("walks/bound.ts", import.meta.url)),
  timeout: 240_000,
  use: { ...browser.use, trace: "off", actionTimeout: 15_000 },
});
