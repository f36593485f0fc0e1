import { expect, goOnAsGuest, test } from "./visitor";

const OPEN_MIC = "/events/open-mic-at-the-agave";

test("there is more time once, and it is said", async ({ page, accessible }) => {
  await page.goto(OPEN_MIC);
  await page.getByRole("button", { name: "One more Floor" }).click();
  await goOnAsGuest(page, "Laertes");
  await accessible(page);
  const held = page.getByText(/Your places are held for you until/).first();
  const before = await held.textContent();
  await page.getByRole("button", { name: "More time" }).click();
  await expect(page.getByRole("button", { name: "More time" })).toHaveCount(0);
  await expect(page.getByTestId("status")).toContainText("Your places are held for you until");
  expect(await held.textContent()).not.toBe(before);
  await page.getByRole("button", { name: "Give these places up" }).click();
});

test("neither Back nor a reload nor another tab loses a cart, and what one tab does the other sees", async ({ page, context }) => {
  await page.goto(OPEN_MIC);
  await page.getByRole("button", { name: "One more Floor" }).click();
  await goOnAsGuest(page, "Telemachus");
  await page.goBack();
  await page.reload();
  await page.getByTestId("basket").click();
  await expect(page.getByTestId("total")).toHaveText("US$10");
  await page.getByRole("textbox", { name: "Name" }).fill("Telemachus of Ithaca");

  const other = await context.newPage();
  await other.goto("/");
  await other.getByTestId("basket").click();
  await expect(other.getByTestId("total")).toHaveText("US$10");
  await other.getByRole("button", { name: "Give these places up" }).click();
  await expect(page.getByText("You gave these places up.")).toBeVisible();
  await expect(page.getByTestId("basket")).toHaveCount(0);

  // What was typed is still there when the same is held again.
  await page.getByRole("button", { name: "The same places again" }).click();
  await expect(page.getByTestId("total")).toHaveText("US$10");
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Telemachus of Ithaca");
  await expect(other.getByTestId("basket")).toBeVisible();
  await page.getByRole("button", { name: "Give these places up" }).click();
  await other.close();
});

test("who signs out in one tab is signed out in all", async ({ page, context }) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill("buyer@odysseus.test");
  await page.getByLabel("Password").fill("odysseus-demo");
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).last().click();
  await expect(page.getByRole("link", { name: "My orders" })).toBeVisible();
  const other = await context.newPage();
  await other.goto("/account");
  await expect(other.getByRole("heading", { name: "Your account" })).toBeVisible();
  await expect(other.getByText("buyer@odysseus.test")).toBeVisible();
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await other.close();
});

test("a lost network is said, and the page goes on when it is back", async ({ page, context, calm }) => {
  await page.goto("/");
  await expect(page.getByText(/^\d+ events$/)).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByRole("alert")).toContainText("No connection");
  await context.setOffline(false);
  await expect(page.getByText("No connection")).toHaveCount(0);
  await expect(page.getByTestId("status")).toContainText("The connection is back");
  // The browser itself says what it could not load.
  calm.splice(0, calm.length, ...calm.filter((complaint) => !/ERR_INTERNET_DISCONNECTED/.test(complaint)));
});
