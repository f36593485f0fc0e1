import type { Page, WebSocketRoute } from "@playwright/test";
import { expect, goOnAsGuest, mapOf, pointAt, statusOf, test } from "./visitor";

const EVENT = "/events/ghost-light";
/** Each project has rows of its own: what one holds, the other cannot. */
const row = (project: string, rows: [string, string]) => rows[project === "phone" ? 1 : 0];

test("the whole map tells sections apart, and a tap comes near enough to choose a seat", async ({ page }, { project }) => {
  await page.goto(EVENT);
  const map = await mapOf(page);
  const inTheMiddle = await middleOf(page, "STALLS");
  await map.click({ position: inTheMiddle });
  await expect(page.getByTestId("status")).toContainText(/^Stalls, £55 · \d+ left/);
  await expect(page.getByTestId("total")).toHaveCount(0);
  await expect.poll(() => distance(page)).toBeGreaterThanOrEqual(project.name === "phone" ? 24 : 14);
  await pointAt(page, `STALLS-${row(project.name, ["C", "D"])}-12`);
  await expect(page.getByTestId("total")).toHaveText("£55");
});

test("a price that is pressed in the legend is all that stands out, on the map and in the list", async ({ page, accessible }) => {
  await page.goto(EVENT);
  await mapOf(page);
  const circle = page.getByRole("button", { name: "Circle £38.50" });
  await circle.click();
  await expect(circle).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(page.getByLabel("Section").getByRole("option")).toHaveText([/^Circle · £38.50 · \d+ left$/]);
  await circle.click();
  await expect(page.getByLabel("Section").getByRole("option", { name: /^Stalls/ })).toHaveCount(1);
  await page.getByLabel("Section").selectOption({ label: (await optionOf(page, "Box 2")) ?? "" });
  await accessible(page);
});

test("the list shows free seats only where that is wanted, and is the way for whoever chose it last", async ({ page, isMobile }, {
  project,
}) => {
  test.skip(isMobile, "once is enough");
  const line = row(project.name, ["E", "F"]);
  await page.goto(EVENT);
  await pointAt(page, `STALLS-${line}-3`);
  await goOnAsGuest(page, "Elpenor");
  await page.goto(EVENT);
  await page.getByRole("button", { name: "List", exact: true }).click();
  const held = page.getByRole("gridcell", { name: `Row ${line}, seat 3, held by somebody` });
  await expect(held).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel("Free seats only").check();
  await expect(held).toHaveCount(0);
  await expect(page.getByRole("gridcell", { name: `Row ${line}, seat 4, free, £55` })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("grid", { name: "Seats of Stalls" })).toBeVisible();
  await page.goto((await page.getByTestId("basket").getAttribute("href")) ?? "");
  await page.getByRole("button", { name: "Give these places up" }).click();
});

test("whoever goes from the list to the map goes on at the same seat, and Escape shows the whole map again", async ({ page, isMobile }) => {
  test.skip(isMobile, "once is enough");
  await page.goto(EVENT);
  await mapOf(page);
  const whole = await distance(page);
  await page.getByRole("button", { name: "List", exact: true }).click();
  await page.getByRole("gridcell").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.getByRole("button", { name: "Map", exact: true }).press("Enter");
  const map = await mapOf(page);
  await map.focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("status")).toContainText("Row B, seat 3, free, £55");
  expect(await distance(page)).toBeGreaterThan(whole);
  await page.keyboard.press("Escape");
  expect(await distance(page)).toBeCloseTo(whole);
  // Tab goes on from it, as from anything else.
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Nearer" })).toBeFocused();
});

test("a choice that leaves a single seat alone is told so, and may be made nevertheless", async ({ page, accessible }, { project }) => {
  const line = row(project.name, ["P", "Q"]);
  await page.goto(EVENT);
  await pointAt(page, `STALLS-${line}-2`);
  await expect(page.getByText(`leaves a single seat alone: row ${line}, seat 1.`)).toBeVisible();
  await accessible(page);
  await pointAt(page, `STALLS-${line}-1`);
  await expect(page.getByText("leaves a single seat alone")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Continue" })).toBeEnabled();
});

test("without a connection it is said that the map stands still, and on its return the map is read afresh", async ({
  page,
  browser,
  baseURL,
  isMobile,
}, { project }) => {
  test.skip(isMobile, "once is enough");
  const line = row(project.name, ["R", "S"]);
  const sockets: WebSocketRoute[] = [];
  let open = true;
  await page.routeWebSocket("**/graphql", (socket) => {
    if (open) {
      sockets.push(socket);
      socket.connectToServer();
    } else socket.close({ code: 3000 });
  });
  await page.goto(EVENT);
  await mapOf(page);
  await expect.poll(() => sockets.length).toBeGreaterThan(0);
  open = false;
  for (const socket of sockets) await socket.close({ code: 3000 });
  await expect(page.getByText("Live updates are paused until the connection is back.")).toBeVisible();
  const second = await browser.newContext({ baseURL: baseURL ?? "", reducedMotion: "reduce", locale: "en-GB" });
  const other = await second.newPage();
  await other.goto(EVENT);
  await pointAt(other, `STALLS-${line}-4`);
  await goOnAsGuest(other, "Eurylochus");
  expect(await statusOf(page, `STALLS-${line}-4`)).toBe(0);
  open = true;
  await expect(page.getByText("Live updates are paused")).toHaveCount(0);
  await expect.poll(() => statusOf(page, `STALLS-${line}-4`)).not.toBe(0);
  await other.getByRole("button", { name: "Give these places up" }).click();
  await expect.poll(() => statusOf(page, `STALLS-${line}-4`)).toBe(0);
  await second.close();
});

test("what is seen from a section opens from the list and from the map, in words too", async ({ page, accessible }) => {
  await page.goto(EVENT);
  await mapOf(page);
  await page.getByRole("button", { name: "List", exact: true }).click();
  await page.getByRole("button", { name: "View from Stalls" }).click();
  const view = page.getByRole("dialog", { name: "View from Stalls" });
  await expect(view.getByRole("img")).toHaveAttribute("alt", /\w+/);
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "View from Stalls" })).toBeFocused();
  await page.getByRole("button", { name: "Map", exact: true }).click();
  await (await mapOf(page)).click({ position: await middleOf(page, "STALLS") });
  await page.getByRole("button", { name: "View from Stalls" }).click();
  await expect(view.getByRole("img")).toBeVisible();
});

test("an event shows all its pictures, one after the other, also by the arrow keys", async ({ page, isMobile }) => {
  test.skip(isMobile, "once is enough");
  await page.goto("/events/halcyon-drift-the-long-way-round");
  await page
    .getByRole("button", { name: /^Enlarge: / })
    .first()
    .click();
  const shown = page.getByRole("dialog");
  await expect(shown.getByRole("status")).toHaveText("Picture 1 of 3");
  await expect(shown.getByRole("img")).toHaveAttribute("alt", /\w+/);
  await page.keyboard.press("ArrowRight");
  await expect(shown.getByRole("status")).toHaveText("Picture 2 of 3");
  await shown.getByRole("button", { name: "Next picture" }).click();
  await shown.getByRole("button", { name: "Next picture" }).click();
  await expect(shown.getByRole("status")).toHaveText("Picture 1 of 3");
});

type Drawn = HTMLCanvasElement & {
  seats: { pitch: number; sections: { key: string; x0: number; x1: number; y0: number; y1: number }[] };
  drawing: { camera: { view: { x: number; y: number; k: number } } };
};

/** How many pixels are between two seats. */
async function distance(page: Page): Promise<number> {
  return page.getByTestId("seat-map").evaluate((element) => {
    const { seats, drawing } = element as Drawn;
    return drawing.camera.view.k * seats.pitch;
  });
}

/** The middle of a section, on the canvas. */
async function middleOf(page: Page, key: string): Promise<{ x: number; y: number }> {
  return page.getByTestId("seat-map").evaluate((element, key) => {
    const { seats, drawing } = element as Drawn;
    const section = seats.sections.find((section) => section.key === key);
    const { x, y, k } = drawing.camera.view;
    if (!section) throw new Error(`There is no section ${key}.`);
    return { x: ((section.x0 + section.x1) / 2 - x) * k, y: ((section.y0 + section.y1) / 2 - y) * k };
  }, key);
}

async function optionOf(page: Page, name: string): Promise<string | null> {
  return page
    .getByLabel("Section")
    .getByRole("option", { name: new RegExp(`^${name} `) })
    .textContent();
}
