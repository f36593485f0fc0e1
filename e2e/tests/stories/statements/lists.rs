use std::{collections::BTreeSet, fs, path::Path};

use e2e::{Person, arena, eventually};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::counting::Counted;
use crate::id;

/// How many events and orders there are, and tickets in each order.
const MANY: usize = 20;
const TICKETS: usize = 5;
/// A mail and a message in the list for each order.
const MESSAGES: usize = 2 * MANY;

/// For how many ticket types the buyer waits.
const ENTRIES: usize = 5;

/// A list that is asked for with one item and with many.
pub(super) struct Case {
    pub(super) query: &'static str,
    /// Where the list stands in the answer.
    pub(super) list: &'static str,
    /// How many items it has when it is asked for with many.
    pub(super) length: usize,
    /// The lists of the graph that are so watched over.
    lists: &'static [&'static str],
}

pub(super) const CASES: [Case; 16] = [
    Case {
        query: "query($first: Int!) { events(first: $first) { totalCount nodes { title tags performers { name } organization { name } \
            venue { name address { formatted } layouts { name capacity } } } } }",
        list: "/events/nodes",
        length: MANY,
        lists: &[
            "Query.events",
            "EventConnection.nodes",
            "Event.tags",
            "Event.performers",
            "Address.formatted",
            "Venue.layouts",
        ],
    },
    Case {
        query: "query($first: Int!) { events(first: $first) { facets { field buckets { value count } } edges { cursor node { title availability { available } \
            priceRange { lowest { amount } } } } } }",
        list: "/events/edges",
        length: MANY,
        lists: &["EventConnection.edges", "EventConnection.facets", "Facet.buckets"],
    },
    Case {
        query: "query($first: Int!) { events(first: $first) { nodes { ticketTypes { name sections restrictions status available \
            price { amount } tiers { name remaining } } } } }",
        list: "/events/nodes",
        length: MANY,
        lists: &["Event.ticketTypes", "TicketType.sections", "TicketType.restrictions", "TicketType.tiers"],
    },
    Case {
        query: "query($first: Int!, $slug: String!) { organization(slug: $slug) { name events(first: $first) { totalCount \
            nodes { title venue { name } priceRange { lowest { amount } } } } } }",
        list: "/organization/events/nodes",
        length: MANY,
        lists: &["Organization.events"],
    },
    Case {
        query: "query($first: Int!) { me { orders(first: $first) { totalCount nodes { number status history { kind } \
            items { quantity seat { row } ticketType { name } } event { title } \
            total { taxes { name } feeLines { name } discounts { code } } } } } }",
        list: "/me/orders/nodes",
        length: MANY,
        lists: &[
            "User.orders",
            "OrderConnection.nodes",
            "Order.history",
            "Order.items",
            "PriceBreakdown.taxes",
            "PriceBreakdown.feeLines",
            "PriceBreakdown.discounts",
        ],
    },
    Case {
        query: "query($first: Int!) { me { orders(first: $first) { edges { cursor node { number event { title venue { name } } \
            payment { status refunds { id } } tickets { code qrPayload seat { row } ticketType { name } } } } } } }",
        list: "/me/orders/edges",
        length: MANY,
        lists: &["OrderConnection.edges", "Order.tickets", "Payment.refunds"],
    },
    Case {
        query: "query($first: Int!) { me { reservations(first: $first, status: null) { totalCount nodes { status canExtend order { number } \
            event { title } items { quantity seat { row } ticketType { name } } } } } }",
        list: "/me/reservations/nodes",
        length: MANY,
        lists: &["User.reservations", "ReservationConnection.nodes"],
    },
    Case {
        query: "query($first: Int!) { me { reservations(first: $first, status: null) { edges { cursor node { createdAt } } } } }",
        list: "/me/reservations/edges",
        length: MANY,
        lists: &["ReservationConnection.edges"],
    },
    Case {
        query: "query($first: Int!) { me { tickets(first: $first) { totalCount nodes { code order { number } \
            ticketType { name } seat { row number } event { title } } } } }",
        list: "/me/tickets/nodes",
        length: MANY * TICKETS,
        lists: &["User.tickets", "TicketConnection.nodes"],
    },
    Case {
        query: "query($first: Int!) { me { sessions { device } secondFactors { name } foreignAccounts { id } \
            tickets(first: $first) { edges { cursor node { code holderName } } } } }",
        list: "/me/tickets/edges",
        length: MANY * TICKETS,
        lists: &["TicketConnection.edges", "User.sessions", "User.secondFactors", "User.foreignAccounts"],
    },
    Case {
        query: "query($first: Int!) { events(first: $first) { nodes { similar(first: 2) { title } } } }",
        list: "/events/nodes",
        length: MANY,
        lists: &["Event.similar"],
    },
    Case {
        query: "query($first: Int!) { me { waitlistEntries(first: $first) { totalCount nodes { status position event { title } \
            ticketTypes { name } offer { expiresAt items { id } } } } } }",
        list: "/me/waitlistEntries/nodes",
        length: ENTRIES,
        lists: &[
            "User.waitlistEntries",
            "WaitlistEntryConnection.nodes",
            "WaitlistEntry.ticketTypes",
            "WaitlistOffer.items",
        ],
    },
    Case {
        query: "query($first: Int!) { me { waitlistEntries(first: $first) { edges { cursor node { quantity } } } } }",
        list: "/me/waitlistEntries/edges",
        length: ENTRIES,
        lists: &["WaitlistEntryConnection.edges"],
    },
    Case {
        query: "query($first: Int!) { me { unreadNotificationCount \
            notifications(first: $first) { totalCount nodes { subject order { number } event { title } ticket { code } } } } }",
        list: "/me/notifications/nodes",
        length: MANY,
        lists: &["User.notifications"],
    },
    Case {
        query: "query($first: Int!) { notifications(first: $first) { totalCount nodes { subject body } } }",
        list: "/notifications/nodes",
        length: MESSAGES,
        lists: &["Query.notifications", "NotificationConnection.nodes"],
    },
    Case {
        query: "query($first: Int!) { notifications(first: $first) { edges { cursor node { kind readAt } } } }",
        list: "/notifications/edges",
        length: MESSAGES,
        lists: &["NotificationConnection.edges"],
    },
];

/// Lists that a service's own test watches over: which, in which file, in which test.
const ELSEWHERE: [(&str, &str, &str); 41] = [
    ("Query.eventSuggestions", "events/tests/it/discovery.rs", "whoever_types_is_told_what_they_may_mean"),
    (
        "Query.signInProviders",
        "users/tests/it/foreign_accounts.rs",
        "a_stranger_gets_an_account_and_is_known_the_next_time",
    ),
    (
        "Mutation.renewRecoveryCodes",
        "users/tests/it/second_factors.rs",
        "a_recovery_code_completes_a_login_once_and_its_owner_is_told",
    ),
    (
        "SecondFactorPayload.recoveryCodes",
        "users/tests/it/second_factors.rs",
        "a_recovery_code_completes_a_login_once_and_its_owner_is_told",
    ),
    (
        "SalesReport.byTicketType",
        "analytics/tests/it/reading.rs",
        "a_hundred_events_cost_as_many_statements_as_one",
    ),
    (
        "SalesReport.timeline",
        "analytics/tests/it/reading.rs",
        "a_hundred_events_cost_as_many_statements_as_one",
    ),
    (
        "Event.images",
        "events/tests/it/gallery.rs",
        "all_pictures_of_a_list_cost_one_statement_however_many_there_are",
    ),
    (
        "VenueLayout.sections",
        "events/tests/it/statements.rs",
        "a_hundred_items_cost_as_many_statements_as_one",
    ),
    (
        "LayoutSection.outline",
        "events/tests/it/statements.rs",
        "a_hundred_items_cost_as_many_statements_as_one",
    ),
    ("LayoutSection.rows", "events/tests/it/statements.rs", "a_hundred_items_cost_as_many_statements_as_one"),
    ("LayoutRow.seats", "events/tests/it/statements.rs", "a_hundred_items_cost_as_many_statements_as_one"),
    (
        "NotificationPreferences.entries",
        "notifications/tests/it/statements.rs",
        "preferences_are_read_once_however_often_they_are_asked_for",
    ),
    ("Reservation.items", "tickets/tests/it/statements.rs", "a_hundred_items_cost_as_many_statements_as_one"),
    ("SeatMap.sections", "tickets/tests/it/statements.rs", "a_hundred_events_cost_as_many_statements_as_one"),
    (
        "SeatMapSection.seats",
        "tickets/tests/it/seat_maps.rs",
        "a_map_with_ticket_types_costs_as_many_statements_as_one_without",
    ),
    (
        "SeatMapSection.ticketTypes",
        "tickets/tests/it/seat_maps.rs",
        "a_map_with_ticket_types_costs_as_many_statements_as_one_without",
    ),
    (
        "SeatMapChange.changes",
        "tickets/tests/it/statements.rs",
        "changes_of_many_seats_cost_as_many_statements_as_of_one",
    ),
    (
        "SeatMapChange.sections",
        "tickets/tests/it/statements.rs",
        "changes_of_many_seats_cost_as_many_statements_as_of_one",
    ),
    (
        "User.memberships",
        "users/tests/it/loading.rs",
        "a_hundred_people_and_organizations_cost_as_many_statements_as_one",
    ),
    (
        "Organization.members",
        "users/tests/it/loading.rs",
        "a_hundred_people_and_organizations_cost_as_many_statements_as_one",
    ),
    (
        "MembershipConnection.nodes",
        "users/tests/it/loading.rs",
        "a_hundred_people_and_organizations_cost_as_many_statements_as_one",
    ),
    (
        "MembershipConnection.edges",
        "users/tests/it/loading.rs",
        "a_hundred_people_and_organizations_cost_as_many_statements_as_one",
    ),
    (
        "Organization.invitations",
        "users/tests/it/loading.rs",
        "a_hundred_people_and_organizations_cost_as_many_statements_as_one",
    ),
    (
        "Event.promoCodes",
        "tickets/tests/it/statements.rs",
        "promo_codes_of_a_hundred_events_cost_as_many_statements_as_of_one",
    ),
    (
        "PromoCodeConnection.nodes",
        "tickets/tests/it/statements.rs",
        "promo_codes_of_a_hundred_events_cost_as_many_statements_as_of_one",
    ),
    (
        "PromoCodeConnection.edges",
        "tickets/tests/it/statements.rs",
        "promo_codes_of_a_hundred_events_cost_as_many_statements_as_of_one",
    ),
    (
        "PromoCode.ticketTypes",
        "tickets/tests/it/statements.rs",
        "promo_codes_of_a_hundred_events_cost_as_many_statements_as_of_one",
    ),
    ("Order.invoices", "tickets/tests/it/statements.rs", "a_hundred_items_cost_as_many_statements_as_one"),
    (
        "RefundPolicy.rules",
        "tickets/tests/it/statements.rs",
        "a_hundred_items_cost_as_many_statements_as_one",
    ),
    (
        "Organization.balances",
        "payments/tests/it/books.rs",
        "the_books_of_many_organizations_cost_as_many_statements_as_those_of_one",
    ),
    (
        "Organization.ledger",
        "payments/tests/it/books.rs",
        "the_books_of_many_organizations_cost_as_many_statements_as_those_of_one",
    ),
    (
        "LedgerConnection.nodes",
        "payments/tests/it/books.rs",
        "the_books_of_many_organizations_cost_as_many_statements_as_those_of_one",
    ),
    (
        "LedgerConnection.edges",
        "payments/tests/it/books.rs",
        "the_books_of_many_organizations_cost_as_many_statements_as_those_of_one",
    ),
    (
        "MoneyHealth.unfinishedPayments",
        "payments/tests/it/health.rs",
        "a_hundred_webhooks_put_aside_cost_as_many_statements_as_one",
    ),
    (
        "MoneyHealth.refundsOwed",
        "payments/tests/it/health.rs",
        "a_hundred_webhooks_put_aside_cost_as_many_statements_as_one",
    ),
    (
        "MoneyHealth.differences",
        "payments/tests/it/health.rs",
        "a_hundred_webhooks_put_aside_cost_as_many_statements_as_one",
    ),
    (
        "MoneyHealth.payouts",
        "payments/tests/it/health.rs",
        "a_hundred_webhooks_put_aside_cost_as_many_statements_as_one",
    ),
    (
        "MoneyHealth.unexplainedMovements",
        "payments/tests/it/health.rs",
        "a_hundred_webhooks_put_aside_cost_as_many_statements_as_one",
    ),
    (
        "MoneyHealth.parkedWebhooks",
        "payments/tests/it/health.rs",
        "a_hundred_webhooks_put_aside_cost_as_many_statements_as_one",
    ),
    (
        "OrganizationSettings.serviceFees",
        "users/tests/it/loading.rs",
        "a_hundred_people_and_organizations_cost_as_many_statements_as_one",
    ),
    (
        "RefundPolicySettings.rules",
        "users/tests/it/loading.rs",
        "a_hundred_people_and_organizations_cost_as_many_statements_as_one",
    ),
];

/// Fills the lists of a house and of a buyer. The house's name in addresses, and who bought.
pub(super) async fn fill(counted: &Counted) -> (String, Person) {
    let (stage, who) = (&counted.stage, &counted.stage.organizer);
    let (organization, venue) = (&stage.show.organization, &stage.show.venue);
    let layout = who.creates_layout(venue, arena()).await.unwrap();
    // One is there already.
    let events = stream::iter(1..MANY).map(async |number| {
        let title = format!("Evening {number}");
        let event = who.creates_event(organization, venue, id(&layout), &title).await.unwrap();
        who.creates_ticket_type(id(&event), "Free seat", &["STALLS"], "0.00").await.unwrap();
        who.publishes(id(&event)).await.unwrap();
        id(&event).to_owned()
    });
    let events: Vec<String> = events.buffered(4).collect().await;
    let buyer = stage.person("Bea").await;
    let seats = buyer.sees_free_seats(&events[0], MANY * TICKETS).await.unwrap();
    for seats in seats.chunks(TICKETS) {
        buyer.orders(&events[0], seats).await.unwrap();
    }
    for number in 0..ENTRIES {
        waits_for_what_is_sold_out(counted, &buyer, &format!("The last place, {number}")).await;
    }
    eventually("the tickets, and messages of each order", async || {
        let query = "{ me { tickets { totalCount } } notifications { totalCount } }";
        let seen = buyer.asks(query, json!({})).await.unwrap().data;
        let counts = (&seen["me"]["tickets"]["totalCount"], &seen["notifications"]["totalCount"]);
        (counts == (&json!(MANY * TICKETS), &json!(MESSAGES))).then_some(())
    })
    .await;
    let query = "{ me { memberships { organization { slug } } } }";
    let me = who.does("me", query, json!({})).await.unwrap();
    (me["memberships"][0]["organization"]["slug"].as_str().unwrap().to_owned(), buyer)
}

/// A type of one place, which the organizer holds.
async fn waits_for_what_is_sold_out(counted: &Counted, buyer: &Person, name: &str) {
    let (who, event) = (&counted.stage.organizer, &counted.stage.show.event);
    let query = "mutation($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }";
    let price = json!({ "amount": "9.00", "currency": "EUR" });
    let input = json!({ "eventId": event, "name": name, "sections": ["FLOOR"], "quota": 1, "price": price });
    let last = who.does("createTicketType", query, json!({ "input": input })).await.unwrap();
    who.holds_standing(event, id(&last), 1).await.unwrap();
    let query = "mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { id } }";
    let input = json!({ "eventId": event, "ticketTypeIds": [id(&last)], "quantity": 1 });
    buyer.does("joinWaitlist", query, json!({ "input": input })).await.unwrap();
}

/// The lists of the graph that no test watches over, and tests that are named here and do not.
pub(super) async fn unwatched(who: &Person) -> Vec<String> {
    let kind = "kind name ofType { kind name ofType { kind name } }";
    let query = format!("{{ __schema {{ types {{ name kind fields {{ name type {{ {kind} }} }} }} }} }}");
    let schema = who.does("__schema", &query, json!({})).await.unwrap();
    // Errors have lists as well, which no field returns.
    let is_of_errors = |of: &Value| named(of, "ErrorExtensions") || named(of, "InputProblem");
    let types = schema["types"].as_array().unwrap().iter();
    let types = types.filter(|of| !named(of, "__") && !is_of_errors(of));
    let mut unwatched: BTreeSet<String> = types
        .flat_map(|of| {
            let fields =
                of["fields"].as_array().into_iter().flatten().filter(|field| is_list(&field["type"]));
            fields
                .map(|field| format!("{}.{}", of["name"].as_str().unwrap(), field["name"].as_str().unwrap()))
        })
        .collect();
    assert!(unwatched.len() > 30, "{unwatched:?}");
    let mut wrong = Vec::new();
    for (list, is_so) in CASES
        .iter()
        .flat_map(|case| case.lists.iter().map(|list| (*list, case.query.contains(field(list)))))
        .chain(ELSEWHERE.iter().map(|(list, file, test)| (*list, is_asked_for_in(list, file, test))))
    {
        if !is_so {
            wrong.push(format!("{list} is not asked for where it is said to be"));
        }
        unwatched.remove(list);
    }
    wrong.into_iter().chain(unwatched).collect()
}

fn is_asked_for_in(list: &str, file: &str, test: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../subgraphs").join(file);
    let source = fs::read_to_string(path).unwrap();
    source.contains(&format!("async fn {test}()")) && source.contains(field(list))
}

fn field(list: &str) -> &str {
    list.split_once('.').unwrap().1
}

fn named(of: &Value, beginning: &str) -> bool {
    of["name"].as_str().unwrap().starts_with(beginning)
}

/// A list, or a connection.
fn is_list(of: &Value) -> bool {
    let bare = if of["kind"] == "NON_NULL" { &of["ofType"] } else { of };
    bare["kind"] == "LIST" || bare["name"].as_str().is_some_and(|name| name.ends_with("Connection"))
}
