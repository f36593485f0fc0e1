//! A changed cart and its promo code, and the terms on which it is sold.

use contracts::settings::{
    BorneBy, FeeAmount, OrganizationSettings, OrganizationSettingsChanged, ServiceFee,
};
use kernel::{Currency, Money, UserId};
use tickets::domain::{
    entities::{Change, PromoCodeChange, Reservation},
    use_cases::{CreatePromoCode, UpdatePromoCode},
};

use crate::{
    carts::seat,
    stage::{FLOOR, STALLS, Stage, code},
};

fn total(cart: &Reservation) -> i64 {
    cart.price().unwrap().total().unwrap().minor
}

#[tokio::test]
async fn a_promo_code_stays_with_a_changed_cart_and_takes_off_what_it_does_of_all_of_it() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let half = stage.gives(stage.half_off("HALF")).await;
    let held = stage.holds(UserId::new(), &[3, 4]).await.unwrap();
    let held = stage.applies(&held, "half").await.unwrap();
    let changed = stage.changes_cart(&held, vec![seat(5)], &[]).await.unwrap();
    assert_eq!(changed.state().promo_code, Some(half.state().id));
    assert_eq!((total(&held), total(&changed)), (1000, 1500));
    assert_eq!(stage.redemptions(&half).await, 1, "it is redeemed once, however often the cart changes");
    let known = stage.tickets.own_reservation(held.state().id, held.state().buyer).await.unwrap().unwrap();
    assert_eq!(known.state(), changed.state());
}

#[tokio::test]
async fn a_promo_code_that_is_for_nothing_that_is_left_is_given_back() {
    let stage = Stage::new().await;
    let seats = stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells_at("Standing", &[FLOOR], 700).await;
    let only = CreatePromoCode { ticket_types: Some(vec![seats]), ..stage.half_off("SEATS") };
    let only = stage.gives(only).await;
    let held = stage.holds(UserId::new(), &[3]).await.unwrap();
    let held = stage.applies(&held, "seats").await.unwrap();
    let standing = tickets::domain::entities::Wish::Standing { ticket_type: floor, quantity: 1 };
    let held = stage.changes_cart(&held, vec![standing], &[]).await.unwrap();
    assert_eq!(total(&held), 500 + 700);
    let out = held.item_ids()[0];
    let left = stage.changes_cart(&held, vec![], &[out]).await.unwrap();
    assert_eq!((left.state().promo_code, total(&left)), (None, 700));
    assert_eq!(stage.redemptions(&only).await, 0);
}

#[tokio::test]
async fn a_cart_whose_promo_code_has_ended_shrinks_with_it_and_grows_only_without_it() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let half = stage.gives(stage.half_off("HALF")).await;
    let held = stage.holds(UserId::new(), &[3, 4]).await.unwrap();
    let held = stage.applies(&held, "half").await.unwrap();
    let change =
        PromoCodeChange { max_redemptions: Change::Keep, valid_until: Change::Keep, active: Some(false) };
    let off = UpdatePromoCode { by: stage.organizer, code: half.state().id, change };
    stage.tickets.update_promo_code(off).await.unwrap();
    let refused = stage.changes_cart(&held, vec![seat(5)], &[]).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!(refusal.reason, "PROMO_CODE_INACTIVE");
    assert!(refusal.message.contains("removePromoCode"), "{refusal}");
    let fewer = stage.changes_cart(&held, vec![], &[held.item_ids()[0]]).await.unwrap();
    assert_eq!(total(&fewer), 500, "who has it keeps what it takes off");
    let without = stage.tickets.remove_promo_code(held.state().id, held.state().buyer).await.unwrap();
    let more = stage.changes_cart(&without, vec![seat(5)], &[]).await.unwrap();
    assert_eq!(total(&more), 2000);
    assert_eq!(code(stage.applies(&more, "half").await), "CONFLICT");
}

#[tokio::test]
async fn a_changed_cart_is_sold_on_the_terms_of_the_moment_of_its_change() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[3]).await.unwrap();
    let amount = FeeAmount::PerTicket(Money::new(50, Currency::EUR));
    let fee = ServiceFee { name: "Service".to_owned(), amount, borne_by: BorneBy::Buyer };
    let settings = OrganizationSettings { fees: vec![fee], ..OrganizationSettings::default() };
    let organization_id = stage.organization;
    stage.hear(&OrganizationSettingsChanged { organization_id, version: 1, settings }).await;
    let changed = stage.changes_cart(&held, vec![seat(4)], &[]).await.unwrap();
    assert_eq!((total(&held), total(&changed)), (1000, 2100), "what the map shows now, for all of it");
    assert_eq!(changed.price().unwrap().price().unwrap().fees.minor, 100);
    let order = stage.checks_out(&changed).await;
    assert_eq!(order.state().total.minor, 2100);
}
