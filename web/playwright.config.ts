import process from "node:process";
import { defineConfig, devices } from "@playwright/test";

// One that is installed: Playwright's own would be fetched from elsewhere. Its sandbox does not work for root.
const launchOptions = { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromiumSandbox: false };

export default defineConfig({
  testDir: "e2e",
  outputDir: "e2e/results",
  // Two cores, and Chromium draws in software.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: process.env.ODYSSEUS_URL ?? "http://127.0.0.1:4000",
    trace: "retain-on-failure",
    locale: "en-GB",
    // Not the zone of any event: a time that is shown in the visitor's zone is wrong.
    timezoneId: "Asia/Kathmandu",
    contextOptions: { reducedMotion: "reduce" },
    launchOptions,
  },
  projects: [
    { name: "desktop", use: { ...devices["Desktop Chrome"], launchOptions } },
    { name: "phone", use: { ...devices["Pixel 7"], launchOptions } },
  ],
});
