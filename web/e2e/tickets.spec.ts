import { expect, goOnAsGuest, linkOfMail, makeHiddenType, payWith, register, test } from "./visitor";

const OPEN_MIC = "/events/open-mic-at-the-agave";

test("a ticket is passed on: the old code dies, and a friend with an account finds the new one", async ({
  page,
  browser,
  baseURL,
  accessible,
}) => {
  const second = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB" });
  const friend = await second.newPage();
  const address = await register(friend, "Pisistratus", "a chariot to Sparta");
  await friend.goto(await linkOfMail(baseURL ?? "", address, "/account/verify"));
  await expect(friend.getByRole("heading", { name: "Thank you" })).toBeVisible();

  await page.goto(OPEN_MIC);
  const more = page.getByRole("button", { name: "One more Floor" });
  await more.click();
  await more.click();
  await goOnAsGuest(page, "Telemachus");
  await page.getByRole("button", { name: /^Order for/ }).click();
  await payWith(page, "A card that pays");
  await expect(page.getByTestId("ticket")).toHaveCount(2);

  await page.getByRole("button", { name: "Other name" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill("Telemachus of Ithaca");
  await accessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByTestId("ticket").filter({ hasText: "Telemachus of Ithaca" })).toHaveCount(1);

  await page.getByRole("button", { name: "Pass on" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Pass the ticket on" });
  await dialog.getByLabel("Name").fill("Pisistratus");
  await dialog.getByLabel("E-mail").fill(address);
  await dialog.getByRole("button", { name: "Pass it on" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId("ticket").getByRole("img", { name: "QR code for the door" })).toHaveCount(1);
  await accessible(page);

  await friend.goto("/orders");
  const given = friend.getByTestId("ticket");
  await expect(given).toContainText("Pisistratus");
  await expect(given.getByRole("img", { name: "QR code for the door" })).toBeVisible();
  await second.close();
});

test("a cart is added to and taken from by one clock", async ({ page, accessible }) => {
  await page.goto(OPEN_MIC);
  await page.getByRole("button", { name: "One more Floor" }).click();
  await goOnAsGuest(page, "Amphinomus");
  await page.getByRole("link", { name: "Add more places" }).click();
  await page.getByRole("button", { name: "One more Gallery" }).click();
  await page.getByRole("button", { name: "Add to the cart" }).click();
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
  await expect(page.getByTestId("total")).toHaveText("US$23");
  await accessible(page);
  await page.getByRole("button", { name: "Take Floor out" }).click();
  await expect(page.getByTestId("total")).toHaveText("US$13");
  await page.getByRole("button", { name: "Give these places up" }).click();
});

test("the shop chooses: a wheelchair place, and the companion beside it", async ({ page, accessible }) => {
  await page.goto("/events/ghost-light");
  await page.getByText("Let us choose, also for wheelchairs").click();
  await page.getByLabel("Which tickets").selectOption({ index: 0 });
  await page.getByLabel("of them for wheelchairs").selectOption("1");
  await page.getByLabel("beside them for companions").selectOption("1");
  await accessible(page);
  await page.getByRole("button", { name: "Hold the best places" }).click();
  const dialog = page.getByRole("dialog", { name: "Who is buying?" });
  await dialog.getByLabel("Name").fill("Laertes");
  await dialog.getByLabel("E-mail").fill(`${crypto.randomUUID()}@example.test`);
  await dialog.getByRole("button", { name: "Go on as a guest" }).click();
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
  await expect(page.getByText(/wheelchair place/)).toHaveCount(1);
  await page.getByRole("button", { name: "Give these places up" }).click();
});

test("a hidden ticket type shows itself to who knows its code", async ({ page, baseURL }, { project }) => {
  const code = `backstage-${project.name}`;
  await makeHiddenType(baseURL ?? "", "coyote-parade", `Crew ${project.name}`, code);
  await page.goto("/events/coyote-parade");
  await expect(page.getByText(`Crew ${project.name}`)).toHaveCount(0);
  await page.getByText("Do you have an access code?").click();
  await page.getByLabel("Access code").fill("no such code");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByLabel("Access code")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Access code").fill(code);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.getByRole("button", { name: `One more Crew ${project.name}` }).click();
  await goOnAsGuest(page, "Medon");
  await expect(page.getByText(`Crew ${project.name}`)).toBeVisible();
  await page.getByRole("button", { name: "Give these places up" }).click();
});
