import { codeOf, goOnAsGuest, linkOfMail, makeSmallType, register } from "../visitor";
import { expect, test } from "./album";

const PASSWORD = "the bed that does not move";

test("signing in, and a password that was forgotten", async ({ page, baseURL, shoot }) => {
  await page.goto("/sign-in");
  await expect(page.getByRole("link", { name: "Forgot your password?" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await shoot(page, "70-sign-in");
  await page.getByLabel("E-mail").fill("buyer@odysseus.test");
  await page.getByLabel("Password").fill("something else");
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).last().click();
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  await shoot(page, "71-wrong-password");
  await page.getByRole("main").getByRole("button", { name: "Register" }).first().click();
  await shoot(page, "72-register");
  await page.goto("/account/forgot");
  await shoot(page, "73-forgot");
  await page.getByLabel("E-mail").fill("buyer2@odysseus.test");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByText("a mail with a link is on its way")).toBeVisible();
  await shoot(page, "74-link-sent");
  await page.goto(await linkOfMail(baseURL ?? "", "buyer2@odysseus.test", "/account/reset-password"));
  await expect(page.getByLabel("New password")).toBeVisible();
  await shoot(page, "75-new-password");
  await page.goto("/account/verify#token=nonsense");
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  await shoot(page, "76-broken-link");
  await page.goto("/account/invitation#token=nonsense");
  await expect(page.getByRole("heading", { name: "You are invited" })).toBeVisible();
  await shoot(page, "77-invited");
});

test("a member's account", async ({ page, shoot }) => {
  const email = await register(page, "Penelope", PASSWORD);
  for (const [name, path] of [
    ["80-account", "/account"],
    ["81-security", "/account/security"],
    ["82-no-messages", "/messages"],
    ["83-not-waiting", "/waiting"],
    ["91-my-data", "/account/data"],
    ["92-claim", "/claim?number=ODY-ITHACA42&email=penelope@example.test&token=nonsense"],
  ] as const) {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    await shoot(page, name);
  }
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Add an app with codes" }).click();
  await page.getByLabel("Your password").first().fill(PASSWORD);
  await page.getByRole("button", { name: "Go on" }).click();
  const key = (await page.getByTestId("key").textContent()) ?? "";
  await shoot(page, "84-app-with-codes");
  await page.getByLabel("The code that it shows").fill(codeOf(key));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByTestId("recovery-codes")).toBeVisible();
  await shoot(page, "85-recovery-codes");
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).last().click();
  await expect(page.getByLabel("Code of your app, or a recovery code")).toBeVisible();
  await shoot(page, "86-second-step");
  await page.goto("/sandbox");
  await page.getByRole("link", { name: "Is this your address" }).first().click();
  await page.waitForLoadState("networkidle");
  await shoot(page, "90-mail-to-confirm", { languages: ["en"] });
});

test("a waiting list", async ({ page, browser, baseURL, shoot }, { project }) => {
  const name = `Box ${project.name}`;
  await makeSmallType(baseURL ?? "", "lake-effect-house-night", name);
  const second = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB" });
  const first = await second.newPage();
  await first.goto("/events/lake-effect-house-night");
  await first.getByRole("button", { name: `One more ${name}` }).click();
  await goOnAsGuest(first, "Antinous");
  await register(page, "Theoclymenus", PASSWORD);
  await page.goto("/events/lake-effect-house-night");
  await page.getByRole("checkbox", { name }).check();
  await page.getByLabel("How many").selectOption("1");
  await shoot(page, "87-to-wait");
  await page.getByRole("button", { name: "Put me on the waiting list" }).click();
  await expect(page.getByTestId("waiting")).toContainText("You are number 1");
  await shoot(page, "88-waiting");
  await first.getByRole("button", { name: "Give these places up" }).click();
  await page.goto("/waiting");
  await expect(page.getByTestId("waiting")).toHaveAttribute("data-status", "OFFERED", { timeout: 60_000 });
  await shoot(page, "89-offered");
  await second.close();
});
