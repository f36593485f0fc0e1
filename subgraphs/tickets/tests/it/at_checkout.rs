//! What a buyer says at the checkout: who is told, and that the organizer's terms are accepted.

use contracts::{
    purchase::{SendConfirmation, TakePayment},
    settings::{OrganizationSettings, SalesTerms},
};
use kernel::UserId;
use serde_json::{Value, json};
use tickets::domain::entities::Reservation;

use crate::{
    contacts::{account, contact, erased},
    handing_on::heard,
    rest::{Rest, answer},
    stage::{Payments, STALLS, Stage},
};

const CHECKOUT: &str = "mutation ($input: CheckoutInput!) { checkout(input: $input) { id \
                        contact { name email phone locale } acceptedTerms { version url } } }";
const TERMS: &str = "query ($id: ID!) { _entities(representations: [{ __typename: \"Event\", id: $id }]) \
                     { ... on Event { salesTerms { version url } } } }";

async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage
}

fn input(held: &Reservation, more: &Value) -> Value {
    let attendees = json!([{ "name": "Ada", "email": "ada@example.org" }]);
    let mut input =
        json!({ "reservationId": held.state().id, "attendees": attendees, "idempotencyKey": "k" });
    for (name, said) in more.as_object().unwrap() {
        input[name] = said.clone();
    }
    json!({ "input": input })
}

fn grace() -> Value {
    json!({ "name": "Grace", "email": "grace@office.example", "phone": "+43 (1) 234 56 78", "locale": "de_at" })
}

fn told() -> Value {
    json!({ "name": "Grace", "email": "grace@office.example", "phone": "+4312345678", "locale": "de-AT" })
}

fn terms(version: &str) -> OrganizationSettings {
    let url = "https://opera.example/terms".to_owned();
    let terms = Some(SalesTerms { url, version: version.to_owned() });
    OrganizationSettings { terms, ..OrganizationSettings::default() }
}

#[tokio::test]
async fn who_is_told_may_be_somebody_else_than_the_account_and_is_frozen_into_the_order() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.hear(&account(buyer, 1)).await;
    let held = stage.holds(buyer, &[0]).await.unwrap();
    let placed = stage.data(Some(buyer), CHECKOUT, input(&held, &json!({ "contact": grace() }))).await;
    assert_eq!(placed["checkout"]["contact"], told());
    stage.hear(&account(buyer, 2)).await;
    let again = stage.data(Some(buyer), CHECKOUT, input(&held, &json!({ "contact": grace() }))).await;
    assert_eq!(
        again, placed,
        "what the account says since changes nothing, and the same is answered the same"
    );
    let changed = stage.ask(Some(buyer), CHECKOUT, input(&held, &json!({}))).await;
    assert_eq!(changed["errors"][0]["extensions"]["reason"], "SAME_KEY_OTHER_INPUT");

    let asks = stage.waiting().await;
    let ask = heard::<TakePayment>(&asks).remove(0);
    assert_eq!(ask.contact.unwrap().email, "grace@office.example");
    for message in &asks {
        stage.deliver(message).await.unwrap();
        stage.answers(message, Payments::Pay).await;
    }
    let confirmation: SendConfirmation = stage.carry(Payments::Pay).await.remove(0);
    assert_eq!(confirmation.contact.unwrap().name, "Grace");
}

#[tokio::test]
async fn a_contact_is_checked_and_what_is_wrong_with_it_is_told_at_once() {
    let (stage, buyer) = (stage().await, UserId::new());
    let held = stage.holds(buyer, &[0]).await.unwrap();
    let wrong = json!({ "contact": { "name": " ", "email": "x", "phone": "12", "locale": "klingon" } });
    let refused = stage.ask(Some(buyer), CHECKOUT, input(&held, &wrong)).await;
    let problems = refused["errors"][0]["extensions"]["problems"].as_array().unwrap().clone();
    let places: Vec<_> = problems.iter().map(|problem| problem["path"].clone()).collect();
    let expected = ["name", "email", "phone", "locale"].map(|field| json!(["input", "contact", field]));
    assert_eq!(places, expected, "{refused}");
}

#[tokio::test]
async fn whom_a_buyer_named_is_forgotten_with_the_buyer() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.hear(&account(buyer, 1)).await;
    let held = stage.holds(buyer, &[0]).await.unwrap();
    let placed = stage.data(Some(buyer), CHECKOUT, input(&held, &json!({ "contact": grace() }))).await;
    stage.hear(&erased(buyer, 2)).await;
    stage.carry(Payments::Pay).await;
    let ask = "query ($id: ID!) { order(id: $id) { status contact { email } } }";
    let id = json!({ "id": placed["checkout"]["id"] });
    let order = stage.data(Some(buyer), ask, id).await;
    assert_eq!(order["order"], json!({ "status": "COMPLETED", "contact": null }));
    let named = "UPDATE orders SET given_contact = given_contact WHERE given_contact IS NOT NULL";
    let kept = sea_orm::ConnectionTrait::execute_unprepared(&stage.database.writes, named).await.unwrap();
    assert_eq!(kept.rows_affected(), 0);
}

#[tokio::test]
async fn an_order_without_a_contact_of_its_own_has_the_accounts() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.hear(&account(buyer, 2)).await;
    let held = stage.holds(buyer, &[0]).await.unwrap();
    let placed = stage.data(Some(buyer), CHECKOUT, input(&held, &json!({}))).await;
    assert_eq!(placed["checkout"]["contact"], contact(2));
    assert_eq!(placed["checkout"]["acceptedTerms"], Value::Null);
}

#[tokio::test]
async fn a_checkout_without_the_terms_in_force_is_refused_naming_them_and_nothing_is_lost() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.sells_on(1, terms("2026-10")).await;
    stage.sells_on(2, terms("2026-11")).await;
    let id = json!({ "id": stage.event.public() });
    let shown = json!({ "version": "2026-11", "url": "https://opera.example/terms" });
    let event = stage.data(None, TERMS, id.clone()).await;
    assert_eq!(event["_entities"][0]["salesTerms"], shown, "everybody may read them beforehand");
    let held = stage.holds(buyer, &[0]).await.unwrap();
    for accepted in [json!({}), json!({ "acceptedTermsVersion": "2026-10" })] {
        let refused = stage.ask(Some(buyer), CHECKOUT, input(&held, &accepted)).await;
        let says = &refused["errors"][0]["extensions"];
        assert_eq!(
            (&says["code"], &says["reason"]),
            (&json!("BAD_USER_INPUT"), &json!("TERMS_NOT_ACCEPTED"))
        );
        assert_eq!((&says["termsVersion"], &says["termsUrl"]), (&shown["version"], &shown["url"]));
        assert_eq!(says["path"], json!(["input", "acceptedTermsVersion"]));
    }
    let accepted = json!({ "acceptedTermsVersion": "2026-11" });
    let placed = stage.data(Some(buyer), CHECKOUT, input(&held, &accepted)).await;
    assert_eq!(placed["checkout"]["acceptedTerms"], shown);
    // Another version is for who buys from then on.
    stage.sells_on(3, terms("2027-01")).await;
    let again = stage.data(Some(buyer), CHECKOUT, input(&held, &accepted)).await;
    assert_eq!(again, placed);
}

#[tokio::test]
async fn where_there_are_no_terms_nothing_has_to_be_accepted_and_nothing_is_kept() {
    let (stage, buyer) = (stage().await, UserId::new());
    let event = stage.data(None, TERMS, json!({ "id": stage.event.public() })).await;
    assert_eq!(event["_entities"][0]["salesTerms"], Value::Null);
    let held = stage.holds(buyer, &[0]).await.unwrap();
    let placed =
        stage.data(Some(buyer), CHECKOUT, input(&held, &json!({ "acceptedTermsVersion": "1" }))).await;
    assert_eq!(placed["checkout"]["acceptedTerms"], Value::Null);
}

#[tokio::test]
async fn whoever_asks_gets_all_that_is_kept_of_them_page_by_page_and_nothing_of_others() {
    let (stage, ada, bob) = (stage().await, UserId::new(), UserId::new());
    stage.hear(&account(ada, 1)).await;
    for (buyer, seats, name) in [(ada, [0, 1], "Ada"), (bob, [2, 3], "Bob")] {
        for seat in seats {
            let held = stage.holds(buyer, &[seat]).await.unwrap();
            let mut checkout = Stage::checkout(&held);
            checkout.attendees[0].name = format!("{name} {seat}");
            stage.tickets.checkout(checkout).await.unwrap();
        }
    }
    stage.carry(Payments::Pay).await;
    let seat = stage.tickets.reads().ticket_types(stage.event).await.unwrap()[0].state().id;
    stage.blocks(&(4..20).collect::<Vec<_>>(), None).await;
    stage.tickets.join_waitlist(stage.joins(ada, &[seat], 1)).await.unwrap();
    let rest = Rest::of(&stage).await;
    let (mut next, mut all) = (Some("/v1/me/export".to_owned()), Vec::new());
    while let Some(path) = next {
        let (status, page) = answer(rest.get(Some(ada), &path).await).await;
        assert_eq!(status, 200, "{page}");
        next = page["next"].as_str().map(|next| next.strip_prefix("/api/tickets").unwrap().to_owned());
        all.push(page);
    }
    let kinds: Vec<_> = all.iter().map(|page| page["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["orders", "tickets", "reservations", "waitlistEntries"]);
    let sizes: Vec<_> = all.iter().map(|page| page["records"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [2, 2, 2, 1]);
    let text = serde_json::to_string(&all).unwrap();
    assert!(text.contains("Ada 0") && text.contains("Ada 1") && text.contains("ada1@example.org"), "{text}");
    assert!(!text.contains("Bob"), "{text}");
    let stranger = answer(rest.get(Some(UserId::new()), "/v1/me/export").await).await.1;
    assert_eq!(stranger["records"], json!([]));
    assert_eq!(rest.get(None, "/v1/me/export").await.status(), 401);
    let wrong = answer(rest.get(Some(ada), "/v1/me/export?kind=orders&after=x").await).await;
    assert_eq!(wrong.0, 400, "{}", wrong.1);
}
