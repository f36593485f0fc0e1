import { readFileSync } from "node:fs";
import { type Browser, type BrowserContext, devices, type Locator, type Page } from "@playwright/test";
import { pointAt, statusOf } from "../visitor";
import { expect, paint, test } from "./album";
import { chooseTwo } from "./seats";

const README = new URL("../../../README.md", import.meta.url);
const SIZE = { width: 1120, height: 800 };

/** What the README says is to be pressed or typed on its tour, in its order. */
function said(): string[] {
  const [, tour = ""] = readFileSync(README, "utf8").split("## A tour by clicking");
  const [steps = ""] = tour.slice(tour.indexOf("### 1.")).split("\nWhat organizers and the door do");
  return [...steps.matchAll(/\*\*(.+?)\*\*|`([^`]+)`/gs)].map(([, pressed, typed]) => (pressed ?? typed ?? "").replace(/\s+/g, " "));
}

test("the tour of the README, word by word", async ({ browser, baseURL }, { project }) => {
  test.skip(project.name !== "desktop", "it is made with two windows");
  const words = said();
  /** The next words of the README, which are these. */
  const next = (expected: string) => {
    expect(words.shift(), "the README says something else").toBe(expected);
    return expected;
  };
  const press = async (name: string, where: (name: string) => Locator) => where(next(name)).click();
  const type = async (text: string, field: Locator) => field.fill(next(text));
  const window = async (how: Parameters<typeof browser.newContext>[0] = {}): Promise<[BrowserContext, Page]> => {
    const context = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB", viewport: SIZE, reducedMotion: "reduce", ...how });
    return [context, await context.newPage()];
  };
  const [first, page] = await window();
  const [second, other] = await window();
  const button = (of: Page) => (name: string) => of.getByRole("button", { name, exact: true });
  const link = (of: Page) => (name: string) => of.getByRole("link", { name });
  const dialog = page.getByRole("dialog");

  await page.goto("/");
  await expect(page.getByText("61 events")).toBeVisible();
  await paint(page, "find");
  await type("ghost", page.getByRole("combobox", { name: "Search for events" }));
  await expect(page.getByText("1 event", { exact: true })).toBeVisible();
  await press("Ghost Light", (name) => page.getByRole("main").getByRole("link", { name }));

  const seats = await chooseTwo(page);
  await expect(page.getByTestId("total")).toHaveText("£110");
  await other.goto(page.url());
  for (const seat of seats) await pointAt(other, seat);
  await expect(other.getByTestId("total")).toHaveText("£110");
  await press("Continue", button(page));
  await press("Sign in", (name) => dialog.getByRole("group").getByRole("button", { name }));
  await type("buyer@odysseus.test", dialog.getByLabel("E-mail"));
  await type("odysseus-demo", dialog.getByLabel("Password"));
  await press("Sign in", (name) => dialog.locator("form").getByRole("button", { name }));
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
  await expect(other.getByRole("alert")).toContainText("Taken by somebody else just now");
  await expect(other.getByRole("button", { name: /instead$/ })).toBeVisible();
  await other.getByRole("alert").evaluate((alert) => alert.scrollIntoView({ block: "end" }));
  await beside(browser, [page, other]);

  await press("Order for £110", button(page));
  await expect(page.getByRole("heading", { name: "Now pay" })).toBeVisible();
  await press("A card with too little money", (name) => page.getByLabel(name));
  await press("Pay £110", button(page));
  await expect(page.getByRole("heading", { name: "The card was declined" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("insufficient funds");
  await page.evaluate(() => scrollTo(0, 0));
  await paint(page, "declined");
  await press("A card whose bank asks first", (name) => page.getByLabel(name));
  await press("Pay £110", button(page));
  await page.waitForURL(/\/sandbox\/authenticate\//);
  await press("Authenticate", button(page));
  await expect(page.getByTestId("ticket")).toHaveCount(2);
  await expect(page.getByRole("heading", { name: "Here are your tickets" })).toBeVisible();

  const sandbox = await first.newPage();
  const mail = sandbox.getByRole("link", { name: next("Your tickets for Ghost Light") }).first();
  await expect(async () => {
    await sandbox.goto("/sandbox");
    await expect(mail).toBeVisible({ timeout: 1000 });
  }).toPass();
  await mail.click();
  await expect(sandbox.getByRole("link", { name: "tickets.pdf" })).toBeVisible();
  await expect(sandbox.getByRole("link", { name: "event.ics" })).toBeVisible();
  await sandbox.waitForLoadState("networkidle");
  await sandbox.setViewportSize({ width: 820, height: 800 });
  await paint(sandbox, "mail");
  await sandbox.close();
  await onAPhone(window, page.url());

  await press("Pass on", (name) => page.getByRole("button", { name }).first());
  await type("Ben", dialog.getByLabel("Name"));
  await type("buyer2@odysseus.test", dialog.getByLabel("E-mail"));
  await press("Pass it on", button(page));
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId("ticket").getByRole("img", { name: "QR code for the door" })).toHaveCount(1);
  await press("Sign in", (name) => other.getByRole("banner").getByRole("link", { name }));
  const form = other.getByRole("main").locator("form");
  await type("buyer2@odysseus.test", form.getByLabel("E-mail"));
  await type("odysseus-demo", form.getByLabel("Password"));
  await press("Sign in", (name) => form.getByRole("button", { name }));
  await press("My orders", link(other));
  await expect(other.getByTestId("ticket").filter({ hasText: "Ghost Light" }).first()).toContainText("Ben");
  await expect(other.getByTestId("ticket").getByRole("img", { name: "QR code for the door" }).first()).toBeVisible();

  await press("Give tickets back", link(page));
  await press("Ben", (name) => page.getByRole("checkbox", { name }));
  await expect(page.getByTestId("refund")).toHaveText("£44");
  await paint(page, "refund");
  await press("Give back for £44", button(page));
  await expect(page.locator('[data-testid=ticket][data-status="REFUNDED"]')).toHaveCount(1);
  await expect(page.getByText("£44 went back to you.")).toBeVisible();
  await other.goto("/events/ghost-light");
  await expect.poll(() => statusOf(other, seats[1] ?? "")).toBe(0);
  expect(words, "the README says more").toEqual([]);
  await Promise.all([first.close(), second.close()]);
});

/** Both windows as one picture. */
async function beside(browser: Browser, windows: Page[]): Promise<void> {
  const taken = await Promise.all(windows.map((window) => window.screenshot({ animations: "disabled" })));
  const context = await browser.newContext({ viewport: { width: 2 * SIZE.width + 24, height: SIZE.height } });
  const both = await context.newPage();
  const shown = taken.map((picture) => `<img src="data:image/png;base64,${picture.toString("base64")}" alt="">`);
  await both.setContent(`<style>body{margin:0;display:flex;gap:24px;background:#8a8474}</style>${shown.join("")}`);
  await paint(both, "two-windows");
  await context.close();
}

/** The start page, and the first ticket as its holder has it at the door; both in the dark. */
async function onAPhone(window: (how: object) => Promise<[BrowserContext, Page]>, order: string): Promise<void> {
  const { defaultBrowserType: _, ...phone } = devices["Pixel 7"];
  const [context, page] = await window({ ...phone, colorScheme: "dark", deviceScaleFactor: 2 });
  await page.goto("/");
  await expect(page.getByText("61 events")).toBeVisible();
  await page.waitForLoadState("networkidle");
  await paint(page, "phone");
  await page.goto(order);
  await page.getByLabel("E-mail").fill("buyer@odysseus.test");
  await page.getByLabel("Password").fill("odysseus-demo");
  await page.getByRole("main").locator("form").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByTestId("ticket")).toHaveCount(2);
  await page
    .getByTestId("ticket")
    .first()
    .evaluate((ticket) => scrollTo(0, ticket.getBoundingClientRect().top + scrollY - 90));
  await paint(page, "ticket");
  await context.close();
}
