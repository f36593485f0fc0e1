//! Organizers make promo codes, change them and see them; nobody else does.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use contracts::users::Role;
use kernel::{TicketTypeId, UserId};
use serde_json::{Value, json};
use tickets::domain::use_cases::CreatePromoCode;
use tokio::task::JoinSet;

use crate::{
    promo_codes::{held, refusal},
    stage::{FLOOR, STALLS, Stage, operator, person},
};

const CREATE: &str = "mutation ($input: CreatePromoCodeInput!) { createPromoCode(input: $input) { id code percentOff \
                      amountOff { amount currency } ticketTypes { name } maxRedemptions redemptions validFrom validUntil active } }";
const UPDATE: &str = "mutation ($input: UpdatePromoCodeInput!) { updatePromoCode(input: $input) { maxRedemptions validUntil active } }";
const LIST: &str = "query ($of: [_Any!]!, $first: Int, $after: String) { _entities(representations: $of) { ... on Event { \
                    promoCodes(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { code redemptions } } } } }";

#[tokio::test]
async fn organizers_make_codes_and_change_them() {
    let stage = Stage::new().await;
    stage.sells("Standing", &[FLOOR]).await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let until: DateTime<Utc> = "2031-05-01T10:00:00Z".parse().unwrap();
    let input = json!({ "eventId": stage.event, "code": "Five-Off", "amountOff": { "amount": "5", "currency": "EUR" },
        "ticketTypeIds": [seat], "maxRedemptions": 10, "maxPerBuyer": 2, "validUntil": until, "idempotencyKey": "k" });
    let manager = Some(stage.member(Role::Manager).await);
    let made = stage.data(manager, CREATE, json!({ "input": input })).await["createPromoCode"].take();
    let expected = json!({ "id": made["id"], "code": "Five-Off", "percentOff": null,
        "amountOff": { "amount": "5.00", "currency": "EUR" }, "ticketTypes": [{ "name": "Seat" }], "maxRedemptions": 10,
        "redemptions": 0, "validFrom": null, "validUntil": "2031-05-01T10:00:00.000Z", "active": true });
    assert_eq!(made, expected);
    assert!(made["id"].as_str().unwrap().starts_with("prm_"));
    let again = stage.data(manager, CREATE, json!({ "input": input })).await["createPromoCode"].take();
    assert_eq!(again, made, "the same key gives the same answer");
    let mut other = input.clone();
    other["code"] = json!("OTHER");
    let answer = stage.ask(manager, CREATE, json!({ "input": other })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED");
    let taken = json!({ "eventId": stage.event, "code": "fIVE-oFF", "percentOff": "7.5" });
    let answer = stage.ask(manager, CREATE, json!({ "input": taken })).await;
    let told = &answer["errors"][0]["extensions"];
    assert_eq!((&told["code"], &told["reason"]), (&json!("CONFLICT"), &json!("PROMO_CODE_TAKEN")));
    let free = json!({ "eventId": stage.event, "code": "FREE", "percentOff": "100" });
    let free = stage.data(manager, CREATE, json!({ "input": free })).await["createPromoCode"].take();
    assert_eq!((&free["percentOff"], &free["ticketTypes"]), (&json!("100"), &json!([])));

    let change = json!({ "promoCodeId": made["id"], "maxRedemptions": null, "active": false });
    let changed = stage.data(manager, UPDATE, json!({ "input": change })).await["updatePromoCode"].take();
    assert_eq!(changed, json!({ "maxRedemptions": null, "validUntil": made["validUntil"], "active": false }));
    for (change, field) in [
        (json!({ "promoCodeId": made["id"], "maxRedemptions": 0 }), "maxRedemptions"),
        (json!({ "promoCodeId": made["id"], "active": null }), "active"),
        (json!({ "promoCodeId": seat }), ""),
    ] {
        let answer = stage.ask(manager, UPDATE, json!({ "input": change })).await;
        let told = &answer["errors"][0]["extensions"];
        if field.is_empty() {
            assert_eq!(told["reason"], "NO_SUCH_PROMO_CODE");
        } else {
            assert_eq!((&told["code"], &told["field"]), (&json!("BAD_USER_INPUT"), &json!(field)));
        }
    }
}

#[tokio::test]
async fn the_same_key_makes_one_code_also_at_the_same_time() {
    let stage = Arc::new(Stage::new().await);
    let ask = CreatePromoCode { idempotency_key: Some("k".to_owned()), ..stage.half_off("TWICE") };
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let (stage, ask) = (stage.clone(), ask.clone());
        calls.spawn(async move { stage.tickets.create_promo_code(ask).await.unwrap().state().id });
    }
    let answers: BTreeSet<_> = calls.join_all().await.into_iter().collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(
        refusal(stage.tickets.create_promo_code(stage.half_off("twice")).await).reason,
        "PROMO_CODE_TAKEN"
    );
}

#[tokio::test]
async fn wrong_codes_are_refused_naming_the_field() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let base = json!({ "eventId": stage.event, "code": "CODE", "percentOff": "10" });
    let euros = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    for (change, field) in [
        (json!({ "eventId": "x" }), "eventId"),
        (json!({ "code": "" }), "code"),
        (json!({ "code": "AB" }), "code"),
        (json!({ "code": "x".repeat(33) }), "code"),
        (json!({ "code": "A B C" }), "code"),
        (json!({ "percentOff": null }), "percentOff"),
        (json!({ "percentOff": "0" }), "percentOff"),
        (json!({ "percentOff": "101" }), "percentOff"),
        (json!({ "percentOff": "-5" }), "percentOff"),
        (json!({ "amountOff": euros("5") }), "amountOff"),
        (json!({ "percentOff": null, "amountOff": euros("0") }), "amountOff"),
        (json!({ "percentOff": null, "amountOff": { "amount": "5", "currency": "USD" } }), "amountOff"),
        (json!({ "ticketTypeIds": [] }), "ticketTypeIds"),
        (json!({ "ticketTypeIds": ["x"] }), "ticketTypeIds"),
        (json!({ "ticketTypeIds": [TicketTypeId::new()] }), "ticketTypeIds"),
        (json!({ "ticketTypeIds": [seat, seat] }), "ticketTypeIds"),
        (json!({ "maxRedemptions": 0 }), "maxRedemptions"),
        (json!({ "maxPerBuyer": -1 }), "maxPerBuyer"),
        (json!({ "validUntil": "2020-01-01T00:00:00Z" }), "validUntil"),
        (json!({ "validFrom": "2031-01-02T00:00:00Z", "validUntil": "2031-01-02T00:00:00Z" }), "validUntil"),
        (json!({ "idempotencyKey": "" }), "idempotencyKey"),
    ] {
        let mut input = base.clone();
        for (key, value) in change.as_object().unwrap() {
            input[key] = value.clone();
        }
        let answer = stage.ask(Some(stage.organizer), CREATE, json!({ "input": input })).await;
        let told = &answer["errors"][0]["extensions"];
        assert_eq!((&told["code"], &told["field"]), (&json!("BAD_USER_INPUT"), &json!(field)), "{input}");
    }
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let listed = stage.data(Some(stage.organizer), LIST, of).await["_entities"][0].take();
    assert_eq!(listed["promoCodes"]["totalCount"], 0, "nothing is half done");
}

#[tokio::test]
async fn codes_are_shown_to_managers_and_owners_and_to_nobody_else() {
    let (stage, reservation, code) = held().await;
    stage.gives(stage.half_off("SECOND")).await;
    stage.applies(&reservation, "HALF").await.unwrap();
    let event = json!({ "of": [{ "__typename": "Event", "id": stage.event }], "first": 1 });
    let listed =
        stage.data(Some(stage.organizer), LIST, event.clone()).await["_entities"][0]["promoCodes"].take();
    assert_eq!((&listed["totalCount"], &listed["nodes"][0]["code"]), (&json!(2), &json!("SECOND")));
    let mut next = event.clone();
    next["after"] = listed["pageInfo"]["endCursor"].clone();
    let next = stage.data(Some(stage.organizer), LIST, next).await["_entities"][0]["promoCodes"].take();
    assert_eq!(next["nodes"], json!([{ "code": "Half", "redemptions": 1 }]));
    assert_eq!(next["pageInfo"]["hasNextPage"], false);

    let one = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on PromoCode { code } } }";
    let it = json!({ "of": [{ "__typename": "PromoCode", "id": code.state().id.public() }] });
    let shown = stage.data(Some(stage.organizer), one, it.clone()).await;
    assert_eq!(shown["_entities"][0]["code"], "Half");
    let mut others = vec![Some(person(UserId::new())), Some(person(reservation.state().buyer)), None];
    others.push(Some(operator(UserId::new())));
    for role in [Role::Scanner, Role::BoxOffice] {
        others.push(Some(person(stage.member(role).await)));
    }
    for other in others {
        let answer = stage.ask_as(other, LIST, event.clone()).await;
        assert_eq!(answer["data"]["_entities"][0]["promoCodes"], Value::Null, "{answer}");
        let answer = stage.ask_as(other, one, it.clone()).await;
        assert_eq!(answer["data"]["_entities"][0], Value::Null, "{answer}");
        let input = json!({ "input": { "eventId": stage.event, "code": "MINE", "percentOff": "99" } });
        let answer = stage.ask_as(other, CREATE, input).await;
        let refused = &answer["errors"][0]["extensions"]["code"];
        assert!([json!("FORBIDDEN"), json!("UNAUTHENTICATED")].contains(refused), "{answer}");
        let input = json!({ "input": { "promoCodeId": code.state().id, "maxRedemptions": null } });
        let answer = stage.ask_as(other, UPDATE, input).await;
        let refused = &answer["errors"][0]["extensions"]["code"];
        assert!([json!("NOT_FOUND"), json!("UNAUTHENTICATED")].contains(refused), "{answer}");
    }
}
