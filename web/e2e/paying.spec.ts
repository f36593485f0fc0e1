import type { Locator, Page, Route } from "@playwright/test";
import { expect, goOnAsGuest, payWith, test } from "./visitor";

/** As many presses of Tab as anybody would put up with. */
const PATIENCE = 80;

/** Goes on by Tab until something has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < PATIENCE; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${target}`);
}

async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

test("a ticket is bought by the keyboard alone", async ({ page, isMobile }) => {
  test.skip(isMobile, "phones have no keys to press Tab on");
  await page.goto("/");
  await tabTo(page, page.getByRole("combobox", { name: "Search for events" }));
  await page.keyboard.type("ghost light");
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 event", { exact: true })).toBeVisible();
  await press(page, page.getByRole("link", { name: "Ghost Light" }));
  await expect(page.getByRole("heading", { name: "Ghost Light", level: 1 })).toBeVisible();

  await press(page, page.getByRole("button", { name: "List" }));
  const grid = page.getByRole("grid", { name: "Seats of Stalls" });
  await tabTo(page, grid.locator("[role=gridcell][tabindex='0']"));
  await page.keyboard.press("ArrowDown");
  const cell = page.locator(":focus");
  await expect(cell).toHaveAccessibleName(/^Row B, seat 1,/);
  while (!/free/.test((await cell.getAttribute("aria-label")) ?? "free")) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("total")).toHaveText("£55");
  await press(page, page.getByRole("button", { name: "Continue" }));

  const dialog = page.getByRole("dialog", { name: "Who is buying?" });
  await tabTo(page, dialog.getByLabel("Name"));
  await page.keyboard.type("Tiresias");
  await page.keyboard.press("Tab");
  await page.keyboard.type(`${crypto.randomUUID()}@example.test`);
  await press(page, dialog.getByRole("button", { name: "Go on as a guest" }));

  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Tiresias");
  await press(page, page.getByRole("button", { name: "Order for £55" }));
  await tabTo(page, page.getByRole("radio", { name: /A card that pays/ }));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: /whose bank asks first/ })).toBeChecked();
  await page.keyboard.press("ArrowUp");
  await press(page, page.getByRole("button", { name: "Pay £55" }));
  await expect(page.getByRole("heading", { name: "Here is your ticket" })).toBeVisible();
  await tabTo(page, page.getByRole("link", { name: "As PDF" }));
});

test("a network that is lost while one pays charges nothing twice", async ({ page, context, calm }) => {
  await page.goto("/events/open-mic-at-the-agave");
  await page.getByRole("button", { name: "One more Floor" }).click();
  await goOnAsGuest(page, "Elpenor");
  await page.getByRole("button", { name: "Order for US$10" }).click();
  await expect(page.getByRole("heading", { name: "Now pay" })).toBeVisible();

  const keys: string[] = [];
  page.on("request", (request) => {
    const sent = request.postData() ?? "";
    if (sent.includes("mutation PayOrder")) keys.push(JSON.parse(sent).variables.input.idempotencyKey);
  });
  const attempts: number[] = [];
  page.on("response", async (response) => {
    if (!(response.request().postData() ?? "").includes("query ShowOrder")) return;
    const told = await response.json().catch(() => null);
    if (told?.data?.order) attempts.push(told.data.order.payment.attempts);
  });
  const pay = page.getByRole("button", { name: /^Pay / });
  const unsure = page.getByRole("alert").filter({ hasText: "whatever arrived is charged once" });
  const offline = page.getByRole("alert").filter({ hasText: "No connection" });

  // Nothing gets through.
  await context.setOffline(true);
  await payWith(page, "A card whose bank asks first");
  await expect(unsure).toBeVisible();
  await expect(offline).toBeVisible();
  await context.setOffline(false);
  await expect(offline).toHaveCount(0);
  // It gets through, and the answer is lost: the page cannot know.
  const lose = async (route: Route) => {
    if (!(route.request().postData() ?? "").includes("mutation PayOrder")) return route.fallback();
    await route.fetch();
    await context.setOffline(true);
    return route.abort("internetdisconnected");
  };
  await page.route("**/graphql", lose);
  await pay.click();
  await expect(offline).toBeVisible();
  await expect(unsure).toBeVisible();
  await page.unroute("**/graphql", lose);
  await context.setOffline(false);
  await expect(offline).toHaveCount(0);

  // It had arrived: the same again is no second try, and leads to the bank's question of the first.
  await pay.click();
  await page.waitForURL(/\/sandbox\/authenticate\//);
  expect(keys).toEqual(Array(3).fill(keys[0]));
  // Who turns back here can go on from the order.
  await page.goBack();
  await page.getByRole("button", { name: "Confirm at the bank" }).click();
  await page.getByRole("button", { name: "Authenticate", exact: true }).click();
  await expect(page.getByTestId("ticket")).toHaveCount(1);
  await expect.poll(() => attempts.at(-1)).toBe(1);
  calm.splice(0, calm.length, ...calm.filter((complaint) => !/ERR_INTERNET_DISCONNECTED/.test(complaint)));
});
