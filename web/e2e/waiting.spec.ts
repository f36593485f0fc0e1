import { expect, goOnAsGuest, makeSmallType, register, test } from "./visitor";

test("who waits for what is sold out is offered what comes free, before anybody else", async ({ page, browser, baseURL, accessible }, {
  project,
}) => {
  const name = `Balcony ${project.name}`;
  await makeSmallType(baseURL ?? "", "lake-effect-house-night", name);
  const second = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB" });
  const first = await second.newPage();
  await first.goto("/events/lake-effect-house-night");
  await first.getByRole("button", { name: `One more ${name}` }).click();
  await goOnAsGuest(first, "Antinous");

  await register(page, "Theoclymenus", "visions of the hall");
  await page.goto("/events/lake-effect-house-night");
  await expect(page.getByRole("heading", { name: "Waiting list" })).toBeVisible();
  await page.getByRole("checkbox", { name: new RegExp(name) }).check();
  await page.getByLabel("How many").selectOption("1");
  await accessible(page);
  await page.getByRole("button", { name: "Put me on the waiting list" }).click();
  await expect(page.getByTestId("waiting")).toHaveAttribute("data-status", "WAITING");
  await expect(page.getByTestId("waiting")).toContainText("You are number 1");

  await first.getByRole("button", { name: "Give these places up" }).click();
  await expect(page.getByTestId("waiting")).toHaveAttribute("data-status", "OFFERED", { timeout: 40_000 });
  await accessible(page);
  await page.getByRole("button", { name: "Take them" }).click();
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
  await page.getByRole("button", { name: "Give these places up" }).click();
  await page.goto("/waiting");
  await expect(page.getByTestId("waiting").first()).toBeVisible();
  await accessible(page);
  await second.close();
});
