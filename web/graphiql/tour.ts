import type { GraphiQLProps } from "graphiql";

type Tab = NonNullable<GraphiQLProps["defaultTabs"]>[number];

/**
 * The way of a ticket, one tab a step. What a step needs of an earlier one is copied into its variables; the token
 * travels by itself (see session.ts).
 */

/** Fresh for each visitor; sending the same one twice answers the first answer again. */
const key = (step: string) => `tour-${step}-${Math.random().toString(36).slice(2, 10)}`;

const variables = (values: object) => JSON.stringify(values, null, 2);

export const tour: Tab[] = [
  {
    query: `# 1. Log in. From now on the token is sent with every operation, as the line at the bottom says.
# The demo accounts are buyer@, buyer2@, organizer@ and scanner@odysseus.test.
mutation LogIn($input: LoginInput!) {
  login(input: $input) {
    accessToken
    expiresAt
    user {
      email
      name
      memberships {
        role
        organization { slug name }
      }
    }
  }
}

# Or make an account of your own: choose Register beside the play button.
mutation Register {
  register(
    input: {
      email: "me@example.test"
      password: "a-long-password"
      name: "Me Myself"
      locale: "en"
      timezone: "Europe/Vienna"
    }
  ) {
    accessToken
    user { email }
  }
}
`,
    variables: variables({ input: { email: "buyer@odysseus.test", password: "odysseus-demo" } }),
  },
  {
    query: `# 2. Search. Every word counts; leave the filter's fields out to see everything that is coming up.
query SearchEvents($filter: EventFilter) {
  events(filter: $filter, first: 10) {
    totalCount
    nodes {
      id
      title
      category
      startsAt
      timezone
      status
      currency
      venue { name }
      organization { name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: variables({ filter: { query: "" } }),
  },
  {
    query: `# 3. One event, from four services in one answer: users (its organization), events (itself and its venue),
# tickets (what is for sale, and the seats), analytics (its sales).
# Put an event's id from step 2 into the variables. Only its organizer may see the sales:
# as somebody else you get FORBIDDEN for that field.
query OneEvent($id: ID!) {
  event(id: $id) {
    title
    description
    startsAt
    timezone
    organization { name }
    venue { name timezone }
    ticketTypes {
      id
      name
      status
      available
      maxPerOrder
      price { amount currency }
      tiers { name price { amount currency } remaining }
    }
    availability { total available held sold }
    seatMap {
      version
      sections {
        key
        name
        kind
        available
        seats(rows: ["A", "1"]) { id row number status }
      }
    }
    sales {
      ticketsSold
      grossRevenue { amount currency }
    }
  }
}
`,
    variables: variables({ id: "" }),
  },
  {
    query: `# 4. Follow the seats live, over a WebSocket. Start it, go on in the other tabs, and come back to look.
# Each change says which version it follows; seatMapChanges(eventId, since) closes a gap.
subscription WatchSeats($eventId: ID!) {
  seatMapChanged(eventId: $eventId) {
    previousVersion
    version
    changes { seatId status }
    sections { key available }
  }
}
`,
    variables: variables({ eventId: "" }),
  },
  {
    query: `# 5. Hold two seats (ids from step 3): all or nothing. The key makes a repetition harmless: the same key with the
# same input gives the same reservation; for another hold, change it.
# For an event without seats, hold { "generalAdmission": [{ "ticketTypeId": "…", "quantity": 2 }] } instead.
mutation HoldSeats($input: HoldSeatsInput!) {
  holdSeats(input: $input) {
    id
    status
    expiresAt
    items {
      quantity
      seat { row number }
      ticketType { name }
      unitPrice { amount currency }
    }
    total {
      subtotal { amount }
      fees { amount }
      tax { amount }
      total { amount currency }
    }
  }
}
`,
    variables: variables({
      input: { eventId: "", seats: [{ seatId: "" }, { seatId: "" }], idempotencyKey: key("hold") },
    }),
  },
  {
    query: `# 6. Turn the reservation into an order: one attendee for each ticket.
mutation CheckOut($input: CheckoutInput!) {
  checkout(input: $input) {
    id
    number
    status
    expiresAt
    total { total { amount currency } }
  }
}
`,
    variables: variables({
      input: {
        reservationId: "",
        attendees: [
          { name: "Penelope Laertes", email: "penelope@example.test" },
          { name: "Telemachus Laertes", email: "telemachus@example.test" },
        ],
        idempotencyKey: key("checkout"),
      },
    }),
  },
  {
    query: `# 7. Watch the order on its way, then pay in the next tab.
subscription WatchOrder($id: ID!) {
  orderChanged(id: $id) {
    number
    status
    history { at step detail }
    tickets { id code status }
  }
}
`,
    variables: variables({ id: "" }),
  },
  {
    query: `# 8. Pay with one of Stripe's test cards. pm_card_visa succeeds, pm_card_chargeDeclined is declined,
# pm_card_authenticationRequired asks for more. After a decline, pay again with another card and another key.
mutation Pay($input: PayInput!) {
  pay(input: $input) {
    id
    status
    amount { amount currency }
    failureCode
  }
}
`,
    variables: variables({ input: { orderId: "", paymentMethod: "pm_card_visa", idempotencyKey: key("pay") } }),
  },
  {
    query: `# 9. The tickets. qrPayload is what the QR code holds; the mail with the PDF is in the sandbox (/sandbox).
query MyTickets($orderId: ID!) {
  order(id: $orderId) {
    number
    status
    tickets {
      id
      code
      holderName
      status
      seat { section row number }
      qrPayload
    }
  }
}
`,
    variables: variables({ orderId: "" }),
  },
  {
    query: `# 10. At the door. Log in as scanner@odysseus.test first (tab 1); code is a ticket's qrPayload.
# The first scan is ADMITTED, the second ALREADY_CHECKED_IN.
mutation CheckIn($input: CheckInInput!) {
  checkIn(input: $input) {
    outcome
    message
    at
    gate
    ticket { holderName seat { section row number } }
  }
}
`,
    variables: variables({ input: { eventId: "", code: "", gate: "North" } }),
  },
];
