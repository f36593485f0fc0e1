//! What a payment tells: how it was paid, what is disputed, and how often it may still be tried.

use super::*;
use crate::domain::entities::{MethodKind, PaidBy};

fn by_card() -> PaidBy {
    PaidBy {
        kind: MethodKind::Card,
        brand: Some("visa".to_owned()),
        last4: Some("4242".to_owned()),
        receipt_url: Some("https://pay.stripe.com/receipts/1".to_owned()),
    }
}

#[test]
fn how_it_was_paid_is_known_with_the_money_or_once_the_provider_says_so() {
    let (bare, whole) = (
        intent(IntentStatus::Succeeded),
        Intent { paid_by: Some(by_card()), ..intent(IntentStatus::Succeeded) },
    );
    let mut payment = tried();
    payment.confirmed(1, &Confirmed::Answer(whole.clone()), noon(), SOON);
    payment.seen(&bare, noon(), SOON);
    assert_eq!(payment.is.paid_by, Some(by_card()), "who says nothing of it takes nothing back");

    let mut payment = tried();
    payment.seen(&bare, noon(), SOON);
    assert_eq!((payment.status(), &payment.is.paid_by), (PaymentStatus::Succeeded, &None));
    payment.seen(&whole, noon(), SOON);
    assert_eq!(payment.is.paid_by, Some(by_card()));
    assert_eq!(payment.take_postings().len(), 1, "the money is there once");
}

#[test]
fn the_try_after_the_last_is_refused_and_costs_nothing() {
    let mut payment = fresh();
    for number in 1..=MOST {
        assert_eq!((payment.attempts(), payment.attempts_left(MOST)), (number - 1, MOST - number + 1));
        let begun = payment.begin_attempt(wish(&number.to_string(), "pm_card_visa"), noon(), SOON, MOST);
        assert_eq!(begun, Ok(Begun::Attempt(number)));
        payment.declined(number, &no("generic_decline", &number.to_string()), noon());
    }
    let refusal = payment.begin_attempt(wish("more", "pm_card_visa"), noon(), SOON, MOST).unwrap_err();
    assert_eq!((refusal.code, &refusal.details["limit"]), (ErrorCode::LimitExceeded, &MOST.into()));
    assert_eq!((payment.attempts(), payment.attempts_left(MOST)), (MOST, 0));
    // Where the limit was lowered meanwhile, nothing is left either.
    assert_eq!(payment.attempts_left(3), 0);
}

#[test]
fn what_is_paid_or_has_ended_is_not_tried_any_more() {
    let (mut paid, mut ended) = (tried(), fresh());
    paid.capture(euro(4200), noon());
    ended.end(IfPaid::Keep, "given up", noon());
    for payment in [&paid, &ended, &Payment::request(PaymentId::new(), &asked(0), noon()).unwrap()] {
        assert_eq!(payment.attempts_left(MOST), 0);
    }
}

#[test]
fn of_several_disputes_the_newest_that_is_open_is_told() {
    let mut payment = tried();
    payment.capture(euro(4200), noon());
    assert_eq!(payment.dispute(), None);
    let dispute = |id: &str, state| ProviderDispute { id: id.to_owned(), ..disputed(state) };
    for (told, shown) in [
        (dispute("dp_1", DisputeState::Open), "dp_1"),
        (dispute("dp_2", DisputeState::Open), "dp_2"),
        (dispute("dp_2", DisputeState::Won), "dp_1"),
        (dispute("dp_1", DisputeState::Won), "dp_2"),
    ] {
        payment.dispute_told(&told, noon());
        assert_eq!(payment.dispute().unwrap().id, shown, "{told:?}");
    }
}

#[test]
fn until_when_the_bank_may_be_answered_is_kept_once_it_is_known() {
    let mut payment = tried();
    payment.capture(euro(4200), noon());
    payment.take_announcements();
    let until = noon() + TimeDelta::days(7);
    let timed = ProviderDispute { respond_by: Some(until), ..disputed(DisputeState::Open) };
    payment.dispute_told(&disputed(DisputeState::Open), noon());
    assert_eq!(payment.dispute().unwrap().respond_by, None);
    for told in [&timed, &disputed(DisputeState::Open), &disputed(DisputeState::Won), &timed] {
        payment.dispute_told(told, noon());
        assert_eq!(payment.dispute().unwrap().respond_by, Some(until));
    }
    let facts = told::<contracts::payments::PaymentDisputed>(&payment.take_announcements());
    assert_eq!(facts.len(), 2, "that it is known is no news");
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
}
