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
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      expect(violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).slice(0, 3)}`)).toEqual([]);
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
export async function goOnAsGuest(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Continue" }).click();
  const dialog = page.getByRole("dialog", { name: "Who is buying?" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("E-mail").fill(`${crypto.randomUUID()}@example.test`);
  await dialog.getByRole("button", { name: "Go on as a guest" }).click();
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
}

/** Pays an order with one of the cards of the test. */
export async function payWith(page: Page, card: string): Promise<void> {
  await page.getByLabel(card).check();
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** What an organizer does, without a page: a code that takes so many percent off an event of the demonstration. */
export async function makePromoCode(home: string, slug: string, code: string, percentOff: string): Promise<void> {
  const ask = async <T>(query: string, variables: object, token?: string): Promise<T> => {
    const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const answer = await fetch(`${home}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = (await answer.json()) as { data: T; errors?: { message: string }[] };
    expect(errors).toBeUndefined();
    return data;
  };
  const { login } = await ask<{ login: { accessToken: string } }>(
    "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }",
    {
      input: { email: "organizer@odysseus.test", password: "odysseus-demo" },
    },
  );
  const { event } = await ask<{ event: { id: string } }>("query ($slug: String!) { event(slug: $slug) { id } }", { slug });
  const input = { eventId: event.id, code, percentOff };
  await ask("mutation ($input: CreatePromoCodeInput!) { createPromoCode(input: $input) { id } }", { input }, login.accessToken);
}
