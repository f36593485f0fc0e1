import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { makeSmallHall } from "./small-hall";
import { expect, goOnAsGuest, payWith, pointAt, statusOf, test as visitor } from "./visitor";

/** In seconds: enough for somebody quick to order, and short enough to be waited for. */
const HOLD = 15;
const START_MS = 60_000;
/** The program, for a platform of this test's own: a hold is as long for all who buy at one. */
const BINARY = process.env.ODYSSEUS_BINARY ?? "../target/debug/odysseus";

const test = visitor.extend<object, { shortHolds: string }>({
  shortHolds: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const data = mkdtempSync(`${tmpdir()}/odysseus-short-holds-`);
      const env = { ...process.env, TICKETS__HOLD_SECONDS: String(HOLD) };
      const platform = spawn(BINARY, ["run", "--no-demo", "--port", "0", "--data", data], { env, stdio: ["ignore", "pipe", "ignore"] });
      const ended = new Promise((over) => platform.once("exit", over));
      for await (const line of createInterface(platform.stdout)) {
        const [, address] = line.match(/^listening on (\S+)/) ?? [];
        if (!address) continue;
        platform.stdout.resume();
        await use(address);
        break;
      }
      platform.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
    { scope: "worker", timeout: START_MS },
  ],
  baseURL: async ({ shortHolds }, use) => use(shortHolds),
});

test.skip(({ isMobile }) => isMobile, "it takes as long as it takes, on any screen");

test("when time runs out the seats are free for all, and the same are had again by one button, with what was typed", async ({
  page,
  context,
  baseURL,
}) => {
  const { page: event } = await makeSmallHall(baseURL ?? "");
  await page.goto(event);
  await pointAt(page, "STALLS-A-3");
  await goOnAsGuest(page, "Menelaus");
  await page.getByRole("textbox", { name: "Name" }).fill("Menelaus of Sparta");
  const other = await context.newPage();
  await other.goto(event);
  expect(await statusOf(other, "STALLS-A-3")).not.toBe(0);

  await expect(page.getByText("Time ran out, and your places are free again. Nothing was charged.")).toBeVisible({
    timeout: 2 * HOLD * 1000,
  });
  await expect(page.getByTestId("basket")).toHaveCount(0);
  await expect.poll(() => statusOf(other, "STALLS-A-3")).toBe(0);
  await other.close();

  await page.getByRole("button", { name: "The same places again" }).click();
  await expect(page.getByText("row A, seat 3")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Menelaus of Sparta");
  await page.getByRole("button", { name: "Order for €20" }).click();
  await expect(page.getByRole("heading", { name: "Now pay" })).toBeVisible();
});

test("who orders accepts the organizer's terms as they are at that moment, and says who gets the mails", async ({ page, baseURL }) => {
  const hall = await makeSmallHall(baseURL ?? "");
  await hall.setTerms({ url: "https://scheria.example/terms/1", version: "1" });
  await page.goto(hall.page);
  await pointAt(page, "STALLS-A-5");
  await goOnAsGuest(page, "Arete");
  await page.getByRole("button", { name: "More time" }).click();
  await expect(page.getByRole("link", { name: "terms of the organizer" })).toHaveAttribute("href", "https://scheria.example/terms/1");
  const accept = page.getByRole("checkbox", { name: "I accept the terms of the organizer" });
  await accept.check();
  await page.getByRole("checkbox", { name: "Mails about the order go to somebody else" }).check();
  await page.getByLabel("Their name").fill("Alcinous");
  const address = `${crypto.randomUUID()}@example.test`;
  await page.getByLabel("Their e-mail address").fill(address);

  // Meanwhile there are others, which nobody has accepted.
  await hall.setTerms({ url: "https://scheria.example/terms/2", version: "2" });
  const order = page.getByRole("button", { name: "Order for €20" });
  await order.click();
  await expect(page.getByRole("alert")).toContainText("terms");
  await expect(page.getByRole("link", { name: "terms of the organizer" })).toHaveAttribute("href", "https://scheria.example/terms/2");
  await expect(accept).not.toBeChecked();
  await accept.check();
  await order.click();
  await payWith(page, "A card that pays");
  await expect(page.getByRole("heading", { name: "Here is your ticket" })).toBeVisible();
  await expect(page.getByText(`Mails about this order go to ${address}.`)).toBeVisible();
  const mails = async () => (await page.request.get(`/sandbox/mails.json?to=${encodeURIComponent(address)}`)).text();
  await expect.poll(mails).toContain("Demodocus");
});
