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

test("what is near is found when one asks for it, and the address keeps the place to a kilometre", async ({
  page,
  context,
  accessible,
}) => {
  await context.grantPermissions(["geolocation"]);
  await context.setGeolocation({ latitude: 48.20849, longitude: 16.37208 });
  await page.goto("/");
  await page.getByRole("button", { name: "Near me" }).click();
  await expect(page).toHaveURL(/near=48.21%2C16.37/);
  const found = page
    .getByRole("main")
    .getByRole("listitem")
    .filter({ has: page.getByRole("link") });
  await expect(found.first()).toContainText(/Vienna · \d+ km/);
  await expect(page.getByLabel("Sorting")).toHaveValue("near");
  await page.getByRole("combobox", { name: "Around me" }).selectOption("250 km");
  await expect(page).toHaveURL(/km=250/);
  await accessible(page);
  await page.getByRole("button", { name: "No longer around me" }).click();
  expect(new URL(page.url()).search).toBe("");
});

test("whose browser does not say where they are is told what to do instead", async ({ page, isMobile, context }) => {
  test.skip(isMobile, "once is enough");
  await context.clearPermissions();
  await page.goto("/");
  await page.getByRole("button", { name: "Near me" }).click();
  await expect(page.getByText("Choose a city instead.")).toBeVisible();
});

test("an event leads to its keywords, its organizer, its calendar and a map of its surroundings", async ({
  page,
  isMobile,
  accessible,
}) => {
  test.skip(isMobile, "once is enough");
  await page.goto("/events/ghost-light");
  const map = page.getByRole("link", { name: "Surroundings on OpenStreetMap" });
  await expect(map).toHaveAttribute("href", /^https:\/\/www\.openstreetmap\.org\/\?mlat=51\.\d+&mlon=-0\.\d+/);
  const file = await page.request.get((await page.getByRole("link", { name: "Into the calendar" }).getAttribute("href")) ?? "");
  expect(await file.text()).toContain("SUMMARY:Ghost Light");
  await page.getByRole("link", { name: "#drama" }).click();
  const drama = page.getByRole("button", { name: "#drama" });
  await expect(drama).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("link", { name: "Ghost Light" })).toBeVisible();
  await accessible(page);
  await drama.click();
  await expect(page).not.toHaveURL(/tags/);
  await page.goBack();
  await page.goto("/events/ghost-light");
  await page.getByRole("link", { name: "Wavecrest Presents" }).click();
  await expect(page.getByRole("button", { name: "Only Wavecrest Presents" })).toBeVisible();
  await page.getByRole("button", { name: "Only Wavecrest Presents" }).click();
  await expect(page).not.toHaveURL(/by=/);
});

test("on a phone and elsewhere the way to the tickets is one step from the top", async ({ page }) => {
  await page.goto("/events/ghost-light");
  await page.getByRole("link", { name: "Tickets from £38.50" }).click();
  await expect(page.getByRole("heading", { name: "Choose your places" })).toBeInViewport();
});

test("events that are over are not in the way, and are found by whoever looks for them", async ({ page, isMobile }) => {
  test.skip(isMobile, "once is enough");
  await page.goto("/?over=true");
  await expect(page.getByLabel("When")).toHaveValue("over");
  await expect(page.getByLabel("Sorting").getByRole("option", { name: "The latest first" })).toHaveCount(1);
  await page.getByLabel("When").selectOption("Any time");
  await expect(page).not.toHaveURL(/over/);
});

test("a page fits a window of 320 pixels, and letters of twice the size", async ({ page, isMobile }) => {
  test.skip(isMobile, "once is enough");
  for (const [width, letters] of [
    [320, "100%"],
    [640, "200%"],
  ] as const) {
    await page.setViewportSize({ width, height: 720 });
    for (const path of ["/", "/events/ghost-light", "/events/open-mic-at-the-agave"]) {
      await page.goto(path);
      await page.evaluate((size) => {
        document.documentElement.style.fontSize = size;
      }, letters);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.waitForLoadState("networkidle");
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over, `${path} at ${width} pixels and ${letters}`).toBeLessThanOrEqual(0);
    }
  }
});
