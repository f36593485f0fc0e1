//! Lists of a hundred ask the database as often as lists of one, and pages ask seldom.

use contracts::events::{EventChange, EventStatus};
use kernel::{EventId, UserId};
use serde_json::{Value, json};

use tickets::domain::use_cases::CreatePromoCode;

use crate::stage::{Payments, STALLS, Stage};

const TYPES: &str = "ticketTypes { id name available status price { amount } tiers { name } }";

/// What a caller's question costs, on its own. The least of several times: whether two branches of an answer come to the
/// same list at the same moment depends on which of two statements is answered first.
async fn costs(stage: &Stage, by: UserId, query: &str, variables: Value) -> (u64, Value) {
    let mut least = (u64::MAX, Value::Null);
    for _ in 0..4 {
        let before = stage.database.statements();
        let asked = stage.data(Some(by), query, variables.clone());
        let data = service::request::answering(None, asked).await;
        let cost = stage.database.statements() - before;
        if cost < least.0 {
            least = (cost, data);
        }
    }
    least
}

/// Ten events on sale with a hundred tickets of one buyer in twenty orders, and ninety events without sales.
async fn season() -> (Stage, UserId, Vec<EventId>) {
    let mut stage = Stage::new().await;
    let buyer = UserId::new();
    let mut events = vec![stage.event];
    stage.sells("Seat", &[STALLS]).await;
    for _ in 1..100 {
        stage.event = EventId::new();
        stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
        if events.len() < 10 {
            stage.sells("Seat", &[STALLS]).await;
        }
        events.push(stage.event);
    }
    for event in &events[..10] {
        stage.event = *event;
        for first in [0, 5] {
            let seats: Vec<u32> = (first..first + 5).collect();
            stage.checks_out(&stage.holds(buyer, &seats).await.unwrap()).await;
        }
    }
    stage.carry(Payments::Pay).await;
    (stage, buyer, events)
}

fn of(kind: &str, ids: impl IntoIterator<Item = Value>) -> Vec<Value> {
    ids.into_iter().map(|id| json!({ "__typename": kind, "id": id })).collect()
}

#[tokio::test]
async fn a_hundred_items_cost_as_many_statements_as_one() {
    let (stage, buyer, events) = season().await;
    let me = of("User", [json!(buyer)]);
    for (most, list, fields) in [
        (6, "orders", "number event { id } tickets { code ticketType { name } } history { kind message }"),
        (
            11,
            "orders",
            "items { unitPrice { amount } ticketType { name price { amount } } seat { row ticketType { name status } } }",
        ),
        (
            12,
            "orders",
            "number status total { total { amount } } event { id ticketTypes { name } } \
            tickets { code qrPayload pdfUrl seat { row number } ticketType { name } }",
        ),
        (
            9,
            "tickets",
            "code qrPayload pdfUrl event { id } ticketType { name } seat { row number } order { number } price { total { amount } }",
        ),
        (3, "orders", "number contact { name email phone locale }"),
        (3, "orders", "number invoices { number kind total { amount } pdfUrl }"),
        (3, "orders", "number refundPolicy { description rules { until percent } }"),
        (
            6,
            "orders",
            "number refundPolicy { description } refundQuote { allowed total { total { amount } } }",
        ),
        (
            3,
            "orders",
            "total { total { amount } } items { total { total { amount } } } tickets { price { total { amount } } }",
        ),
        (9, "tickets", "event { ticketTypes { name available status price { amount } } }"),
    ] {
        let query = format!(
            "query($of: [_Any!]!, $first: Int) {{ _entities(representations: $of) {{ ... on User {{ \
             {list}(first: $first) {{ nodes {{ {fields} }} }} }} }} }}"
        );
        let (one, _) = costs(&stage, buyer, &query, json!({ "of": me, "first": 1 })).await;
        let (many, data) = costs(&stage, buyer, &query, json!({ "of": me, "first": 100 })).await;
        let length = data["_entities"][0][list]["nodes"].as_array().unwrap().len();
        assert_eq!(length, if list == "orders" { 20 } else { 100 });
        assert_eq!(one, many, "{list} {{ {fields} }}");
        assert!(many <= most, "{many} for {list} {{ {fields} }}");
    }

    let everything = "query($of: [_Any!]!) { _entities(representations: $of) { \
        ... on User { orders(first: 2) { totalCount } } ... on Order { tickets { code } items { ticketType { name } } } \
        ... on Ticket { order { number } ticketType { name } } ... on TicketType { name available status } \
        ... on Reservation { status total { total { amount } } } } }";
    let bought = "query($of: [_Any!]!) { _entities(representations: $of) { ... on User { \
        orders(first: 20) { nodes { id } } tickets(first: 100) { nodes { id ticketType { id } } } } } }";
    let (_, data) = costs(&stage, buyer, bought, json!({ "of": me })).await;
    let ids = |list: &str, id: &str| -> Vec<Value> {
        let nodes = data["_entities"][0][list]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node.pointer(id).unwrap().clone()).collect()
    };
    let hundred = |few: Vec<Value>| few.into_iter().cycle().take(100);
    let mut reservations = Vec::new();
    for event in &events[..10] {
        let order = stage.tickets.reads().ticket_types(*event).await.unwrap();
        assert_eq!(order.len(), 1);
    }
    for order in ids("orders", "/id") {
        let order = stage.tickets.reads().order(order.as_str().unwrap().parse().unwrap()).await.unwrap();
        reservations.push(json!(order.unwrap().order.reservation));
    }
    for (most, entities) in [
        (3, of("User", hundred(vec![json!(buyer)]))),
        (5, of("Order", hundred(ids("orders", "/id")))),
        (7, of("Ticket", ids("tickets", "/id"))),
        (7, of("TicketType", hundred(ids("tickets", "/ticketType/id")))),
        (3, of("Reservation", hundred(reservations))),
    ] {
        let (one, _) = costs(&stage, buyer, everything, json!({ "of": entities[..1] })).await;
        let (many, data) = costs(&stage, buyer, everything, json!({ "of": entities })).await;
        assert!(data["_entities"].as_array().unwrap().iter().all(Value::is_object), "{data}");
        assert_eq!(one, many, "{}", entities[0]);
        assert!(many <= most, "{many} for {}", entities[0]);
    }
}

#[tokio::test]
async fn a_hundred_events_cost_as_many_statements_as_one() {
    let (stage, buyer, events) = season().await;
    let entities = of("Event", events.iter().map(|event| json!(event)));
    let whole = format!(
        "priceRange {{ lowest {{ amount }} }} availability {{ total available }} {TYPES} \
         seatMap {{ version sections {{ key available seats(rows: [\"A\"]) {{ status ticketType {{ name status }} }} }} }}"
    );
    for by in [buyer, stage.organizer] {
        for (most, fields) in [
            (6, TYPES),
            (3, "availability { total }"),
            (4, "availability { level total available }"),
            (5, "availability { level total available held sold blocked }"),
            (8, "seatMap { version }"),
            (10, "seatMap { sections { available seats { status blockedReason } } }"),
            (12, whole.as_str()),
        ] {
            let query = format!(
                "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Event {{ {fields} }} }} }}"
            );
            let (one, _) = costs(&stage, by, &query, json!({ "of": entities[..1] })).await;
            let (many, data) = costs(&stage, by, &query, json!({ "of": entities })).await;
            assert_eq!(data["_entities"].as_array().unwrap().len(), 100);
            assert_eq!(one, many, "{fields}");
            assert!(many <= most, "{many} for {fields}");
        }
    }
}

#[tokio::test]
async fn how_far_ten_events_are_given_back_costs_as_many_statements_as_how_far_one_is() {
    let (mut stage, _, mut events) = season().await;
    events.truncate(10);
    for event in &events {
        stage.event = *event;
        stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    }
    let entities = of("Event", events.iter().map(|event| json!(event)));
    let query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
                 cancellation { startedAt finishedAt orders refunded failed amountRefunded { amount } } } } }";
    let by = stage.organizer;
    let (one, _) = costs(&stage, by, query, json!({ "of": entities[..1] })).await;
    let (many, data) = costs(&stage, by, query, json!({ "of": entities })).await;
    for event in data["_entities"].as_array().unwrap() {
        assert_eq!(event["cancellation"]["orders"], 2, "{data}");
    }
    assert_eq!(one, many);
    assert!(many <= 4, "{many}");
}

#[tokio::test]
async fn promo_codes_of_a_hundred_events_cost_as_many_statements_as_of_one() {
    let mut stage = Stage::new().await;
    let mut events = Vec::new();
    for number in 0..100 {
        if number > 0 {
            stage.event = EventId::new();
            stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
        }
        let seat = stage.sells("Seat", &[STALLS]).await;
        for code in 0..if number == 0 { 30 } else { 1 } {
            let code = CreatePromoCode {
                by: stage.organizer,
                event: stage.event,
                code: format!("CODE-{code}"),
                percent_off: Some(kernel::Rate::WHOLE),
                amount_off: None,
                ticket_types: Some(vec![seat]),
                max_redemptions: None,
                max_per_buyer: None,
                valid_from: None,
                valid_until: None,
                idempotency_key: None,
            };
            stage.tickets.create_promo_code(code).await.unwrap();
        }
        events.push(stage.event);
    }
    let entities = of("Event", events.iter().map(|event| json!(event)));
    let query = "query($of: [_Any!]!, $first: Int) { _entities(representations: $of) { ... on Event { \
                 promoCodes(first: $first) { totalCount edges { cursor } nodes { code redemptions ticketTypes { name } } } } } }";
    let by = stage.organizer;
    let (one, _) = costs(&stage, by, query, json!({ "of": entities[..1], "first": 1 })).await;
    let (list, _) = costs(&stage, by, query, json!({ "of": entities[..1], "first": 30 })).await;
    let (many, data) = costs(&stage, by, query, json!({ "of": entities, "first": 30 })).await;
    let lengths = [0, 99].map(|at| data["_entities"][at]["promoCodes"]["nodes"].as_array().unwrap().len());
    assert_eq!((lengths, one, one), ([30, 1], list, many));
    assert!(many <= 7, "{many}");
}

#[tokio::test]
async fn changes_of_many_seats_cost_as_many_statements_as_of_one() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let anybody = UserId::new();
    let query = "query($id: ID!) { seatMapChanges(eventId: $id, since: 0) { version changes { seatId key status } \
        sections { key available } } }";
    let id = json!({ "id": stage.event });
    stage.holds(UserId::new(), &[0]).await.unwrap();
    let (one, _) = costs(&stage, anybody, query, id.clone()).await;
    for seats in [[1, 2, 3, 4], [10, 11, 12, 13], [5, 6, 7, 8]] {
        stage.holds(UserId::new(), &seats).await.unwrap();
    }
    let (many, data) = costs(&stage, anybody, query, id).await;
    assert_eq!(data["seatMapChanges"]["changes"].as_array().map(Vec::len), Some(13), "{data}");
    assert_eq!(one, many);
    assert!(many <= 3, "{many}");
}
