//! Over the provider's own page, and between it and cards.

use super::*;
use crate::domain::{
    entities::Checkout,
    ports::{PageSeen, PageStatus},
};

pub(super) fn page_wish(key: &str) -> Wish {
    let (success_url, cancel_url) = ("https://a.example/done".to_owned(), "https://a.example/".to_owned());
    let means = Means::Checkout(Checkout { success_url, cancel_url, session: None });
    Wish { client_key: key.to_owned(), means, client: None }
}

pub(super) fn page(number: u32, status: PageStatus) -> PageSeen {
    PageSeen {
        id: format!("cs_{number}"),
        url: Some(format!("https://pay.example/cs_{number}")),
        status,
        intent: None,
        payment_id: None,
        attempt: Some(number),
    }
}

/// What was paid on the page of an attempt.
pub(super) fn paid_on(number: u32) -> Intent {
    Intent {
        id: format!("pi_of_cs_{number}"),
        origin: Origin::Page(number),
        ..intent(IntentStatus::Succeeded)
    }
}

pub(super) fn complete(number: u32, intent: Option<Intent>) -> PageSeen {
    PageSeen { intent, url: None, ..page(number, PageStatus::Complete) }
}

/// A payment whose buyer is on the provider's page.
fn offered() -> Payment {
    let mut payment = fresh();
    assert_eq!(payment.begin_attempt(page_wish("a"), noon(), SOON, MOST), Ok(Begun::Attempt(1)));
    assert_eq!(payment.duty(noon()), Duty::Offer(1));
    payment.page_seen(1, &page(1, PageStatus::Open), noon(), SOON);
    assert_eq!((payment.status(), payment.duty(noon())), (PaymentStatus::Pending, Duty::Rest));
    payment
}

/// Everything that can happen on the way over the provider's page.
pub(super) fn happen(payment: &mut Payment, what: u8, at: DateTime<Utc>) {
    let last = payment.is.attempts.iter().rfind(|attempt| attempt.checkout().is_some());
    let (number, is_known) = match last {
        Some(last) => (last.number, last.checkout().is_some_and(|checkout| checkout.session.is_some())),
        None => (0, false),
    };
    let is_open = payment.is.attempts.iter().any(|attempt| attempt.open_session().is_some());
    match what {
        17 => drop(payment.begin_attempt(page_wish(&format!("p{number}")), at, SOON, MOST)),
        18 if last.is_some() => payment.page_seen(number, &page(number, PageStatus::Open), at, SOON),
        19 if is_known => payment.page_seen(number, &page(number, PageStatus::Expired), at, SOON),
        20 if is_open => payment.page_seen(number, &complete(number, Some(paid_on(number))), at, SOON),
        21 if is_open => payment.page_seen(number, &complete(number, None), at, SOON),
        22 if payment.duty(at) == Duty::Retire => payment.retired(&intent(IntentStatus::Cancelled), at),
        23 if payment.duty(at) == Duty::Retire => payment.retired(&intent(IntentStatus::Processing), at),
        25 => payment.shut_page(number, at),
        _ => {}
    }
}

#[test]
fn a_page_that_is_shut_is_closed_and_another_way_can_be_gone_afterwards() {
    let mut payment = offered();
    payment.shut_page(1, noon());
    assert_eq!((payment.page_of(1), payment.duty(noon())), (None, Duty::Close(1)));
    payment.page_seen(1, &page(1, PageStatus::Expired), noon(), SOON);
    assert_eq!((payment.status(), payment.duty(noon() + SOON)), (PaymentStatus::Pending, Duty::Rest));
    assert_eq!(payment.is.due_at, None);
    assert_eq!(payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST), Ok(Begun::Attempt(2)));
}

#[test]
fn what_was_paid_on_a_page_before_it_was_shut_counts_and_an_order_ends_with_it() {
    let mut payment = offered();
    payment.shut_page(1, noon());
    let mut ended = payment.clone();
    payment.page_seen(1, &complete(1, Some(paid_on(1))), noon(), SOON);
    assert_eq!((payment.status(), payment.duty(noon() + SOON)), (PaymentStatus::Succeeded, Duty::Rest));
    ended.end(IfPaid::Refund, "time ran out", noon());
    assert_eq!(ended.duty(noon()), Duty::Close(1));
    ended.page_seen(1, &page(1, PageStatus::Expired), noon(), SOON);
    assert_eq!((ended.status(), ended.duty(noon() + SOON)), (PaymentStatus::Cancelled, Duty::Rest));
    // Nobody pays on it: shutting it again, or one that is not there, does nothing.
    for number in [1, 2] {
        let before = ended.is.clone();
        ended.shut_page(number, noon());
        assert_eq!(ended.is, before);
    }
}

#[test]
fn the_page_that_is_open_is_the_same_for_whoever_asks_again() {
    let mut payment = offered();
    assert_eq!(payment.begin_attempt(page_wish("b"), noon(), SOON, MOST), Ok(Begun::Stands(1)));
    assert_eq!(payment.page_of(1), Some("https://pay.example/cs_1"));
    assert_eq!((payment.attempts(), payment.attempts_left(MOST)), (1, MOST - 1));
    // It is looked at, as its webhook may get lost; that it is open is no news.
    assert_eq!(payment.duty(noon() + SOON), Duty::LookAtPage(1));
    let before = payment.is.clone();
    payment.page_seen(1, &page(1, PageStatus::Open), noon() + SOON, SOON);
    assert_eq!(payment.is, before);
}

#[test]
fn what_is_paid_on_the_page_is_noted_once_however_it_is_told() {
    let mut payment = offered();
    payment.page_seen(1, &complete(1, Some(paid_on(1))), noon(), SOON);
    payment.paid_on_page(1, &paid_on(1), noon());
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    assert_eq!(payment.is.intent.as_ref().map(|intent| intent.id.as_str()), Some("pi_of_cs_1"));
    assert_eq!(payment.attempt(1).unwrap().state, AttemptState::Succeeded);
    assert_eq!((payment.page_of(1), payment.duty(noon() + SOON)), (None, Duty::Rest));
    assert_eq!(replies(&payment.take_announcements()), [(Way::Do, Outcome::Done)]);
}

#[test]
fn the_page_is_closed_before_a_card_is_tried() {
    let mut payment = offered();
    assert_eq!(payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST), Ok(Begun::Attempt(2)));
    assert_eq!(payment.duty(noon()), Duty::Close(1));
    payment.page_seen(1, &page(1, PageStatus::Expired), noon(), SOON);
    assert_eq!(payment.duty(noon()), Duty::Open);
    payment.opened(&intent(IntentStatus::Open(None)), noon());
    assert_eq!(payment.duty(noon()), Duty::Confirm(2));
}

#[test]
fn a_card_is_not_tried_when_the_page_turns_out_to_be_paid() {
    let mut payment = offered();
    payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    payment.page_seen(1, &complete(1, Some(paid_on(1))), noon(), SOON);
    assert_eq!((payment.status(), payment.duty(noon() + SOON)), (PaymentStatus::Succeeded, Duty::Rest));
    assert_eq!(payment.attempt(1).unwrap().state, AttemptState::Succeeded);
    assert_eq!(payment.attempt(2).unwrap().state, AttemptState::Superseded);
}

#[test]
fn nothing_else_is_tried_while_the_bank_is_at_what_was_typed_into_the_page() {
    let mut payment = offered();
    payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    payment.page_seen(1, &complete(1, None), noon(), SOON);
    assert_eq!(payment.attempt(2).unwrap().state, AttemptState::Superseded);
    for next in [wish("c", "pm_card_visa"), page_wish("d")] {
        assert!(payment.begin_attempt(next, noon(), SOON, MOST).is_err());
    }
    assert_eq!(payment.duty(noon() + SOON), Duty::LookAtPage(1));
    let no = Intent { origin: Origin::Page(1), ..intent(IntentStatus::Open(None)) };
    payment.page_seen(1, &complete(1, Some(no)), noon(), SOON);
    assert_eq!(payment.begin_attempt(wish("e", "pm_card_visa"), noon(), SOON, MOST), Ok(Begun::Attempt(3)));
}

#[test]
fn what_was_begun_with_a_card_is_ended_before_the_page_is_asked_for() {
    let mut payment = tried();
    payment.needs_action(1, None, noon(), SOON);
    let first = payment.opening_key();
    assert_eq!(payment.begin_attempt(page_wish("b"), noon(), SOON, MOST), Ok(Begun::Attempt(2)));
    assert_eq!(payment.duty(noon()), Duty::Retire);
    payment.retired(&intent(IntentStatus::Cancelled), noon());
    assert_eq!(payment.duty(noon()), Duty::Offer(2));
    payment.page_seen(2, &page(2, PageStatus::Open), noon(), SOON);
    // The buyer comes back to cards: that is another payment at the provider, by another key.
    payment.begin_attempt(wish("c", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    assert_eq!(payment.duty(noon()), Duty::Close(2));
    payment.page_seen(2, &page(2, PageStatus::Expired), noon(), SOON);
    assert_eq!(payment.duty(noon()), Duty::Open);
    assert_ne!(payment.opening_key(), first);
    assert_eq!(payment.attempt_of_key(&payment.attempt_key(3)), Some(3));
    assert_eq!(payment.attempt_of_key(&payment.opening_key()), None);
}

#[test]
fn the_end_of_what_was_begun_with_a_card_may_be_told_before_it_is_answered() {
    let mut payment = tried();
    payment.needs_action(1, None, noon(), SOON);
    payment.begin_attempt(page_wish("b"), noon(), SOON, MOST).unwrap();
    payment.seen(&intent(IntentStatus::Cancelled), noon(), SOON);
    assert_eq!((payment.status(), payment.duty(noon())), (PaymentStatus::Pending, Duty::Offer(2)));
    assert!(payment.take_announcements().is_empty(), "the order can still be paid");
}

#[test]
fn what_was_ended_is_ended_once_however_many_ask() {
    let mut payment = tried();
    payment.begin_attempt(page_wish("b"), noon(), SOON, MOST).unwrap_err();
    payment.declined(1, &no("lost_card", "ch_1"), noon());
    payment.begin_attempt(page_wish("b"), noon(), SOON, MOST).unwrap();
    payment.retired(&intent(IntentStatus::Cancelled), noon());
    payment.page_seen(2, &page(2, PageStatus::Expired), noon(), SOON);
    payment.begin_attempt(wish("c", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    payment.opened(&Intent { id: "pi_2".to_owned(), ..intent(IntentStatus::Open(None)) }, noon());
    let key = payment.opening_key();
    payment.retired(&intent(IntentStatus::Cancelled), noon());
    assert_eq!(payment.opening_key(), key);
    assert_eq!(payment.is.intent.as_ref().map(|intent| intent.id.as_str()), Some("pi_2"));
    assert_eq!(payment.duty(noon()), Duty::Confirm(3));
}

#[test]
fn money_that_a_card_has_paid_before_the_page_was_asked_for_is_kept() {
    let mut payment = tried();
    payment.needs_action(1, None, noon(), SOON);
    payment.begin_attempt(page_wish("b"), noon(), SOON, MOST).unwrap();
    payment.retired(&intent(IntentStatus::Succeeded), noon());
    assert_eq!((payment.status(), payment.duty(noon() + SOON)), (PaymentStatus::Succeeded, Duty::Rest));
}

#[test]
fn the_page_ends_with_the_order_unless_it_turns_out_to_be_paid() {
    for if_paid in [IfPaid::Keep, IfPaid::Refund] {
        let mut payment = offered();
        payment.end(if_paid, "time ran out", noon());
        assert_eq!(payment.duty(noon()), Duty::Close(1));
        let mut paid = payment.clone();
        payment.page_seen(1, &page(1, PageStatus::Expired), noon(), SOON);
        assert_eq!((payment.status(), payment.duty(noon())), (PaymentStatus::Cancelled, Duty::Rest));
        assert_eq!(replies(&payment.take_announcements()), [(Way::Undo, Outcome::Done)]);

        paid.page_seen(1, &complete(1, Some(paid_on(1))), noon(), SOON);
        let keeps = if_paid == IfPaid::Keep;
        assert_eq!(matches!(paid.duty(noon()), Duty::Refund(_)), !keeps);
        let stands = replies(&paid.take_announcements());
        assert_eq!(stands, if keeps { vec![(Way::Undo, Outcome::Stands)] } else { Vec::new() });
    }
}

#[test]
fn a_page_of_which_nobody_has_noted_the_name_is_closed_all_the_same() {
    let mut payment = fresh();
    payment.begin_attempt(page_wish("a"), noon(), SOON, MOST).unwrap();
    payment.end(IfPaid::Keep, "given up", noon());
    assert_eq!(payment.duty(noon()), Duty::Offer(1));
    payment.page_seen(1, &page(1, PageStatus::Open), noon(), SOON);
    assert_eq!(payment.duty(noon()), Duty::Close(1));
    payment.page_seen(1, &page(1, PageStatus::Expired), noon(), SOON);
    assert_eq!(replies(&payment.take_announcements()), [(Way::Undo, Outcome::Done)]);
}

#[test]
fn a_page_that_the_provider_does_not_make_ends_with_the_order_too() {
    let mut payment = fresh();
    payment.begin_attempt(page_wish("a"), noon(), SOON, MOST).unwrap();
    payment.end(IfPaid::Keep, "given up", noon());
    payment.rejected(1, "Not a valid URL", Some("successUrl"));
    assert_eq!(payment.status(), PaymentStatus::Cancelled);
    assert_eq!(replies(&payment.take_announcements()), [(Way::Undo, Outcome::Done)]);
}

#[test]
fn a_page_that_nobody_came_to_leaves_the_order_payable() {
    let mut payment = offered();
    payment.page_seen(1, &page(1, PageStatus::Expired), noon(), SOON);
    assert_eq!((payment.status(), payment.page_of(1)), (PaymentStatus::Pending, None));
    assert_eq!(payment.begin_attempt(page_wish("b"), noon(), SOON, MOST), Ok(Begun::Attempt(2)));
    assert_eq!(payment.duty(noon()), Duty::Offer(2));
}

#[test]
fn a_page_is_kept_by_the_provider_for_longer_than_the_order_and_always_for_the_same_time() {
    let payment = fresh();
    let began = noon() + TimeDelta::minutes(14);
    let until = payment.page_is_kept_until(began);
    assert!(until > payment.is.expires_at && until >= began + TimeDelta::minutes(45), "{until}");
    assert!(until <= began + TimeDelta::hours(23));
}
