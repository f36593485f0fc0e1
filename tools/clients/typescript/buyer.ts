// A buyer's evening: finds a play, watches its seats, holds two, checks out, pays, follows the order, reads the tickets.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  CheckOutDocument,
  FindEventsDocument,
  FollowOrderDocument,
  FollowSeatsDocument,
  HoldDocument,
  LogInDocument,
  PayDocument,
  ReadOrderDocument,
  ReadSeatsDocument,
} from "../generated/graph/graphql.js";
import { Graph, Refused } from "./graph.js";
import { done, PASSWORD, same, within } from "./journey.js";

/** What was bought. */
export interface Bought {
  event: string;
  order: string;
  total: { amount: string; currency: string };
  ticket: { id: string; qrPayload: string };
}

/** Buys two seats, and fails where an answer is not what the schema and the story promise. */
export async function buy(url: string): Promise<Bought> {
  const graph = await loggedIn(url, "buyer@odysseus.test");
  done("logs in");

  const { events } = await graph.ask(FindEventsDocument, { query: "Ghost Light" });
  const event = present(events?.nodes[0], "the event");
  same(event.title, "Ghost Light");
  same(event.status, "PUBLISHED");
  same(event.saleStatus, "ON_SALE");
  assert.ok(event.availability?.level === "PLENTY" || event.availability?.level === "FEW");
  const { city, countryCode, formatted } = event.venue.address;
  assert.match(countryCode, /^[A-Z]{2}$/);
  assert.ok(formatted.some((line) => line.includes(city)) && event.organization?.name);
  assert.match(event.priceRange?.lowest.amount ?? "", /^\d+\.\d\d$/);
  done("finds an event");

  const map = (await graph.ask(ReadSeatsDocument, { event: event.id, section: "STALLS" })).event?.seatMap;
  const free = map?.sections[0]?.seats.filter((seat) => seat.status === "AVAILABLE") ?? [];
  const seats = free.slice(0, 2).map((seat) => seat.id);
  same(seats.length, 2);
  const changes = graph.bySocket(FollowSeatsDocument, { event: event.id });
  const begun = await within(changes.next(), "the first frame of the seat map");
  same(begun.value?.seatMapChanged.changes, []);
  const wish = { eventId: event.id, seats: seats.map((seatId) => ({ seatId })) };
  const { holdSeats: held } = await graph.ask(HoldDocument, { input: { ...wish, idempotencyKey: randomUUID() } });
  same(held?.status, "ACTIVE");
  same(held.items.map((item) => item.seat?.id).sort(), [...seats].sort());
  done("holds seats");

  const taken = new Set<string>();
  for (; taken.size < seats.length; ) {
    const { value } = await within(changes.next(), "the seats in the seat map's changes");
    const frame = present(value, "a frame").seatMapChanged;
    assert.ok(frame.version >= frame.previousVersion);
    for (const { seatId, status } of frame.changes) {
      if (seats.includes(seatId) && status === "HELD") taken.add(seatId);
    }
  }
  await changes.return(undefined);
  done("sees them go on the seat map, by graphql-ws");

  const other = await loggedIn(url, "buyer2@odysseus.test");
  const refusal = await refused(other.ask(HoldDocument, { input: { ...wish, idempotencyKey: randomUUID() } }));
  same(refusal.extensions.code, "SEATS_UNAVAILABLE");
  same([...(refusal.extensions.seatIds ?? [])].sort(), [...seats].sort());
  const anonymous = await refused(new Graph(`${url}/graphql`).ask(HoldDocument, { input: { ...wish, idempotencyKey: randomUUID() } }));
  same(anonymous.extensions.code, "UNAUTHENTICATED");
  done("sees refusals as typed errors");

  const attendees = ["Bea Lindgren", "Ned Low"].map((name) => ({ name, email: "buyer@odysseus.test" }));
  const { checkout: order } = await graph.ask(CheckOutDocument, {
    input: { reservationId: held.id, attendees, idempotencyKey: randomUUID() },
  });
  same(order?.status, "AWAITING_PAYMENT");
  const bySocket = graph.bySocket(FollowOrderDocument, { order: order.id });
  const byEvents = graph.byEvents(FollowOrderDocument, { order: order.id });
  for (const frames of [bySocket, byEvents]) {
    const { value } = await within(frames.next(), "the order as it is");
    same(value?.orderChanged.status, "AWAITING_PAYMENT");
  }
  done("checks out");

  const { pay } = await graph.ask(PayDocument, {
    input: { orderId: order.id, paymentMethod: "pm_card_visa", idempotencyKey: randomUUID() },
  });
  assert.ok(pay?.status === "SUCCEEDED" || pay?.status === "PENDING", pay?.status);
  same(pay.amount, held.total.total);
  done("pays");

  await completed(bySocket);
  await completed(byEvents);
  done("follows the order, by graphql-ws and by graphql-sse");

  const bought = present((await graph.ask(ReadOrderDocument, { order: order.id })).order, "the order");
  same(bought.status, "COMPLETED");
  same(bought.number, order.number);
  same(bought.total.total, held.total.total);
  same(bought.tickets.map((ticket) => ticket.seat?.id).sort(), [...seats].sort());
  const steps = bought.history.map(({ kind, message }) => (message.length > 0 ? kind : null));
  same(steps.slice(0, 4), ["PLACED", "SEATS_SECURED", "PAID", "TICKETS_ISSUED"]);
  same(bought.tickets.map((ticket) => ticket.holderName).sort(), ["Bea Lindgren", "Ned Low"]);
  const ticket = present(bought.tickets[0], "a ticket");
  same(ticket.status, "VALID");
  const pdf = await fetch(new URL(present(ticket.pdfUrl, "a printable ticket"), url));
  same(pdf.headers.get("content-type"), "application/pdf");
  done("reads the tickets");

  const { id, qrPayload } = ticket;
  return { event: event.id, order: order.id, total: bought.total.total, ticket: { id, qrPayload: present(qrPayload, "a code") } };
}

async function loggedIn(url: string, email: string): Promise<Graph> {
  const { login } = await new Graph(`${url}/graphql`).ask(LogInDocument, { email, password: PASSWORD });
  same(login?.user.email, email);
  return new Graph(`${url}/graphql`, login.accessToken);
}

async function refused(answer: Promise<unknown>): Promise<Refused> {
  const error = await answer.then(
    () => assert.fail("it should have been refused"),
    (error: unknown) => error,
  );
  if (error instanceof Refused) return error;
  throw error;
}

async function completed(frames: AsyncGenerator<{ orderChanged: { status: string } }, undefined>): Promise<void> {
  for (;;) {
    const { value } = await within(frames.next(), "the completed order");
    const { status } = present(value, "a frame").orderChanged;
    if (status === "COMPLETED") break;
    assert.ok(["AWAITING_PAYMENT", "PAID"].includes(status), status);
  }
  await frames.return(undefined);
}

function present<Value>(value: Value | null | undefined, what: string): Value {
  assert.ok(value != null, `${what} is missing`);
  return value;
}
