import type { CDPSession, Page } from "@playwright/test";
import { codeOf, expect, register, signIn, test } from "./visitor";

const PASSWORD = "the bow that nobody bends";

// What devices and providers do is the same on a phone.
test.skip(({ isMobile }) => isMobile);

test.describe("where the shop has a name", () => {
  // Passkeys belong to names, and this machine is localhost to itself.
  test.use({ baseURL: (process.env.ODYSSEUS_URL ?? "http://127.0.0.1:4000").replace("127.0.0.1", "localhost") });

  test("a passkey is added, signs in without a name or a password, proves who one is, and is removed", async ({ page, accessible }) => {
    const device = await deviceOf(page);
    const email = await register(page, "Eumaeus", PASSWORD);
    await page.goto("/account/security");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await expect(page.getByLabel("What you call it")).toBeFocused();
    await page.getByLabel("What you call it").fill("A swineherd's ring");
    await page.getByLabel("Your password", { exact: true }).first().fill("not the one");
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(page.getByText("This is not your password.")).toBeVisible();
    await accessible(page);
    await page.getByLabel("Your password", { exact: true }).first().fill(PASSWORD);
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(page.getByTestId("recovery-codes").getByRole("listitem")).toHaveCount(10);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await expect(page.getByTestId("factor").filter({ hasText: "A swineherd's ring" })).toContainText("Passkey");
    expect(await device.passkeys()).toBe(1);

    // The same device has one already.
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("button", { name: "Use a passkey instead" }).click();
    await expect(page.getByText("This device keeps a passkey of yours already.")).toBeVisible();

    await signOut(page);
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByRole("link", { name: "My orders" })).toBeVisible();
    await page.goto("/account");
    await expect(page.getByRole("main")).toContainText(email);

    // The password alone opens nothing any more, and the passkey is the second step.
    await signOut(page);
    await signIn(page, email, PASSWORD);
    await expect(page.getByLabel("Code of your app, or a recovery code")).toBeVisible();
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByRole("link", { name: "My orders" })).toBeVisible();

    await page.goto("/account/security");
    await page.getByRole("button", { name: "Remove A swineherd's ring" }).click();
    await page.getByRole("button", { name: "Use a passkey instead" }).click();
    await expect(page.getByTestId("factor")).toHaveCount(0);
    await expect(page.getByRole("heading", { name: "Second step" })).toBeFocused();
    await signOut(page);
    await signIn(page, email, PASSWORD);
    await expect(page.getByRole("link", { name: "My orders" })).toBeVisible();

    // A device whose passkey was removed opens nothing.
    await signOut(page);
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  });
});

test("an account elsewhere is linked, opens the account, and is unlinked", async ({ page, accessible }) => {
  const email = await register(page, "Theoclymenus", PASSWORD);
  const elsewhere = `seer-${email}`;
  await page.goto("/account/security");
  const link = page.getByRole("button", { name: /^Link an account of / });
  await link.click();
  await page.getByRole("button", { name: "Refuse" }).click();
  await expect(page.getByText("It was not allowed there")).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Back to security" }).click();
  await link.click();
  await vouchFor(page, elsewhere);
  await expect(page.getByTestId("foreign-account")).toHaveCount(1);
  await expect(page).toHaveURL(/\/account\/security$/);
  await accessible(page);

  // It opens this account, whatever its own address is, and comes back to where it was asked for.
  await signOut(page);
  await page.goto("/messages");
  await page.getByRole("button", { name: /^Sign in with (?!a passkey)/ }).click();
  await vouchFor(page, elsewhere);
  await expect(page).toHaveURL(/\/messages$/);
  await expect(page.getByRole("heading", { name: "Messages" })).toBeVisible();
  await page.goto("/account");
  await expect(page.getByRole("main").getByText(email, { exact: true })).toBeVisible();

  await page.goto("/account/security");
  await page.getByRole("button", { name: /^Unlink / }).click();
  await page.getByLabel("Your password", { exact: true }).first().fill(PASSWORD);
  await page.getByRole("button", { name: "Unlink", exact: true }).click();
  await expect(page.getByTestId("foreign-account")).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Accounts elsewhere" })).toBeFocused();
});

test("who signed in a while ago shows once more that it is them before an account elsewhere is linked", async ({ page, accessible }) => {
  const email = await register(page, "Amphinomus", PASSWORD);
  await page.goto("/account/security");
  // Opened by a number, the shop offers passkeys at its name.
  const named = page.getByRole("link", { name: "open it as localhost" });
  await expect(named).toHaveAttribute("href", /^http:\/\/localhost:\d+\/account\/security$/);
  await page.getByRole("button", { name: "Add an app with codes" }).click();
  await page.getByLabel("Your password", { exact: true }).first().fill(PASSWORD);
  await page.getByRole("button", { name: "Go on" }).click();
  const key = (await page.getByTestId("key").textContent()) ?? "";
  await page.getByLabel("The code that it shows").fill(codeOf(key));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByTestId("recovery-codes")).toBeVisible();
  const [recovery] = await page.getByTestId("recovery-codes").getByRole("listitem").allTextContents();
  await page.getByRole("button", { name: "I have kept them" }).click();

  // As the graph answers after ten minutes: the first request goes without a proof.
  await page.route("**/graphql", async (route) => {
    const { query, variables } = route.request().postDataJSON() as { query: string; variables: { proof?: unknown } };
    if (!query.includes("linkForeignAccount") || variables.proof) return route.fallback();
    const refused = { code: "BAD_USER_INPUT", reason: "REQUIRED", field: "password" };
    return route.fulfill({ json: { data: null, errors: [{ message: "password: must have the password", extensions: refused }] } });
  });
  await page.getByRole("button", { name: /^Link an account of / }).click();
  await vouchFor(page, `islander-${email}`);
  await expect(page.getByText("You signed in here a while ago")).toBeVisible();
  await accessible(page);
  await page.getByLabel("or a code").fill(recovery ?? "");
  await page.getByRole("button", { name: "Link it" }).click();
  await expect(page.getByTestId("foreign-account")).toHaveCount(1);
});

/** A device in which passkeys are, whose owner always agrees. */
async function deviceOf(page: Page) {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { passkeys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length };
}

/** Says at the sandbox's provider who one is. */
async function vouchFor(page: Page, email: string) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function signOut(page: Page) {
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
}
