import { expect, test } from "./visitor";

test("events are found by day and city, and the address keeps what was asked", async ({ page, accessible }) => {
  await page.goto("/");
  await page.getByLabel("When").selectOption("Choose days…");
  await page.getByLabel("From").fill("2027-01-01");
  await page.getByLabel("Until").fill("2027-01-31");
  await page.getByLabel("City").fill("Vienna");
  await page.getByLabel("City").press("Enter");
  await expect(page).toHaveURL(/from=2027-01-01.*until=2027-01-31|city=Vienna/);
  const found = page.getByRole("main").getByRole("listitem");
  await expect(found).not.toHaveCount(12);
  for (const card of await found.all()) await expect(card).toContainText("Vienna");
  await accessible(page);
  const address = page.url();
  const count = await found.count();
  await page.goto("/");
  await page.goto(address);
  await expect(found).toHaveCount(count);
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByText(/^\d\d events$/)).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
});

test("each page shows the operations that feed it", async ({ page, accessible }) => {
  await page.goto("/events/open-mic-at-the-agave");
  await expect(page.getByRole("heading", { name: "Open Mic at the Agave" })).toBeVisible();
  await page.getByRole("button", { name: "Behind this page" }).click();
  const drawer = page.getByRole("dialog", { name: "Behind this page" });
  await expect(drawer.getByRole("group").filter({ hasText: "ShowEvent" })).toContainText("query ShowEvent");
  await expect(drawer).toContainText('"slug": "open-mic-at-the-agave"');
  await expect(drawer.getByRole("link", { name: "For developers" })).toHaveAttribute("href", "/developers");
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(drawer).toHaveCount(0);
});

test("while somebody types, what they may mean is offered to mouse and keyboard", async ({ page, accessible }) => {
  await page.goto("/");
  const field = page.getByRole("combobox", { name: "Search for events" });
  await field.pressSequentially("ghost");
  const options = page.getByRole("option");
  await expect(options.first()).toContainText("Ghost Light");
  await accessible(page);
  await field.press("ArrowDown");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await field.press("Enter");
  await expect(page.getByRole("heading", { name: "Ghost Light" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "You may also like" })).toBeVisible();
  await accessible(page);
});

test("typing errors are forgiven, and what was found is counted by city and month", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("combobox", { name: "Search for events" }).fill("gost ligth");
  await expect(page.getByRole("link", { name: "Ghost Light" })).toBeVisible();
  await page.goto("/");
  const january = page.getByRole("option", { name: /^January 2027/ });
  await expect(january).toHaveCount(1);
  await page.getByLabel("When").selectOption((await january.getAttribute("value")) ?? "");
  await expect(page).toHaveURL(/from=2027-01-01/);
  await page.getByLabel("At most, for a ticket").fill("20");
  await page.getByLabel("At most, for a ticket").press("Enter");
  await expect(page).toHaveURL(/most=20/);
  await page.getByLabel("Only what can be had").check();
  await expect(page).toHaveURL(/free=true/);
});
