import { mapOf, pointAt } from "../visitor";
import { expect, test } from "./album";

test("the start page, a search, and what is not there", async ({ page, context, shoot }) => {
  await page.goto("/");
  await expect(page.getByText("61 events")).toBeVisible();
  await shoot(page, "10-home");
  const words = page.getByRole("combobox", { name: "Search for events" });
  await words.fill("lon");
  await expect(page.getByRole("option").first()).toBeVisible();
  await shoot(page, "11-suggestions", { inSight: true });
  await words.fill("berlin");
  await words.blur();
  await expect(page.getByText(/^\d events$/)).toBeVisible();
  await shoot(page, "12-found");
  await words.fill("sirens and cyclopes");
  await words.blur();
  await expect(page.getByText("Nothing found")).toBeVisible();
  await shoot(page, "13-nothing-found");
  await page.goto("/?category=MUSIC&city=Vienna");
  await expect(page.getByText(/^\d events$/)).toBeVisible();
  await shoot(page, "14-filtered");
  await context.setOffline(true);
  await expect(page.getByRole("alert")).toContainText("No connection");
  await shoot(page, "15-offline", { inSight: true });
  await context.setOffline(false);
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "Off the map" })).toBeVisible();
  await shoot(page, "16-off-the-map");
  await page.goto("/events/no-such-event");
  await expect(page.getByRole("main")).not.toHaveAttribute("aria-busy", "true");
  await page.waitForLoadState("networkidle");
  await shoot(page, "17-no-such-event");
  await page.route("**/graphql", (route) => route.fulfill({ status: 503, body: "" }));
  await page.goto("/?q=wait");
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  await shoot(page, "18-no-answer");
});

test("a theatre: its page, the map, the list", async ({ page, shoot }) => {
  await page.goto("/events/ghost-light");
  await mapOf(page);
  await shoot(page, "20-theatre");
  await pointAt(page, "STALLS-P-8");
  await pointAt(page, "STALLS-P-9");
  await page.getByTestId("seat-map").scrollIntoViewIfNeeded();
  await shoot(page, "21-seats-chosen", { inSight: true });
  await page.getByRole("button", { name: "List", exact: true }).click();
  await page.getByRole("button", { name: "List", exact: true }).evaluate((button) => button.scrollIntoView({ block: "start" }));
  await shoot(page, "22-seats-as-a-list", { inSight: true });
  await page.getByRole("button", { name: "Map", exact: true }).click();
  await mapOf(page);
  await page.getByText("Let us choose, also for wheelchairs").click();
  await shoot(page, "23-let-us-choose");
  await page.getByRole("button", { name: "Behind this page" }).click();
  await expect(page.getByRole("dialog", { name: "Behind this page" })).toBeVisible();
  await shoot(page, "24-behind-this-page", { inSight: true });
});

test("an arena, clubs, and what is not sold as usual", async ({ page, shoot }) => {
  await page.goto("/events/halcyon-drift-the-long-way-round");
  await mapOf(page);
  await shoot(page, "25-arena");
  await page.goto("/events/fado-ao-cais-beatriz-noronha");
  await page.getByRole("button", { name: "One more Floor" }).click();
  await shoot(page, "26-club");
  await page.goto("/events/secret-gig-somebody-you-know");
  await expect(page.getByRole("button", { name: /^One more / })).toBeVisible();
  await shoot(page, "27-few-left");
  for (const [name, slug, words] of [
    ["28-called-off", "the-winter-ferry", "This event was called off."],
    ["29-not-yet-on-sale", "juniper-vale-one-night-in-berlin", "Tickets can be bought from"],
  ] as const) {
    await page.goto(`/events/${slug}`);
    await expect(page.getByText(words)).toBeVisible();
    await shoot(page, name);
  }
  await page.goto("/events/public-lecture-how-cities-breathe");
  await mapOf(page);
  await shoot(page, "30-free");
});
