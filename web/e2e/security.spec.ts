import { codeOf, expect, linkOfMail, register, signIn, test } from "./visitor";

const PASSWORD = "the bed that does not move";

test("a forgotten password is chosen anew by a mail, and other devices are signed out", async ({ page, browser, baseURL, accessible }) => {
  const email = await register(page, "Penelope", PASSWORD);
  const second = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB" });
  const other = await second.newPage();
  await other.goto("/account/forgot");
  await other.getByLabel("E-mail").fill(email);
  await other.getByRole("button", { name: "Send the link" }).click();
  await expect(other.getByText("a mail with a link is on its way")).toBeVisible();
  await other.goto(await linkOfMail(baseURL ?? "", email, "/account/reset-password"));
  await accessible(other);
  await other.getByLabel("New password").fill("a shroud by day and by night");
  await other.getByRole("button", { name: "Save" }).click();
  await expect(other.getByRole("heading", { name: "Your account" })).toBeVisible();
  // The first device finds out at its next question.
  await page.goto("/account");
  await expect(page.getByRole("main").getByRole("button", { name: "Sign in" }).first()).toBeVisible();
  await second.close();
});

test("sessions are listed by device, and others are ended", async ({ page, browser, baseURL, accessible }) => {
  const email = await register(page, "Eurycleia", PASSWORD);
  const second = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-GB" });
  const other = await second.newPage();
  await signIn(other, email, PASSWORD);
  await expect(other.getByRole("link", { name: "My orders" })).toBeVisible();
  await page.goto("/account/security");
  await expect(page.getByTestId("session")).toHaveCount(2);
  await expect(page.getByTestId("session").first()).toContainText(/Chrome|Chromium|Headless/);
  await accessible(page);
  await page.getByRole("button", { name: "Sign out there" }).click();
  await expect(page.getByTestId("session")).toHaveCount(1);
  await second.close();
});

test("a reload and a new tab stay signed in, and no script can read what keeps them so", async ({ page, context }) => {
  await register(page, "Argus", PASSWORD);
  await page.goto("/account");
  await expect(page.getByRole("heading", { name: "Your account" })).toBeVisible();
  await page.reload();
  await expect(page.getByText("@example.test").first()).toBeVisible();
  const other = await context.newPage();
  await other.goto("/account");
  await expect(other.getByText("@example.test").first()).toBeVisible();
  const kept = await page.evaluate(() => [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join());
  expect(kept).not.toMatch(/eyJ|refreshToken":"/);
  expect((await context.cookies()).find(({ name }) => name.includes("odysseus-session"))).toMatchObject({
    httpOnly: true,
    sameSite: "Strict",
  });
  await other.close();
});

test("with an app with codes a password alone opens nothing, and a recovery code does where the app is lost", async ({
  page,
  accessible,
}) => {
  const email = await register(page, "Mentor", PASSWORD);
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Add an app with codes" }).click();
  await page.getByLabel("Your password").first().fill(PASSWORD);
  await page.getByRole("button", { name: "Go on" }).click();
  const key = (await page.getByTestId("key").textContent()) ?? "";
  await accessible(page);
  await page.getByLabel("The code that it shows").fill(codeOf(key));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByTestId("recovery-codes")).toBeVisible();
  const codes = await page.getByTestId("recovery-codes").getByRole("listitem").allTextContents();
  expect(codes.length).toBeGreaterThan(4);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByTestId("factor").first()).toBeVisible();

  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await signIn(page, email, PASSWORD);
  await page.getByLabel("Code of your app, or a recovery code").fill("000000");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Code of your app, or a recovery code")).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await page.getByLabel("Code of your app, or a recovery code").fill(codes[0] ?? "");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("link", { name: "My orders" })).toBeVisible();
});

test("an address is changed once both addresses agree, and the password once the old one is told", async ({ page, baseURL }) => {
  const email = await register(page, "Halitherses", PASSWORD);
  await page.goto("/account/security");
  await page.getByLabel("Password so far").fill("another one altogether");
  await page.getByLabel("New password").fill("birds of omen");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByLabel("Password so far")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Password so far").fill(PASSWORD);
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("Your password is changed").first()).toBeVisible();

  const next = `next-${email}`;
  await page.getByLabel("New e-mail").fill(next);
  await page.getByLabel("Your password").last().fill("birds of omen");
  await page.getByRole("button", { name: "Change the address" }).click();
  await expect(page.getByText(`It becomes ${next}`)).toBeVisible();
  await page.goto(await linkOfMail(baseURL ?? "", next, "/account/change-address"));
  await expect(page.getByText(`Your account has the address ${next} now.`)).toBeVisible();
});
