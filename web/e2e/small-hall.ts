import { ask, expect } from "./visitor";

const DAY_MS = 24 * 60 * 60 * 1000;

/** An organizer's terms of business. */
export type Terms = { url: string; version: string };
export type SmallHall = {
  /** Its event's page. */
  page: string;
  /** Gives its organizer other terms, and waits until they hold. */
  setTerms: (terms: Terms) => Promise<void>;
};

/** Makes an event with a row of eight seats, of an organizer of its own: for a platform where there is nothing else. */
export async function makeSmallHall(home: string): Promise<SmallHall> {
  const person = { email: `${crypto.randomUUID()}@example.test`, password: "a hall of eight seats", name: "Alcinous" };
  const { register } = await ask<{ register: { accessToken: string } }>(
    home,
    "mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }",
    { input: person },
  );
  const make = async (field: string, type: string, input: object): Promise<{ id: string; slug: string }> => {
    const more = field === "createEvent" ? "id slug" : "id";
    const mutation = `mutation ($input: ${type}!) { made: ${field}(input: $input) { ${more} } }`;
    return (await ask<{ made: { id: string; slug: string } }>(home, mutation, { input }, register.accessToken)).made;
  };
  const organization = await make("createOrganization", "CreateOrganizationInput", { name: "Hall of Scheria" });
  const venue = await make("createVenue", "CreateVenueInput", {
    organizationId: organization.id,
    name: "Hall of Scheria",
    address: { city: "Kerkyra", countryCode: "GR" },
    timezone: "Europe/Athens",
  });
  const rows = [{ label: "A", runs: [{ from: 1, to: 8, x: 0, y: 0 }] }];
  const layout = await make("createVenueLayout", "CreateVenueLayoutInput", {
    venueId: venue.id,
    name: "Seated",
    sections: [{ key: "STALLS", name: "Stalls", kind: "SEATED", rows }],
  });
  const starts = Date.now() + 30 * DAY_MS;
  const event = await make("createEvent", "CreateEventInput", {
    organizationId: organization.id,
    venueId: venue.id,
    layoutId: layout.id,
    title: "The Song of Demodocus",
    category: "MUSIC",
    startsAt: new Date(starts).toISOString(),
    endsAt: new Date(starts + DAY_MS / 8).toISOString(),
    currency: "EUR",
  });
  await make("createTicketType", "CreateTicketTypeInput", {
    eventId: event.id,
    name: "Seat",
    sections: ["STALLS"],
    price: { amount: "20", currency: "EUR" },
  });
  await ask(home, "mutation ($id: ID!) { publishEvent(id: $id) { id } }", { id: event.id }, register.accessToken);
  const setTerms = async (terms: Terms) => {
    await make("updateOrganization", "UpdateOrganizationInput", { organizationId: organization.id, terms });
    const query = "query ($slug: String) { event(slug: $slug) { salesTerms { version } } }";
    const known = () => ask<{ event: { salesTerms: Terms | null } }>(home, query, { slug: event.slug });
    await expect.poll(async () => (await known()).event.salesTerms?.version).toBe(terms.version);
  };
  return { page: `/events/${event.slug}`, setTerms };
}
