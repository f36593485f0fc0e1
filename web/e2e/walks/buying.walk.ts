import { goOnAsGuest, makeRefundable, payWith } from "../visitor";
import { expect, test } from "./album";
import { chooseTwo } from "./seats";

test("from two seats to two tickets", async ({ page, baseURL, shoot }) => {
  await makeRefundable(baseURL ?? "", "ghost-light");
  await page.goto("/events/ghost-light");
  await chooseTwo(page);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("dialog", { name: "Who is buying?" })).toBeVisible();
  await shoot(page, "40-who-is-buying", { inSight: true });
  await page.keyboard.press("Escape");
  await goOnAsGuest(page, "Nausicaa of Scheria");
  await page.getByLabel("Promo code").fill("NO-SUCH-CODE");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByLabel("Promo code")).toHaveAttribute("aria-invalid", "true");
  await shoot(page, "41-cart");
  await page.getByRole("checkbox", { name: "A name for each ticket" }).check();
  await shoot(page, "42-names");
  await page.getByRole("checkbox", { name: "A name for each ticket" }).uncheck();
  await page.getByRole("button", { name: /^Order for/ }).click();
  await expect(page.getByRole("heading", { name: "Now pay" })).toBeVisible();
  await page.getByLabel("A card that pays").waitFor();
  await shoot(page, "43-to-pay");
  await payWith(page, "A card with too little money");
  await expect(page.getByRole("heading", { name: "The card was declined" })).toBeVisible();
  await shoot(page, "44-declined");
  await payWith(page, "A card whose bank asks first");
  await page.waitForURL(/\/sandbox\/authenticate\//);
  await shoot(page, "45-bank-asks", { languages: ["en"] });
  await page.getByRole("button", { name: "Authenticate", exact: true }).click();
  await expect(page.getByTestId("ticket")).toHaveCount(2);
  await expect(page.getByRole("heading", { name: "Here are your tickets" })).toBeVisible();
  await shoot(page, "46-tickets");

  await page.getByRole("button", { name: "Pass on" }).first().click();
  await expect(page.getByRole("dialog", { name: "Pass the ticket on" })).toBeVisible();
  await shoot(page, "47-pass-on", { inSight: true });
  const dialog = page.getByRole("dialog", { name: "Pass the ticket on" });
  await dialog.getByLabel("Name").fill("Telemachus");
  await dialog.getByLabel("E-mail").fill("telemachus@example.test");
  await dialog.getByRole("button", { name: "Pass it on" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId("ticket").getByRole("img", { name: "QR code for the door" })).toHaveCount(1);
  await page.getByRole("button", { name: "Other name" }).first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "48-other-name", { inSight: true });
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Give tickets back" }).click();
  await expect(page.getByTestId("refund")).toBeVisible();
  await shoot(page, "49-give-back");
  await page.getByRole("button", { name: /^Give back for/ }).click();
  await expect(page.locator('[data-testid=ticket][data-status="REFUNDED"]').first()).toBeVisible();
  await expect(page.getByText(/went back to you/).first()).toBeVisible();
  await shoot(page, "50-given-back");
  await page.getByRole("link", { name: "My orders" }).click();
  await expect(page.getByRole("link", { name: /Ghost Light/ })).toBeVisible();
  await shoot(page, "51-my-orders");
  await page.getByTestId("messages").click();
  await expect(page.getByRole("listitem").filter({ hasText: "Ghost Light" }).first()).toBeVisible();
  await page.getByRole("listitem").filter({ hasText: "Ghost Light" }).first().locator("summary").click();
  await shoot(page, "52-messages");
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByRole("heading", { name: "Your visit" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await shoot(page, "53-guest");
});

test("places given up, and places of a standing house", async ({ page, shoot }) => {
  await page.goto("/events/fado-ao-cais-beatriz-noronha");
  const more = page.getByRole("button", { name: "One more Floor" });
  await more.click();
  await more.click();
  await page.getByRole("button", { name: "One more Gallery" }).click();
  await goOnAsGuest(page, "Alcinous");
  await shoot(page, "54-cart-of-a-club");
  const cart = page.url();
  await page.getByRole("button", { name: "Give these places up" }).click();
  await expect(page.getByRole("heading", { name: "Fado ao Cais: Beatriz Noronha" })).toBeVisible();
  await page.goto(cart);
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await shoot(page, "55-given-up");
  await page.goto("/orders/00000000-0000-7000-8000-000000000000");
  await page.waitForLoadState("networkidle");
  await shoot(page, "56-no-such-order");
  await page.goto("/orders");
  await page.waitForLoadState("networkidle");
  await shoot(page, "57-no-orders");
});

test("what was sent", async ({ page, baseURL, shoot }) => {
  const mails = (await (await fetch(`${baseURL}/sandbox/mails.json?to=telemachus@example.test`)).json()) as { id: string }[];
  expect(mails.length).toBeGreaterThan(0);
  await page.goto("/sandbox");
  await shoot(page, "60-sandbox", { languages: ["en"] });
  for (const [name, subject] of [
    ["61-mail-with-tickets", "Your tickets for Ghost Light"],
    ["62-mail-with-a-ticket", "Your ticket for Ghost Light"],
  ] as const) {
    await page.goto("/sandbox");
    await page.getByRole("link", { name: subject }).first().click();
    await page.waitForLoadState("networkidle");
    await shoot(page, name, { languages: ["en"] });
  }
  await page.goto("/developers");
  await shoot(page, "63-developers", { languages: ["en"] });
});
