import { expect, goOnAsGuest, makePromoCode, payWith, pointAt, statusOf, test, watch } from "./visitor";

const EVENT = "/events/ghost-light";
/** Each project has rows of its own: what one has bought, the other cannot buy. */
const row = (project: string, rows: [string, string]) => rows[project === "phone" ? 1 : 0];

test("somebody who knows nothing finds an event, chooses seats, is declined, pays, and has tickets", async ({ page, accessible }, {
  project,
}) => {
  const line = row(project.name, ["H", "K"]);
  await page.goto("/");
  await expect(page.getByText("61 events")).toBeVisible();
  await accessible(page);
  await page.getByRole("combobox", { name: "Search for events" }).fill("ghost light");
  await expect(page.getByText("1 event", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Ghost Light" }).click();
  await expect(page.getByRole("heading", { name: "Ghost Light" })).toBeVisible();
  await expect(page.locator("main time").first()).toContainText("19:30 GMT");

  await pointAt(page, `STALLS-${line}-8`);
  await pointAt(page, `STALLS-${line}-9`);
  await expect(page.getByTestId("total")).toHaveText("£110");
  await accessible(page);
  await goOnAsGuest(page, "Nausicaa of Scheria");
  await expect(page.getByTestId("total")).toHaveText("£110");
  await expect(page.getByText(/row [HK], seat 9/)).toBeVisible();
  await accessible(page);

  await page.getByRole("button", { name: "Order for £110" }).click();
  await expect(page.getByRole("heading", { name: "Now pay" })).toBeVisible();
  await accessible(page);
  await payWith(page, "A card with too little money");
  await expect(page.getByRole("heading", { name: "The card was declined" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("insufficient funds");
  await payWith(page, "A card that pays");
  await expect(page.getByRole("heading", { name: "Here are your tickets" })).toBeVisible();

  const tickets = page.getByTestId("ticket");
  await expect(tickets).toHaveCount(2);
  await expect(tickets.first()).toContainText("Nausicaa of Scheria");
  await expect(tickets.first().getByRole("img", { name: "QR code for the door" })).toBeVisible();
  const pdf = await page.request.get((await tickets.first().getByRole("link", { name: "As PDF" }).getAttribute("href")) ?? "");
  expect((await pdf.body()).subarray(0, 5).toString()).toBe("%PDF-");
  const calendar = await page.request.get((await page.getByRole("link", { name: "Into the calendar" }).getAttribute("href")) ?? "");
  expect(await calendar.text()).toContain("BEGIN:VEVENT");
  await accessible(page);

  await page.getByRole("link", { name: "My orders" }).click();
  await expect(page.getByRole("link", { name: /Ghost Light/ })).toContainText("Complete");
  await accessible(page);
});

test("a bank that asks first leads to its page and back to the order", async ({ page }) => {
  await page.goto("/events/open-mic-at-the-agave");
  const more = page.getByRole("button", { name: "One more Floor" });
  await more.click();
  await more.click();
  await expect(page.getByTestId("total")).toHaveText("US$20");
  await goOnAsGuest(page, "Eumaeus");
  await page.getByRole("button", { name: "Order for US$20" }).click();
  await payWith(page, "A card whose bank asks first");
  await page.waitForURL(/\/sandbox\/authenticate\//);
  await page.getByRole("button", { name: "Authenticate", exact: true }).click();
  await expect(page.getByTestId("ticket")).toHaveCount(2);
  expect(new URL(page.url()).search).toBe("");
});

test("where the payment provider takes the money itself, one pays on its page and comes back", async ({ page }) => {
  // As where browsers do not speak to the provider themselves.
  await page.route("**/graphql", async (route) => {
    const asks = (route.request().postData() ?? "").includes("query ShowPaymentSettings");
    const answer = { data: { paymentSettings: { provider: "stripe", publishableKey: null } } };
    await (asks ? route.fulfill({ json: answer }) : route.continue());
  });
  await page.goto("/events/open-mic-at-the-agave");
  await page.getByRole("button", { name: "One more Gallery" }).click();
  await goOnAsGuest(page, "Philoetius");
  await page.getByRole("button", { name: "Order for US$13" }).click();
  await page.getByRole("button", { name: "Pay US$13" }).click();
  await page.waitForURL(/\/sandbox\/checkout\//);
  await page.getByRole("button", { name: "Pay", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Here is your ticket" })).toBeVisible();
});

test("a promo code makes it cheaper, can be taken back, and says what is wrong with it", async ({ page, baseURL }, { project }) => {
  const code = `AGAVE-${project.name}`.toUpperCase();
  await makePromoCode(baseURL ?? "", "open-mic-at-the-agave", code, "10");
  await page.goto("/events/open-mic-at-the-agave");
  await page.getByRole("button", { name: "One more Floor" }).click();
  await goOnAsGuest(page, "Melantho");
  const total = page.getByTestId("total");
  await page.getByLabel("Promo code").fill("NO-SUCH-CODE");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByLabel("Promo code")).toHaveAttribute("aria-invalid", "true");
  await expect(total).toHaveText("US$10");
  await page.getByLabel("Promo code").fill(code);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(total).toHaveText("US$9");
  await page.getByRole("button", { name: "Take it back" }).click();
  await expect(total).toHaveText("US$10");
  await page.getByRole("button", { name: "Give these places up" }).click();
  await expect(page.getByRole("heading", { name: "Open Mic at the Agave" })).toBeVisible();
});

test("what one buyer holds turns on the other's map, and leaves the other's choice by name", async ({ page, browser, baseURL, calm }, {
  project,
}) => {
  const line = row(project.name, ["M", "N"]);
  const second = await browser.newContext({ baseURL: baseURL ?? "", reducedMotion: "reduce", locale: "en-GB" });
  const other = await second.newPage();
  watch(other, calm, baseURL ?? "");
  await Promise.all([page.goto(EVENT), other.goto(EVENT)]);
  await pointAt(page, `STALLS-${line}-5`);
  for (const seat of [5, 6]) await pointAt(other, `STALLS-${line}-${seat}`);
  await expect(other.getByTestId("total")).toHaveText("£110");
  await goOnAsGuest(page, "Penelope");
  await expect(other.getByRole("alert")).toContainText(`row ${line}, seat 5`);
  await expect(other.getByTestId("total")).toHaveText("£55");
  expect(await statusOf(other, `STALLS-${line}-5`)).not.toBe(0);
  // The nearest one is offered, and chosen by a press.
  await other.getByRole("button", { name: /^Take row .* instead$/ }).click();
  await expect(other.getByTestId("total")).toHaveText("£110");

  // Given up, it is free again for the other.
  await page.getByRole("button", { name: "Give these places up" }).click();
  await expect.poll(() => statusOf(other, `STALLS-${line}-5`)).toBe(0);
  await second.close();
});

test("seats can be chosen with the keyboard alone, in the list and on the map", async ({ page, accessible }) => {
  await page.goto(EVENT);
  await page.getByRole("button", { name: "List" }).press("Enter");
  const grid = page.getByRole("grid", { name: "Seats of Stalls" });
  await grid.getByRole("gridcell").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(":focus")).toHaveAccessibleName(/^Row B, seat 2, free, £55$/);
  await page.keyboard.press("Enter");
  await expect(page.locator(":focus")).toHaveAttribute("aria-selected", "true");
  await expect(page.getByTestId("total")).toHaveText("£55");
  // A small section, since each seat is looked at.
  await page.getByLabel("Section").selectOption({ index: 2 });
  await expect(page.getByRole("grid", { name: "Seats of Box 1" })).toBeVisible();
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible(page);

  await page.getByRole("button", { name: "Map" }).press("Enter");
  await page.getByTestId("seat-map").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("status")).toContainText(/Row A, seat 2/);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("total")).toHaveText("£110");
});

test("the shop speaks German, is dark where one likes it, and says where nothing is", async ({ page, accessible }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/?q=fado");
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(page.getByText("1 Veranstaltung", { exact: true })).toBeVisible();
  expect(await page.locator("html").getAttribute("lang")).toBe("de");
  await accessible(page);
  await page.goto("/no/such/page");
  await expect(page.getByRole("heading", { name: "Vom Kurs abgekommen" })).toBeVisible();
  await page.goto("/sign-in");
  await page.getByLabel("E-Mail").fill("buyer@odysseus.test");
  await page.getByLabel("Passwort").fill("odysseus-demo");
  await accessible(page);
  await page.getByRole("main").getByRole("button", { name: "Anmelden", exact: true }).last().click();
  await expect(page.getByRole("link", { name: "Meine Bestellungen" })).toBeVisible();
});
