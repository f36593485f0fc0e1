// What was bought, read over REST by clients that openapi-typescript and openapi-fetch made of the six documents.

import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import createClient from "openapi-fetch";
import type { paths as Analytics } from "../generated/rest/analytics.js";
import type { components as EventsComponents, operations as EventsOperations, paths as Events } from "../generated/rest/events.js";
import type { paths as Notifications } from "../generated/rest/notifications.js";
import type { paths as Payments } from "../generated/rest/payments.js";
import type { operations as TicketsOperations, paths as Tickets } from "../generated/rest/tickets.js";
import type { paths as Users } from "../generated/rest/users.js";
import type { Bought } from "../typescript/buyer.js";
import { done, PASSWORD, same } from "../typescript/journey.js";

type Problem = EventsComponents["schemas"]["Problem"];
type Events200 = EventsOperations["listEvents"]["responses"][200]["content"]["application/json"];
type Keys200 = TicketsOperations["listTicketKeys"]["responses"][200]["content"]["application/json"];

/** Reads it all, and fails where an answer is not what the documents and the purchase promise. */
export async function read(baseUrl: string, bought: Bought): Promise<void> {
  const buyer = await loggedIn(baseUrl, "buyer@odysseus.test");
  const me = data(await createClient<Users>(buyer).GET("/api/users/v1/me"));
  same(me.email, "buyer@odysseus.test");
  done("logs in");

  const events = createClient<Events>({ baseUrl });
  const found = data(await events.GET("/api/events/v1/events", { params: { query: { query: "Ghost Light", first: 5 } } }));
  same(found.items[0]?.id, bought.event);
  const idOrSlug = found.items[0].slug;
  const event = data(await events.GET("/api/events/v1/events/{idOrSlug}", { params: { path: { idOrSlug } } }));
  same(event.id, bought.event);
  assert.match(event.venue.address.countryCode, /^[A-Z]{2}$/);
  const past = data(await events.GET("/api/events/v1/events", { params: { query: { upcoming: false, first: 5 } } }));
  assert.ok(past.items.every(({ endsAt }) => Date.parse(endsAt) < Date.now()));
  done("finds an event");

  const page = await events.GET("/api/events/v1/events", { params: { query: { first: 1 } } });
  const next: Events200 = await (await fetch(nextOf(page.response))).json();
  assert.ok(next.items.length > 0 && next.items[0]?.id !== data(page).items[0]?.id);
  const known = { "If-None-Match": page.response.headers.get("etag") ?? "" };
  const again = await events.GET("/api/events/v1/events", { params: { query: { first: 1 }, header: known } });
  same(again.response.status, 304);
  done("turns the page, and is sent nothing that it has");

  const tickets = createClient<Tickets>(buyer);
  const order = data(await tickets.GET("/api/tickets/v1/orders/{id}", { params: { path: { id: bought.order } } }));
  same(order.status, "COMPLETED");
  same(order.total.total, bought.total);
  same(order.history[0]?.kind, "PLACED");
  assert.ok(order.tickets.some((ticket) => ticket.id === bought.ticket.id));
  done("reads an order");

  const params = { path: { file: `${bought.ticket.id}.pdf` }, query: { code: bought.ticket.qrPayload } };
  const file = data(await tickets.GET("/api/tickets/v1/tickets/{file}", { params, parseAs: "arrayBuffer" }));
  same(Buffer.from(file).subarray(0, 5).toString(), "%PDF-");
  const ofOrder = await fetch(order.tickets.find((ticket) => ticket.id === bought.ticket.id)?.pdfUrl ?? "");
  same(Buffer.from(await ofOrder.arrayBuffer()).subarray(0, 5).toString(), "%PDF-");
  done("opens a ticket's file");

  const { keys } = data(await tickets.GET("/api/tickets/v1/keys"));
  assert.ok(keys.some((key) => isSignedBy(key, bought.ticket.qrPayload)));
  assert.ok(!keys.some((key) => isSignedBy(key, `${bought.ticket.qrPayload.slice(0, -2)}AA`)));
  done("verifies a ticket by the keys that are published");

  const payments = createClient<Payments>(buyer);
  const paid = { params: { path: { orderId: bought.order } } };
  const payment = data(await payments.GET("/api/payments/v1/orders/{orderId}/payment", paid));
  same(payment.status, "SUCCEEDED");
  same(payment.amount, bought.total);
  done("reads a payment");

  const notifications = createClient<Notifications>(buyer);
  const messages = data(await notifications.GET("/api/notifications/v1/notifications", { params: { query: { first: 3 } } }));
  assert.ok(messages.items.length > 0);
  done("lists messages");

  const report = { params: { path: { eventId: bought.event } } };
  const organizer = createClient<Analytics>(await loggedIn(baseUrl, "organizer@odysseus.test"));
  const sales = data(await organizer.GET("/api/analytics/v1/events/{eventId}/report", report));
  same(sales.grossRevenue.currency, bought.total.currency);
  done("reads a report");

  const stranger = createClient<Tickets>(await loggedIn(baseUrl, "buyer2@odysseus.test"));
  const foreign = await stranger.GET("/api/tickets/v1/orders/{id}", { params: { path: { id: bought.order } } });
  refused(foreign, 404, "NOT_FOUND");
  refused(await payments.GET("/api/payments/v1/orders/{orderId}/payment", { params: { path: { orderId: "x" } } }), 400, "BAD_USER_INPUT");
  refused(await createClient<Users>({ baseUrl }).GET("/api/users/v1/me"), 401, "UNAUTHENTICATED");
  const keyed = createClient<Users>({ baseUrl, headers: { "Idempotency-Key": "once" } });
  refused(await keyed.POST("/api/users/v1/token/revoke", { body: { refreshToken: "x" } }), 400, "BAD_USER_INPUT");
  done("sees refusals as typed problems");
}

async function loggedIn(baseUrl: string, email: string): Promise<{ baseUrl: string; headers: { authorization: string } }> {
  const body = { email, password: PASSWORD };
  const { accessToken } = data(await createClient<Users>({ baseUrl }).POST("/api/users/v1/token", { body }));
  return { baseUrl, headers: { authorization: `Bearer ${accessToken}` } };
}

/** Where the next page is, by the header Link (RFC 8288). */
function nextOf(response: Response): URL {
  const link = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
  assert.ok(link != null, `${response.url} says where the next page is`);
  return new URL(link, response.url);
}

/** What a scanner does that has no network. */
function isSignedBy(key: Keys200["keys"][number], qrPayload: string): boolean {
  const bytes = Buffer.from(qrPayload.replace("ODY1.", ""), "base64url");
  const { kty, crv, x } = key;
  return verify(null, bytes.subarray(0, 36), createPublicKey({ key: { kty, crv, x }, format: "jwk" }), bytes.subarray(36));
}

function data<Data>(answer: { data?: Data; error?: unknown; response: Response }): NonNullable<Data> {
  const { data, error, response } = answer;
  assert.ok(data != null, `${response.status} of ${response.url}: ${JSON.stringify(error)}`);
  return data;
}

function refused(answer: { data?: unknown; error?: Problem; response: Response }, status: number, code: Problem["code"]): void {
  same(answer.response.headers.get("content-type"), "application/problem+json");
  same(answer.response.status, status);
  same(answer.error?.status, status);
  same(answer.error?.code, code);
  assert.ok(answer.error.detail.length > 0);
}
