import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, goOnAsGuest, test } from "./visitor";

const KEY = "pk_test_51Odysseus";
/** Stripe's test cards, and what the sandbox calls them. */
const CARDS: Record<string, string> = {
  "4242424242424242": "pm_card_visa",
  "4000000000000002": "pm_card_chargeDeclined",
  "4000000000003220": "pm_card_threeDSecure2Required",
};

// A page that was changed on its way is of no network, for Chromium, and may ask this machine only by permission.
test.use({ permissions: ["local-network-access"] });
test.skip(({ isMobile }) => isMobile, "the fields are Stripe's, and as wide as the page");

/** What the router sends where payments tells a key of Stripe's: a directive a line, with Stripe's hosts behind the plus. */
function policyWithStripe(): string {
  const lines = readFileSync("../router/src/pages/policy.txt", "utf8").trim().split("\n");
  return lines.map((line) => line.replace(" + ", " ")).join("; ");
}

/** As on a platform with keys of Stripe's own; what it would do with a token, the sandbox does with its test card. */
async function withKeys(page: Page, paid: { confirmationToken?: string; returnUrl?: string }[], policy: string | null): Promise<void> {
  await page.route("**/*", async (route) => {
    const request = route.request();
    if (request.resourceType() === "document" && policy) {
      const response = await route.fetch();
      return route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
    }
    const sent = request.url().endsWith("/graphql") ? (request.postData() ?? "") : "";
    if (sent.includes("query ShowPaymentSettings")) {
      return route.fulfill({ json: { data: { paymentSettings: { provider: "stripe", publishableKey: KEY } } } });
    }
    if (!sent.includes("mutation PayOrder")) return route.fallback();
    const body = JSON.parse(sent);
    const { confirmationToken, ...input } = body.variables.input;
    paid.push({ confirmationToken, ...input });
    const [, number = ""] = String(confirmationToken).split("_");
    return route.continue({ postData: { ...body, variables: { input: { ...input, paymentMethod: CARDS[number] } } } });
  });
  await page.route("https://js.stripe.com/**", (route) =>
    policy ? route.fulfill({ path: "e2e/fake-stripe.js", contentType: "text/javascript" }) : route.abort(),
  );
}

async function order(page: Page, name: string): Promise<void> {
  await page.goto("/events/open-mic-at-the-agave");
  await page.getByRole("button", { name: "One more Gallery" }).click();
  await goOnAsGuest(page, name);
  await page.getByRole("button", { name: "Order for US$13" }).click();
}

test("with keys of Stripe's one pays by its own fields: declined, asked by the bank, and paid", async ({ page, calm, accessible }) => {
  const paid: { confirmationToken?: string; returnUrl?: string }[] = [];
  await withKeys(page, paid, policyWithStripe());
  await order(page, "Eurycleia");
  const number = page.getByLabel("Card number");
  const pay = page.getByRole("button", { name: "Pay US$13" });
  await expect(number).toBeVisible();
  const told = () => page.evaluate(() => (window as unknown as { toldToStripe: Record<string, unknown> }).toldToStripe);
  expect(await told()).toMatchObject({
    publishableKey: KEY,
    locale: "en",
    mode: "payment",
    amount: 1300,
    currency: "usd",
    kind: "payment",
  });
  expect(await told()).toMatchObject({ appearance: { theme: "stripe", variables: { colorText: "rgb(23, 32, 43)" } } });
  await accessible(page);

  // What is not typed in yet is not sent.
  await pay.click();
  await expect(pay).toBeEnabled();
  expect(paid).toEqual([]);
  await number.fill("4000000000000002");
  await pay.click();
  await expect(page.getByRole("heading", { name: "The card was declined" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("declined");

  // A token is charged once: the same card again has another.
  await pay.click();
  await expect.poll(() => paid.length).toBe(2);
  await expect(pay).toBeEnabled();
  await number.fill("4000000000003220");
  await pay.click();
  const bank = page.getByRole("dialog", { name: "Your bank" });
  await bank.getByRole("button", { name: "Fail" }).click();
  await expect(page.getByRole("alert")).toContainText("unable to authenticate");
  await pay.click();
  await bank.getByRole("button", { name: "Complete" }).click();
  await expect(page.getByRole("heading", { name: "Here is your ticket" })).toBeVisible();

  // Each try had a token of its own, and said where to come back to.
  expect(new Set(paid.map(({ confirmationToken }) => confirmationToken)).size).toBe(4);
  expect(paid.map(({ returnUrl }) => returnUrl)).toEqual(Array(4).fill(page.url()));
  calm.splice(0, calm.length, ...calm.filter((complaint) => complaint !== "asked https://js.stripe.com"));
});

test("Stripe's fields have the page's colours and its language, also when these change", async ({ page, calm }) => {
  await withKeys(page, [], policyWithStripe());
  await order(page, "Dolius");
  await expect(page.getByLabel("Card number")).toBeVisible();
  await page.getByRole("button", { name: "Dark colours" }).click();
  await page.getByRole("button", { name: "Deutsch" }).click();
  const last = () => page.evaluate(() => (window as unknown as { toldToStripe: { updates: object[] } }).toldToStripe.updates.at(-1));
  await expect.poll(last).toMatchObject({ locale: "de", appearance: { theme: "night", variables: { colorText: "rgb(243, 237, 224)" } } });
  await page.getByRole("button", { name: "Diese Bestellung aufgeben" }).click();
  calm.splice(0, calm.length, ...calm.filter((complaint) => complaint !== "asked https://js.stripe.com"));
});

test("where Stripe's library does not come, one pays on Stripe's page", async ({ page, calm }) => {
  await withKeys(page, [], null);
  await order(page, "Philoetius");
  await expect(page.getByText("You pay on the page of our payment provider")).toBeVisible();
  await page.getByRole("button", { name: "Pay US$13" }).click();
  await page.waitForURL(/\/sandbox\/checkout\//);
  // The browser itself says that it was not let to Stripe.
  calm.splice(0, calm.length, ...calm.filter((complaint) => !/js\.stripe\.com|ERR_FAILED/.test(complaint)));
});
