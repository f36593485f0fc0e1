import { createHmac } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * A visitor whose browser complains of nothing: no error and no warning on its console, nothing thrown, nothing asked of any
 * other host. What breaks the page's policy is an error on the console, too.
 */
export const test = base.extend<{ calm: string[]; accessible: (page: Page) => Promise<void> }>({
  calm: [
    async ({ context, baseURL }, use) => {
      const complaints: string[] = [];
      context.on("page", (page) => watch(page, complaints, baseURL ?? ""));
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  accessible: async ({}, use) => {
    await use(async (page) => {
      // What sticks to the window's edge covers half a control somewhere, which is whole for whoever scrolls.
      await page.evaluate(() => {
        window.scrollTo({ top: 0, behavior: "instant" });
        document.querySelector<HTMLElement>("[data-testid=choice]")?.style.setProperty("position", "static");
      });
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      expect(violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).slice(0, 3)}`)).toEqual([]);
      await page.evaluate(() => document.querySelector<HTMLElement>("[data-testid=choice]")?.style.removeProperty("position"));
    });
  },
});
export { expect };

export function watch(page: Page, complaints: string[], home: string): void {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && origin !== new URL(home).origin) complaints.push(`asked ${origin}`);
  });
}

/** What the page leaves on the map for tests. */
type Drawn = HTMLCanvasElement & {
  seats: { keys: string[]; status: (seat: number) => number };
  drawing: { show: (seat: number) => void; placeOf: (seat: number) => [number, number] };
};

/** Points at a seat on the map, once the map shows it. */
export async function pointAt(page: Page, key: string): Promise<void> {
  const map = await mapOf(page);
  const [x, y] = await map.evaluate((element, key) => {
    const { seats, drawing } = element as Drawn;
    const seat = seats.keys.indexOf(key);
    drawing.show(seat);
    return drawing.placeOf(seat);
  }, key);
  await map.click({ position: { x, y } });
}

/** A seat's status on the map: 0 is free. */
export async function statusOf(page: Page, key: string): Promise<number> {
  const map = await mapOf(page);
  return map.evaluate((element, key) => {
    const { seats } = element as Drawn;
    return seats.status(seats.keys.indexOf(key));
  }, key);
}

export async function mapOf(page: Page): Promise<Locator> {
  const map = page.getByTestId("seat-map");
  await expect(map).toBeVisible();
  await expect.poll(() => map.evaluate((element) => "drawing" in element && element.clientWidth > 0)).toBe(true);
  return map;
}

/** Goes from a choice to the cart, as somebody without an account. */
export async function goOnAsGuest(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name: "Continue" }).click();
  const dialog = page.getByRole("dialog", { name: "Who is buying?" });
  await dialog.getByLabel("Name").fill(name);
  const email = `${crypto.randomUUID()}@example.test`;
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByRole("button", { name: "Go on as a guest" }).click();
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
  return email;
}

/** Pays an order with one of the cards of the test. */
export async function payWith(page: Page, card: string): Promise<void> {
  await page.getByLabel(card).check();
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** Asks the graph, as nobody or by a token. */
export async function ask<T>(home: string, query: string, variables: object, token?: string): Promise<T> {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(`${home}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = (await answer.json()) as { data: T; errors?: { message: string }[] };
  expect(errors).toBeUndefined();
  return data;
}

/** Does what an organizer does, without a page, to an event of the demonstration. */
async function organize(home: string, slug: string, mutation: string, input: (eventId: string) => object): Promise<void> {
  const { login } = await ask<{ login: { accessToken: string } }>(
    home,
    "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }",
    { input: { email: "organizer@odysseus.test", password: "odysseus-demo" } },
  );
  const { event } = await ask<{ event: { id: string } }>(home, "query ($slug: String!) { event(slug: $slug) { id } }", { slug });
  await ask(home, mutation, { input: input(event.id) }, login.accessToken);
}

/** A code that takes so many percent off. */
export async function makePromoCode(home: string, slug: string, code: string, percentOff: string): Promise<void> {
  const mutation = "mutation ($input: CreatePromoCodeInput!) { createPromoCode(input: $input) { id } }";
  await organize(home, slug, mutation, (eventId) => ({ eventId, code, percentOff }));
}

/** A ticket type that only who knows its code sees. */
export async function makeHiddenType(home: string, slug: string, name: string, accessCode: string): Promise<void> {
  await makeType(home, slug, { name, accessCode });
}

/** A ticket type of which there is one. */
export async function makeSmallType(home: string, slug: string, name: string): Promise<void> {
  await makeType(home, slug, { name, quota: 1 });
}

async function makeType(home: string, slug: string, about: object): Promise<void> {
  const mutation = "mutation ($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }";
  await organize(home, slug, mutation, (eventId) => ({ eventId, price: { amount: "30", currency: "USD" }, ...about }));
}

/** Buyers get 80 % back until a day before. */
export async function makeRefundable(home: string, slug: string): Promise<void> {
  const mutation = "mutation ($input: UpdateEventInput!) { updateEvent(input: $input) { id } }";
  const refundPolicy = { rules: [{ hoursBeforeStart: 24, percent: "80" }], feesKept: false };
  await organize(home, slug, mutation, (eventId) => ({ eventId, refundPolicy }));
}

/** The link to a page of the shop in the latest mail to somebody, once it has come. */
export async function linkOfMail(home: string, to: string, path: string): Promise<string> {
  return inMail(home, to, new RegExp(`${path}#token=[\\w.~-]+`));
}

/** What stands in the latest mail to somebody, once it has come. */
export async function inMail(home: string, to: string, what: RegExp): Promise<string> {
  let found = "";
  const look = async () => {
    const mails = await (await fetch(`${home}/sandbox/mails.json?to=${encodeURIComponent(to)}`)).text();
    found = mails.match(what)?.[0] ?? "";
    return found;
  };
  await expect.poll(look, { timeout: 20_000 }).not.toBe("");
  return found;
}

/** Registers somebody, and stays signed in as them. */
export async function register(page: Page, name: string, password: string): Promise<string> {
  const email = `${crypto.randomUUID()}@example.test`;
  await page.goto("/sign-in");
  await page.getByRole("main").getByRole("button", { name: "Register" }).first().click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("main").getByRole("button", { name: "Register" }).last().click();
  await expect(page.getByRole("link", { name: "My orders" })).toBeVisible();
  return email;
}

/** Signs in by a password, as far as that goes. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).last().click();
}

/** The code that an app shows at this moment for a key (RFC 6238: SHA-1, 30 seconds, six digits), or a step later. */
export function codeOf(key: string, later = 0): string {
  const bits = [...key.replace(/[\s=]/g, "")].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const hash = createHmac("sha1", Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))))
    .update(step)
    .digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
