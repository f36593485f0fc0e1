//! Who was told at the purchase stays in the order, until the person is forgotten.

use contracts::users::{AccountChanged, MembershipChanged, Role};
use kernel::{OrganizationId, UserId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::Caller;
use tickets::domain::entities::Order;

use crate::{
    rest::{Rest, answer},
    stage::{Payments, STALLS, Stage, operator, person},
};

const ASK: &str = "query ($id: ID!) { order(id: $id) { contact { name email phone locale } } }";

async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage
}

/// What is told of an account in its `version`, whose name says which that is.
pub(crate) fn account(user_id: UserId, version: i64) -> AccountChanged {
    AccountChanged {
        user_id,
        version,
        email: format!("ada{version}@example.org"),
        name: format!("Ada {version}"),
        locale: "de-AT".to_owned(),
        timezone: "Europe/Vienna".to_owned(),
        phone: (version > 1).then(|| "+4366012345".to_owned()),
        email_verified: false,
        guest: false,
        erased: false,
    }
}

pub(crate) fn erased(user_id: UserId, version: i64) -> AccountChanged {
    let nothing = String::new;
    AccountChanged { email: nothing(), name: nothing(), erased: true, ..account(user_id, version) }
}

/// The contact of an order as an account was in its `version`.
pub(crate) fn contact(version: i64) -> Value {
    let phone = if version > 1 { json!("+4366012345") } else { Value::Null };
    let (name, email) = (format!("Ada {version}"), format!("ada{version}@example.org"));
    json!({ "name": name, "email": email, "phone": phone, "locale": "de-AT" })
}

async fn buys(stage: &Stage, buyer: UserId, seat: u32) -> Order {
    stage.checks_out(&stage.holds(buyer, &[seat]).await.unwrap()).await
}

/// The contact that the buyer is shown.
async fn shown(stage: &Stage, order: &Order) -> Value {
    let of = order.state();
    stage.data(Some(of.buyer), ASK, json!({ "id": of.id })).await["order"]["contact"].take()
}

/// In how many rows anything is kept of how anybody is reached.
async fn kept(stage: &Stage) -> i64 {
    let sql = "SELECT CAST((SELECT COUNT(*) FROM contacts WHERE contact IS NOT NULL) \
               + (SELECT COUNT(*) FROM orders WHERE contact IS NOT NULL) AS BIGINT) AS n";
    let statement = Statement::from_string(stage.database.writes.get_database_backend(), sql);
    stage.database.writes.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn an_order_keeps_how_its_buyer_was_reached_when_it_was_placed() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.hear(&account(buyer, 1)).await;
    let first = buys(&stage, buyer, 0).await;
    stage.hear(&account(buyer, 2)).await;
    let second = buys(&stage, buyer, 1).await;
    stage.carry(Payments::Pay).await;
    assert_eq!((shown(&stage, &first).await, shown(&stage, &second).await), (contact(1), contact(2)));

    let rest = Rest::of(&stage).await;
    for by in [buyer, stage.organizer] {
        let path = format!("/v1/orders/{}", second.state().id);
        assert_eq!(answer(rest.get(Some(by), &path).await).await.1["contact"], contact(2));
    }
}

#[tokio::test]
async fn the_answer_to_a_checkout_tells_who_is_told() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.hear(&account(buyer, 2)).await;
    let held = stage.holds(buyer, &[0]).await.unwrap();
    let ask = "mutation ($input: CheckoutInput!) { checkout(input: $input) { contact { name email phone locale } } }";
    let attendees = json!([{ "name": "Grace", "email": "grace@example.org" }]);
    let input = json!({ "reservationId": held.state().id, "attendees": attendees, "idempotencyKey": "k" });
    let placed = stage.data(Some(buyer), ask, json!({ "input": input })).await;
    assert_eq!(placed["checkout"]["contact"], contact(2), "the buyer, not who goes in");
}

#[tokio::test]
async fn an_order_that_was_placed_before_its_buyer_was_heard_of_gets_what_is_heard_first() {
    let (stage, buyer) = (stage().await, UserId::new());
    let early = buys(&stage, buyer, 0).await;
    let others = buys(&stage, UserId::new(), 1).await;
    assert_eq!(shown(&stage, &early).await, Value::Null);
    for version in [3, 4, 2] {
        stage.hear(&account(buyer, version)).await;
        assert_eq!(shown(&stage, &early).await, contact(3), "after version {version}");
    }
    assert_eq!(shown(&stage, &others).await, Value::Null);
    assert_eq!(shown(&stage, &buys(&stage, buyer, 2).await).await, contact(4), "late news change nothing");
}

#[tokio::test]
async fn an_order_that_missed_its_buyers_account_gets_it_with_the_next_step_of_its_purchase() {
    let (stage, buyer) = (stage().await, UserId::new());
    let order = buys(&stage, buyer, 0).await;
    stage.hear(&account(buyer, 1)).await;
    // As if it had been saved a moment later than the account was looked at.
    let missed = "UPDATE orders SET contact = NULL";
    stage.database.writes.execute_unprepared(missed).await.unwrap();
    stage.carry(Payments::Pay).await;
    assert_eq!(shown(&stage, &order).await, contact(1));
}

#[tokio::test]
async fn nothing_is_left_of_who_was_erased_and_nothing_comes_back() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.hear(&account(buyer, 1)).await;
    let (paid, open) = (buys(&stage, buyer, 0).await, buys(&stage, buyer, 1).await);
    stage.carry(Payments::Pay).await;
    let other = UserId::new();
    stage.hear(&account(other, 2)).await;
    let others = buys(&stage, other, 2).await;
    stage.hear(&erased(buyer, 3)).await;
    stage.hear(&account(buyer, 2)).await;
    let late = buys(&stage, buyer, 3).await;
    stage.carry(Payments::Pay).await;
    for order in [&paid, &open, &late] {
        assert_eq!(shown(&stage, order).await, Value::Null);
    }
    assert_eq!(shown(&stage, &others).await, contact(2));
    assert_eq!(kept(&stage).await, 2, "the other's account, and their order");
}

#[tokio::test]
async fn whoever_is_erased_or_registers_while_they_buy_is_forgotten_or_told() {
    let stage = stage().await;
    for seat in 0..10 {
        let (leaves, comes) = (UserId::new(), UserId::new());
        stage.hear(&account(leaves, 1)).await;
        let held = stage.holds(leaves, &[seat]).await.unwrap();
        let (left, gone) = (erased(leaves, 2), stage.checks_out(&held));
        let (gone, ()) = tokio::join!(gone, stage.hear(&left));
        assert_eq!(shown(&stage, &gone).await, Value::Null);

        let held = stage.holds(comes, &[seat + 10]).await.unwrap();
        let registered = account(comes, 1);
        let (here, ()) = tokio::join!(stage.checks_out(&held), stage.hear(&registered));
        stage.carry(Payments::Pay).await;
        assert_eq!(shown(&stage, &here).await, contact(1));
    }
}

#[tokio::test]
async fn a_contact_is_for_the_buyer_and_the_organizers_of_the_event() {
    let (stage, buyer) = (stage().await, UserId::new());
    stage.hear(&account(buyer, 1)).await;
    let order = buys(&stage, buyer, 0).await;
    let id = json!({ "id": order.state().id });
    let sees = async |caller: Caller| {
        let mut told = stage.ask_as(Some(caller), ASK, id.clone()).await;
        assert!(told.get("errors").is_none(), "{told}");
        told["data"]["order"].take()
    };
    let whole = json!({ "contact": contact(1) });
    let (manager, operates) = (stage.member(Role::Manager).await, operator(UserId::new()));
    for caller in [person(buyer), person(stage.organizer), person(manager), operates] {
        assert_eq!(sees(caller).await, whole);
    }
    let (foreign, owns) = (UserId::new(), Some(Role::Owner));
    let elsewhere = OrganizationId::new();
    stage
        .hear(&MembershipChanged { organization_id: elsewhere, user_id: foreign, version: 1, role: owns })
        .await;
    let other = UserId::new();
    buys(&stage, other, 1).await;
    let (scanner, seller) = (stage.member(Role::Scanner).await, stage.member(Role::BoxOffice).await);
    for stranger in [foreign, other, scanner, seller] {
        assert_eq!(sees(person(stranger)).await, Value::Null);
    }
    let refused = stage.ask(None, ASK, id.clone()).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
