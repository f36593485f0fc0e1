//! Payments whose money goes to the seller's account, and what becomes of them when that takes none.

use kernel::OrganizationId;

use super::{
    checkout::{complete, page, page_wish, paid_on},
    *,
};
use crate::domain::{
    entities::DestinationState,
    ports::{FromAccount, PageStatus},
};

/// A payment of 42 euro to an account, of which 5 are the platform's.
fn to_account() -> Payment {
    let order =
        TakePayment { organization_id: Some(OrganizationId::new()), fees: Some(euro(500)), ..asked(4200) };
    let mut payment = Payment::request(PaymentId::new(), &order, noon()).unwrap();
    payment.goes_to("acct_1");
    payment
}

fn opened() -> Payment {
    let mut payment = to_account();
    payment.begin_attempt(wish("a", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    payment.opened(&intent(IntentStatus::Open(None)), noon());
    payment
}

fn gains(payment: &mut Payment) -> Vec<i64> {
    let postings = payment.take_postings();
    postings.iter().filter_map(|posting| payment.account_gains(posting)).map(|(_, minor)| minor).collect()
}

#[test]
fn the_money_goes_to_the_account_but_for_the_fees() {
    let mut payment = opened();
    let to = payment.to_account().unwrap();
    assert_eq!((to.account.as_str(), to.fee.units), ("acct_1", 500));
    payment.capture(euro(4200), noon());
    assert_eq!(gains(&mut payment), [3_700]);
}

#[test]
fn who_tells_no_fees_sells_to_the_platform() {
    let mut payment = fresh();
    payment.goes_to("acct_1");
    assert_eq!((payment.to_account(), payment.destination()), (None, None));
    payment.capture(euro(4200), noon());
    assert!(gains(&mut payment).is_empty());
}

#[test]
fn to_where_the_money_goes_is_decided_before_anybody_tries_to_pay_and_never_again() {
    let mut payment = opened();
    payment.goes_to("acct_2");
    assert_eq!(payment.to_account().unwrap().account, "acct_1");
}

#[test]
fn an_account_that_is_refused_when_the_payment_is_opened_is_left_and_the_key_is_another() {
    let mut payment = to_account();
    payment.begin_attempt(wish("a", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    let before = (payment.opening_key(), payment.attempt_key(1));
    assert!(payment.account_refused() && !payment.account_refused());
    assert_eq!((payment.duty(noon()), payment.to_account()), (Duty::Open, None));
    let after = (payment.opening_key(), payment.attempt_key(1));
    assert!(before.0 != after.0 && before.1 != after.1);
    for key in [before.1, after.1] {
        assert_eq!(payment.attempt_of_key(&key), Some(1));
    }
    payment.capture(euro(4200), noon());
    assert!(gains(&mut payment).is_empty(), "the platform has it");
}

#[test]
fn what_was_opened_with_an_account_that_is_refused_is_ended_before_it_is_opened_without() {
    let mut payment = opened();
    assert!(payment.account_refused());
    assert_eq!(payment.duty(noon()), Duty::Retire);
    payment.retired(&intent(IntentStatus::Cancelled), noon());
    assert_eq!((payment.duty(noon()), payment.to_account()), (Duty::Open, None));
    assert_eq!(payment.is.destination.as_ref().unwrap().state, DestinationState::Left);
    payment.opened(&Intent { id: "pi_2".to_owned(), ..intent(IntentStatus::Open(None)) }, noon());
    assert_eq!(payment.duty(noon()), Duty::Confirm(1));
}

#[test]
fn what_turns_out_to_be_paid_while_it_is_ended_went_to_the_account() {
    let mut payment = opened();
    payment.account_refused();
    payment.retired(&intent(IntentStatus::Succeeded), noon());
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    assert_eq!(gains(&mut payment), [3_700]);
}

#[test]
fn a_page_is_asked_for_without_an_account_that_is_refused() {
    let mut payment = to_account();
    payment.begin_attempt(page_wish("a"), noon(), SOON, MOST).unwrap();
    let before = payment.attempt_key(1);
    assert!(payment.account_refused());
    assert_eq!((payment.duty(noon()), payment.to_account()), (Duty::Offer(1), None));
    assert_ne!(payment.attempt_key(1), before);
}

#[test]
fn a_page_on_which_nobody_can_pay_is_closed_before_there_is_another_for_the_platform() {
    let mut payment = to_account();
    payment.begin_attempt(page_wish("a"), noon(), SOON, MOST).unwrap();
    payment.page_seen(1, &page(1, PageStatus::Open), noon(), SOON);
    payment.account_lost(1, noon());
    assert_eq!(payment.begin_attempt(page_wish("b"), noon(), SOON, MOST), Ok(Begun::Attempt(2)));
    assert_eq!(payment.duty(noon()), Duty::Close(1));
    payment.page_seen(1, &page(1, PageStatus::Expired), noon(), SOON);
    assert_eq!((payment.duty(noon()), payment.to_account()), (Duty::Offer(2), None));
    payment.capture(euro(4200), noon());
    assert!(gains(&mut payment).is_empty());
}

#[test]
fn what_was_paid_on_a_page_before_it_was_closed_went_to_the_account() {
    let mut payment = to_account();
    payment.begin_attempt(page_wish("a"), noon(), SOON, MOST).unwrap();
    payment.page_seen(1, &page(1, PageStatus::Open), noon(), SOON);
    payment.account_lost(1, noon());
    payment.begin_attempt(page_wish("b"), noon(), SOON, MOST).unwrap();
    payment.page_seen(1, &complete(1, Some(paid_on(1))), noon(), SOON);
    assert_eq!((payment.status(), payment.duty(noon())), (PaymentStatus::Succeeded, Duty::Rest));
    assert_eq!(gains(&mut payment), [3_700]);
}

#[test]
fn a_refund_comes_from_the_account_and_all_of_it_with_the_fee() {
    for (minor, from, gained) in
        [(None, FromAccount::AllButTheFee, -3_700), (Some(1_000), FromAccount::All, -1_000)]
    {
        let mut payment = opened();
        payment.capture(euro(4200), noon());
        payment.take_postings();
        let ask = refunds::ask(minor);
        drop(payment.give_back(&ask, None, noon()));
        assert_eq!(payment.given_by_account(&payment.is.refunds[0]), from);
        payment.refund_told(&given_back(&payment, RefundStatus::Succeeded), noon(), SOON);
        assert_eq!(gains(&mut payment), [gained]);
    }
}

#[test]
fn a_refund_for_which_the_account_gives_nothing_is_the_platforms_by_another_key() {
    let mut payment = opened();
    payment.capture(euro(4200), noon());
    payment.take_postings();
    drop(payment.give_back(&refunds::ask(None), None, noon()));
    let (id, tried) = (payment.is.refunds[0].id, payment.is.refunds[0].number);
    assert!(payment.account_gives_nothing((id, tried), noon()));
    assert!(!payment.account_gives_nothing((id, tried), noon()), "that is known");
    let refund = &payment.is.refunds[0];
    assert_ne!(refund.number, tried);
    assert_eq!(
        (payment.given_by_account(refund), payment.duty(noon())),
        (FromAccount::Nothing, Duty::Refund(id))
    );
    payment.refund_told(&given_back(&payment, RefundStatus::Succeeded), noon(), SOON);
    assert!(gains(&mut payment).is_empty());
}

#[test]
fn what_the_account_gave_for_a_refund_that_failed_it_does_not_give_again() {
    let mut payment = opened();
    payment.capture(euro(4200), noon());
    payment.take_postings();
    drop(payment.give_back(&refunds::ask(None), None, noon()));
    payment.refund_told(&given_back(&payment, RefundStatus::Pending), noon(), SOON);
    assert_eq!(gains(&mut payment), [-3_700]);
    payment.refund_told(&given_back(&payment, RefundStatus::Failed), noon(), SOON);
    assert_eq!(payment.given_by_account(&payment.is.refunds[0]), FromAccount::Nothing);
    payment.refund_told(&given_back(&payment, RefundStatus::Succeeded), noon(), SOON);
    assert!(gains(&mut payment).is_empty());
}
