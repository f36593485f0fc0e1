import { readFileSync } from "node:fs";
import { expect, goOnAsGuest, inMail, linkOfMail, payWith, register, signIn, test } from "./visitor";

const PASSWORD = "a bed of living olive";

// What is kept, and how it goes, is the same on a phone.
test.skip(({ isMobile }) => isMobile);

test("what a guest bought comes into an account, is in the file of one's data, and is told before the account is deleted", async ({
  page,
  browser,
  baseURL,
  accessible,
}) => {
  await page.goto("/events/open-mic-at-the-agave");
  await page.getByRole("button", { name: "One more Floor" }).click();
  const bought = await goOnAsGuest(page, "Anticleia");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await payWith(page, "A card that pays");
  await expect(page.getByTestId("ticket")).toHaveCount(1);
  const link = await inMail(baseURL ?? "", bought, /\/claim\?number=[\w-]+&email=[\w.%+-]+&token=[\w.~%-]+/);

  // On another device, by somebody with an account and another address.
  const second = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB", reducedMotion: "reduce" });
  const other = await second.newPage();
  const email = await register(other, "Anticleia", PASSWORD);
  await other.goto(link.replace(/token=[^&]+/, "token=guessed"));
  await other.getByRole("button", { name: "Take it over" }).click();
  await expect(other.getByText("This link leads to no order.")).toBeVisible();
  await other.goto(link);
  await expect(other.getByText(bought)).toBeVisible();
  await expect(other).toHaveURL(/\/claim$/);
  await accessible(other);
  await other.getByRole("button", { name: "Take it over" }).click();
  await expect(other.getByTestId("ticket")).toHaveCount(1);
  const number = new URLSearchParams(link.split("?")[1]).get("number") ?? "";

  await other.goto("/account");
  await other.getByRole("link", { name: "Your data" }).click();
  const saved = other.waitForEvent("download");
  await other.getByRole("button", { name: "Save my data" }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^my-data-at-odysseus-\d{4}-\d\d-\d\d\.json$/);
  const kept = JSON.parse(readFileSync(await file.path(), "utf8"));
  expect(kept.users.account).toEqual([expect.objectContaining({ email, name: "Anticleia" })]);
  expect(kept.tickets.orders).toEqual([expect.objectContaining({ number })]);
  expect(kept.tickets.tickets).toHaveLength(1);
  expect(Object.keys(kept)).toEqual(["exportedAt", "users", "tickets", "payments", "notifications"]);

  await other.getByRole("button", { name: "Delete the account…" }).click();
  await expect(other.getByText("You have 1 ticket for a coming event.")).toBeVisible();
  await other.getByLabel("Your password").fill("another bed");
  await other.getByRole("button", { name: "Delete it for good" }).click();
  await expect(other.getByText("This is not your password.")).toBeVisible();
  await accessible(other);
  await other.getByLabel("Your password").fill(PASSWORD);
  await other.getByRole("button", { name: "Delete it for good" }).click();
  await expect(other.getByRole("link", { name: "Sign in" })).toBeVisible();
  await signIn(other, email, PASSWORD);
  await expect(other.getByRole("main").getByRole("alert")).toBeVisible();
  await second.close();
});

test("whose mail comes back is told so, and shows by a new link that mail arrives", async ({ page, baseURL, accessible }) => {
  const [home, email] = [baseURL ?? "", "buyer@odysseus.test"];
  await page.goto("/account/forgot");
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByText("a mail with a link is on its way")).toBeVisible();
  await linkOfMail(home, email, "/account/reset-password");
  const [{ id }] = await (await fetch(`${home}/sandbox/mails.json?to=${encodeURIComponent(email)}`)).json();
  const reported = await fetch(`${home}/sandbox/mails/${id}/bounce`, { method: "POST" });
  expect(reported.ok).toBe(true);

  await signIn(page, email, "odysseus-demo");
  await expect(page.getByRole("link", { name: "My orders" })).toBeVisible();
  await page.goto("/account");
  await expect(page.getByText("A mail to this address came back on")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Try it with a new mail" }).click();
  await expect(page.getByText("When it arrives, open its link.")).toBeVisible();
  await page.goto(await linkOfMail(home, email, "/account/verify"));
  await expect(page.getByText("Your address is confirmed.")).toBeVisible();
  // What the link shows is heard of in a moment.
  await expect(async () => {
    await page.goto("/account");
    await expect(page.getByRole("heading", { name: "About you" })).toBeVisible();
    await expect(page.getByText("A mail to this address came back on")).toHaveCount(0, { timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
});
