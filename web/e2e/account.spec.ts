import { expect, goOnAsGuest, makeRefundable, payWith, test } from "./visitor";

const OPEN_MIC = "/events/open-mic-at-the-agave";

test("one of two tickets goes back, for what was told before", async ({ page, baseURL, accessible }) => {
  await makeRefundable(baseURL ?? "", "coyote-parade");
  await page.goto("/events/coyote-parade");
  const more = page.getByRole("button", { name: /^One more / }).first();
  await more.click();
  await more.click();
  await goOnAsGuest(page, "Melanthius");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await payWith(page, "A card that pays");
  await expect(page.getByTestId("ticket")).toHaveCount(2);

  await page.getByRole("link", { name: "Give tickets back" }).click();
  await expect(page.getByTestId("refund")).toBeVisible();
  const both = await page.getByTestId("refund").textContent();
  await page.getByRole("checkbox").first().uncheck();
  await expect(page.getByTestId("refund")).not.toHaveText(both ?? "");
  const amount = (await page.getByTestId("refund").textContent()) ?? "";
  await accessible(page);
  await page.getByRole("button", { name: `Give back for ${amount}` }).click();
  await expect(page.locator('[data-testid=ticket][data-status="REFUNDED"]')).toHaveCount(1);
  await expect(page.locator('[data-testid=ticket][data-status="VALID"]')).toHaveCount(1);
  await expect(page.getByText(`${amount} went back to you.`)).toBeVisible();
  await accessible(page);
});

test("what was bought is told in the messages, and opened it is read", async ({ page, accessible }) => {
  await page.goto(OPEN_MIC);
  await page.getByRole("button", { name: "One more Floor" }).click();
  await goOnAsGuest(page, "Philomela");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await payWith(page, "A card that pays");
  await expect(page.getByTestId("ticket")).toHaveCount(1);
  await expect(page.getByTestId("messages")).toContainText("1 unread");
  await page.getByTestId("messages").click();
  const message = page.getByRole("listitem").filter({ hasText: "Open Mic at the Agave" });
  await expect(message).toContainText("New");
  await accessible(page);
  await message.locator("summary").click();
  await expect(message).not.toContainText("New");
  await expect(page.getByTestId("messages")).not.toContainText("unread");
});

test("a guest becomes a member and keeps the orders, says who they are, and chooses what they are told", async ({ page, accessible }) => {
  await page.goto(OPEN_MIC);
  await page.getByRole("button", { name: "One more Floor" }).click();
  await goOnAsGuest(page, "Medon");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await expect(page.getByRole("heading", { name: "Now pay" })).toBeVisible();
  await page.getByRole("link", { name: "Account" }).click();
  await accessible(page);
  await page.getByLabel("Password", { exact: true }).fill("a herald of Ithaca");
  await page.getByRole("button", { name: "Make it an account" }).click();
  await expect(page.getByRole("heading", { name: "Your account" })).toBeVisible();

  await page.getByLabel("Telephone").fill("not a number");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Telephone")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Telephone").fill("+43 1 234 5678");
  await page.getByLabel("Language of our letters").selectOption("Deutsch");
  await page.getByLabel("Your time zone").selectOption("Europe/Vienna");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByTestId("status")).toContainText("Saved.");
  const moved = page.getByRole("checkbox", { name: "Event moved: Text" });
  await moved.click();
  await expect(page.getByTestId("status")).toContainText("Saved.");
  const chosen = await moved.isChecked();
  await page.reload();
  await expect(page.getByLabel("Your time zone")).toHaveValue("Europe/Vienna");
  await expect(moved).toBeChecked({ checked: chosen });
  await accessible(page);
  await page.getByRole("link", { name: "My orders" }).click();
  await expect(page.getByRole("link", { name: /Open Mic at the Agave/ })).toContainText("To be paid");
});

test("links of mails say what is wrong with them", async ({ page, accessible }) => {
  await page.goto("/account/verify");
  await expect(page.getByRole("alert")).toContainText("This link is not whole");
  await page.goto("/account/verify#token=nonsense");
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  await expect(page).toHaveURL(/\/account\/verify$/);
  await accessible(page);
  await page.goto("/account/invitation#token=nonsense");
  await expect(page.getByRole("heading", { name: "You are invited" })).toBeVisible();
  await accessible(page);
});
