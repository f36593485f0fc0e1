//! How much of a ticket type one buyer may have, and what it says of itself.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Currency, Money, TicketTypeId, UserId};
use serde_json::{Value, json};
use tickets::{
    Config,
    domain::{
        entities::NewTier,
        use_cases::{CreateTicketType, RefundOrder},
    },
};
use tokio::task::JoinSet;

use crate::stage::{FLOOR, Payments, STALLS, Stage, code, now};

impl Stage {
    async fn sells_four_each(&self) -> TicketTypeId {
        let ask =
            CreateTicketType { limit_per_buyer: Some(4), ..self.ticket_type("Four each", &[FLOOR], 900) };
        self.tickets.create_ticket_type(ask).await.unwrap().state().id
    }

    async fn bought_by(&self, buyer: UserId) -> Value {
        let query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { ticketTypes { boughtByMe } } } }";
        let of = json!({ "of": [{ "__typename": "Event", "id": self.event }] });
        self.data(Some(buyer), query, of).await["_entities"][0]["ticketTypes"][0]["boughtByMe"].take()
    }
}

#[tokio::test]
async fn a_limit_per_buyer_counts_open_holds_orders_and_tickets_and_what_went_back_no_more() {
    let stage = Stage::new().await;
    let (four, buyer) = (stage.sells_four_each().await, UserId::new());
    let takes = async |quantity| stage.tickets.hold_seats(stage.standing(buyer, four, quantity)).await;
    let first = takes(2).await.unwrap();
    let refused = takes(3).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.reason.as_ref(), &refusal.details["limit"]), ("LIMIT_PER_BUYER", &json!(4)));
    assert_eq!(stage.bought_by(buyer).await, json!(2));
    let order = stage.checks_out(&first).await;
    assert_eq!(code(takes(3).await), "LIMIT_EXCEEDED", "an order that is not paid yet");
    stage.carry(Payments::Pay).await;
    assert_eq!(code(takes(3).await), "LIMIT_EXCEEDED", "tickets");
    assert_eq!(stage.bought_by(buyer).await, json!(2), "what is bought is no longer set aside");
    let second = takes(2).await.unwrap();
    assert_eq!(stage.bought_by(buyer).await, json!(4));
    let more = tickets::domain::entities::Wish::Standing { ticket_type: four, quantity: 1 };
    assert_eq!(
        code(stage.changes_cart(&second, vec![more], &[]).await),
        "LIMIT_EXCEEDED",
        "a cart that grows"
    );
    stage.tickets.release_reservation(second.state().id, buyer).await.unwrap();
    let refund = RefundOrder {
        by: stage.organizer,
        order: order.state().id,
        tickets: None,
        reason: None,
        keep_places_back: false,
        idempotency_key: "back".to_owned(),
    };
    stage.tickets.refund_order(refund).await.unwrap();
    stage.carry(Payments::Pay).await;
    assert_eq!(stage.bought_by(buyer).await, json!(0));
    takes(4).await.unwrap();
    stage.tickets.hold_seats(stage.standing(UserId::new(), four, 4)).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_buyer_who_asks_many_times_at_once_gets_no_more_than_the_limit() {
    let stage = Arc::new(Stage::new().await);
    let (four, buyer) = (stage.sells_four_each().await, UserId::new());
    let mut asks = JoinSet::new();
    for _ in 0..10 {
        let stage = stage.clone();
        asks.spawn(async move { stage.tickets.hold_seats(stage.standing(buyer, four, 1)).await });
    }
    let outcomes = asks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 4);
    for refused in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(code(refused), "LIMIT_EXCEEDED");
    }
}

#[tokio::test]
async fn what_has_run_out_counts_no_more_towards_a_limit() {
    let stage = Stage::with(Config { hold_seconds: 1, sweep: false, ..Config::default() }).await;
    let (four, buyer) = (stage.sells_four_each().await, UserId::new());
    let takes = async || stage.tickets.hold_seats(stage.standing(buyer, four, 4)).await;
    takes().await.unwrap();
    assert_eq!(code(takes().await), "LIMIT_EXCEEDED");
    stage.until("the end of the first hold", async || takes().await.ok()).await;
}

#[tokio::test]
async fn a_limit_below_what_one_order_needs_is_refused() {
    let stage = Stage::new().await;
    let ask = CreateTicketType {
        limit_per_buyer: Some(1),
        min_per_order: 2,
        ..stage.ticket_type("Pairs", &[FLOOR], 900)
    };
    let refused = stage.tickets.create_ticket_type(ask).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().details["field"], "limitPerBuyer");
}

#[tokio::test]
async fn a_ticket_type_says_what_it_demands_what_it_will_cost_and_when_its_sale_begins() {
    let stage = Stage::new().await;
    let mutation = "mutation ($input: CreateTicketTypeInput!) { createTicketType(input: $input) { restrictions limitPerBuyer \
                    hidden boughtByMe compareAtPrice { amount } saleStartsInSeconds } }";
    let eur = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let input = json!({ "eventId": stage.event.public().to_string(), "name": "Early", "sections": [STALLS],
        "tiers": [{ "name": "Early bird", "price": eur("10.00"), "quota": 5 }, { "name": "Normal", "price": eur("15.00") }],
        "limitPerBuyer": 6, "restrictions": ["From 16 years"], "accessCode": "friends-of-ada" });
    let made = stage.data(Some(stage.organizer), mutation, json!({ "input": input })).await;
    let made = &made["createTicketType"];
    assert_eq!(made["restrictions"], json!(["From 16 years"]));
    assert_eq!((&made["limitPerBuyer"], &made["hidden"]), (&json!(6), &json!(true)));
    assert_eq!(made["compareAtPrice"]["amount"], "15.00", "what follows the early bird");
    assert_eq!(made["saleStartsInSeconds"], Value::Null, "it has begun");

    let tier = NewTier {
        name: "Normal".to_owned(),
        price: Money::new(1000, Currency::EUR),
        from: None,
        until: None,
        quota: None,
    };
    let later = CreateTicketType {
        sales_start: Some(now() + TimeDelta::hours(1)),
        tiers: vec![tier],
        ..stage.ticket_type("Later", &[FLOOR], 0)
    };
    stage.tickets.create_ticket_type(later).await.unwrap();
    let page = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { ticketTypes { name hidden boughtByMe \
                saleStartsInSeconds compareAtPrice { amount } } priceRange { lowest { amount } } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let shown = stage.data(None, page, of).await["_entities"][0].take();
    let types = shown["ticketTypes"].as_array().unwrap();
    assert_eq!(types.len(), 1, "the hidden one needs its code");
    assert_eq!((&types[0]["hidden"], &types[0]["boughtByMe"]), (&json!(false), &Value::Null));
    assert_eq!(types[0]["compareAtPrice"], Value::Null);
    let seconds = types[0]["saleStartsInSeconds"].as_i64().unwrap();
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
}
