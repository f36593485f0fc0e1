use chrono::{DateTime, Duration, TimeDelta, Utc};
use contracts::{
    Announcement, Contract,
    payments::{DisputeState, PaymentDeclined, PaymentRefunded, PaymentSucceeded},
    purchase::{IfPaid, Outcome, PurchaseReply, TakePayment, Way},
};
use kernel::{Currency, ErrorCode, EventId, Money, OrderId, PaymentId, UserId};
use proptest::prelude::*;

use super::duty::ASKED_OFTEN;
use super::*;
use crate::domain::entities::{Cause, Means, RefundState};
use crate::domain::ports::{
    Confirmed, Decline, Intent, IntentStatus, Origin, ProviderDispute, ProviderRefund, RefundStatus,
};

mod accounts;
mod checkout;
mod earlier;
mod refund_model;
mod refunds;
mod told;

const SOON: Duration = Duration::seconds(10);
/// How often an order may be tried to be paid.
const MOST: u32 = 10;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn asked(minor: i64) -> TakePayment {
    TakePayment {
        order_id: OrderId::new(),
        number: "ODY-7K2M".to_owned(),
        event_id: EventId::new(),
        buyer_id: UserId::new(),
        amount: euro(minor),
        description: "The Odyssey".to_owned(),
        expires_at: noon() + TimeDelta::minutes(15),
        organization_id: None,
        fees: None,
        contact: None,
    }
}

fn fresh() -> Payment {
    Payment::request(PaymentId::new(), &asked(4200), noon()).unwrap()
}

fn intent(status: IntentStatus) -> Intent {
    Intent {
        id: "pi_1".to_owned(),
        client_secret: Some("secret".to_owned()),
        status,
        received: Some(euro(4200)),
        paid_by: None,
        payment_id: None,
        order_id: None,
        origin: Origin::Opening(0),
    }
}

/// To pay with a card.
fn wish(key: &str, card: &str) -> Wish {
    Wish { client_key: key.to_owned(), means: Means::method(card), client: None }
}

/// A payment known to the provider, with an attempt whose outcome is open.
fn tried() -> Payment {
    let mut payment = fresh();
    assert_eq!(payment.begin_attempt(wish("a", "pm_card_visa"), noon(), SOON, MOST), Ok(Begun::Attempt(1)));
    assert_eq!(payment.duty(noon()), Duty::Open);
    payment.opened(&intent(IntentStatus::Open(None)), noon());
    assert_eq!(payment.duty(noon()), Duty::Confirm(1));
    payment
}

fn no(code: &str, charge: &str) -> Decline {
    Decline { code: code.to_owned(), charge: Some(charge.to_owned()), card: None }
}

fn given_back(payment: &Payment, status: RefundStatus) -> ProviderRefund {
    let owed = payment.is.refunds.last().unwrap();
    ProviderRefund {
        id: format!("re_{}", owed.number),
        intent: Some("pi_1".to_owned()),
        refund_id: Some(owed.id),
        refund_number: Some(owed.number),
        amount: Some(owed.amount),
        status,
    }
}

fn disputed(state: DisputeState) -> ProviderDispute {
    let amount = Some(euro(3000));
    ProviderDispute {
        id: "dp_1".to_owned(),
        intent: Some("pi_1".to_owned()),
        amount,
        reason: "fraudulent".to_owned(),
        respond_by: None,
        state,
    }
}

fn told<C: Contract>(announcements: &[Announcement]) -> Vec<C> {
    let of_kind = announcements.iter().filter(|announcement| announcement.subject == C::SUBJECT);
    of_kind.map(|announcement| C::deserialize(&announcement.payload).unwrap()).collect()
}

fn replies(announcements: &[Announcement]) -> Vec<(Way, Outcome)> {
    told::<PurchaseReply>(announcements).into_iter().map(|reply| (reply.way, reply.outcome)).collect()
}

#[test]
fn money_is_there_once_the_provider_says_so_and_the_webhook_adds_nothing() {
    let mut payment = tried();
    payment.confirmed(1, &Confirmed::Answer(intent(IntentStatus::Succeeded)), noon(), SOON);
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    assert_eq!(payment.duty(noon() + SOON), Duty::Rest);
    payment.seen(&intent(IntentStatus::Succeeded), noon(), SOON);
    let announcements = payment.take_announcements();
    assert_eq!(replies(&announcements), [(Way::Do, Outcome::Done)]);
    assert_eq!(told::<PaymentSucceeded>(&announcements).len(), 1);
    assert_eq!(payment.take_postings().len(), 1);
}

#[test]
fn money_that_is_on_its_way_or_cannot_be_counted_is_asked_for_later() {
    let uncountable = Intent { received: None, ..intent(IntentStatus::Succeeded) };
    for answer in [intent(IntentStatus::Processing), uncountable] {
        let mut payment = tried();
        payment.confirmed(1, &Confirmed::Answer(answer), noon(), SOON);
        assert_eq!(payment.status(), PaymentStatus::Pending);
        assert!(payment.take_announcements().is_empty());
        assert_eq!(payment.duty(noon()), Duty::Rest);
        assert_eq!(payment.duty(noon() + SOON), Duty::Look);
        payment.capture(euro(4200), noon());
        assert_eq!(payment.status(), PaymentStatus::Succeeded);
    }
}

#[test]
fn money_that_comes_while_its_attempt_was_ended_goes_back() {
    let mut payment = tried();
    payment.end(IfPaid::Refund, "time ran out", noon());
    payment.seen(&intent(IntentStatus::Cancelled), noon(), SOON);
    payment.confirmed(1, &Confirmed::Answer(intent(IntentStatus::Succeeded)), noon(), SOON);
    assert!(matches!(payment.duty(noon()), Duty::Refund(_)));
}

#[test]
fn each_attempt_has_its_own_key() {
    let mut payment = tried();
    payment.declined(1, &no("generic_decline", "ch_1"), noon());
    assert_eq!(payment.begin_attempt(wish("b", "pm_card_amex"), noon(), SOON, MOST), Ok(Begun::Attempt(2)));
    assert_ne!(payment.attempt_key(1), payment.attempt_key(2));
    assert_eq!(payment.attempt_of_key(&payment.attempt_key(2)), Some(2));
    for key in [payment.opening_key(), payment.attempt_key(3), "order-x-1".to_owned(), String::new()] {
        assert_eq!(payment.attempt_of_key(&key), None, "{key}");
    }
}

#[test]
fn a_late_decline_of_an_earlier_card_does_not_touch_the_present_one() {
    let mut payment = tried();
    payment.declined(1, &no("generic_decline", "ch_1"), noon());
    payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    payment.declined(1, &no("generic_decline", "ch_1"), noon());
    assert_eq!(payment.attempt(2).unwrap().state, AttemptState::Open);
    // Asked how it stands, the provider still tells the first card's decline: the second never came.
    let old = IntentStatus::Open(Some(no("generic_decline", "ch_1")));
    payment.seen(&intent(old), noon(), SOON);
    assert_eq!(payment.attempt(2).unwrap().state, AttemptState::Lost);
    assert_eq!(payment.status(), PaymentStatus::Failed);
    assert_eq!(told::<PaymentDeclined>(&payment.take_announcements()).len(), 1);
}

#[test]
fn after_the_time_to_pay_no_card_is_tried_any_more() {
    let mut payment = fresh();
    payment.begin_attempt(wish("a", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    let late = noon() + TimeDelta::minutes(15);
    // Whether the card was tried is found out: opening the payment moves no money, and tells its name.
    assert_eq!(payment.duty(late), Duty::Open);
    payment.opened(&intent(IntentStatus::Open(None)), noon());
    assert_eq!(payment.duty(late), Duty::Look);
    payment.seen(&intent(IntentStatus::Open(None)), late, SOON);
    assert_eq!(payment.attempt(1).unwrap().state, AttemptState::Lost);
    let refusal = payment.begin_attempt(wish("b", "pm_card_visa"), late, SOON, MOST).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::ReservationExpired);
}

#[test]
fn an_attempt_that_is_not_answered_is_looked_up_in_the_end() {
    let mut payment = tried();
    for _ in 0..ASKED_OFTEN {
        assert_eq!(payment.duty(noon()), Duty::Confirm(1));
        payment.put_off(noon(), Duration::zero());
    }
    assert_eq!(payment.duty(noon()), Duty::Look);
    payment.seen(&intent(IntentStatus::Open(None)), noon(), SOON);
    assert_eq!(payment.attempt(1).unwrap().state, AttemptState::Lost);
    assert_eq!(payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST), Ok(Begun::Attempt(2)));
}

#[test]
fn an_end_asked_for_twice_gives_the_money_back_if_either_says_so() {
    for asks in [[IfPaid::Keep, IfPaid::Refund], [IfPaid::Refund, IfPaid::Keep]] {
        let mut payment = tried();
        for ask in asks {
            payment.end(ask, "time ran out", noon());
        }
        assert_eq!(payment.duty(noon()), Duty::Cancel);
        payment.seen(&intent(IntentStatus::Succeeded), noon(), SOON);
        assert!(replies(&payment.take_announcements()).is_empty());
        let owed = payment.is.refunds[0].id;
        assert_eq!(payment.duty(noon()), Duty::Refund(owed));
        payment.refund_told(&given_back(&payment, RefundStatus::Pending), noon(), SOON);
        assert_eq!(payment.status(), PaymentStatus::Refunded);
        assert_eq!(replies(&payment.take_announcements()), [(Way::Undo, Outcome::Done)]);
    }
}

#[test]
fn a_payment_that_ends_while_it_is_opened_ends_at_the_provider_first() {
    let mut payment = fresh();
    payment.begin_attempt(wish("a", "pm_card_visa"), noon(), SOON, MOST).unwrap();
    payment.end(IfPaid::Keep, "given up", noon());
    assert!(replies(&payment.take_announcements()).is_empty(), "a card may have been tried");
    assert_eq!(payment.duty(noon()), Duty::Open);
    payment.opened(&intent(IntentStatus::Open(None)), noon());
    assert_eq!(payment.duty(noon()), Duty::Cancel);
    payment.cancelled();
    assert_eq!((payment.status(), payment.duty(noon())), (PaymentStatus::Cancelled, Duty::Rest));
    assert_eq!(replies(&payment.take_announcements()), [(Way::Undo, Outcome::Done)]);
}

#[test]
fn a_payment_that_nobody_tried_ends_at_once() {
    let mut payment = fresh();
    payment.end(IfPaid::Keep, "given up", noon());
    assert_eq!(replies(&payment.take_announcements()), [(Way::Undo, Outcome::Done)]);
    assert_eq!((payment.status(), payment.duty(noon())), (PaymentStatus::Cancelled, Duty::Rest));
}

#[test]
fn a_free_order_is_paid_and_returned_without_a_provider() {
    let mut payment = Payment::request(PaymentId::new(), &asked(0), noon()).unwrap();
    assert!(payment.is_free());
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    payment.end(IfPaid::Keep, "", noon());
    payment.end(IfPaid::Refund, "cancelled", noon());
    let announcements = payment.take_announcements();
    assert_eq!(
        replies(&announcements),
        [(Way::Do, Outcome::Done), (Way::Undo, Outcome::Stands), (Way::Undo, Outcome::Done)]
    );
    assert_eq!(payment.status(), PaymentStatus::Cancelled);
}

#[test]
fn a_failed_refund_is_owed_again_under_another_key_however_often_it_is_told() {
    let mut payment = tried();
    payment.capture(euro(4200), noon());
    payment.end(IfPaid::Refund, "cancelled", noon());
    let first = given_back(&payment, RefundStatus::Succeeded);
    let first_key = payment.is.refunds[0].key(payment.is.id);
    payment.refund_told(&first, noon(), SOON);
    let failed = ProviderRefund { status: RefundStatus::Failed, ..first.clone() };
    for again in [&failed, &failed, &first] {
        payment.refund_told(again, noon(), SOON);
    }
    assert_eq!((payment.status(), payment.refunded()), (PaymentStatus::Succeeded, euro(0)));
    assert_ne!(payment.is.refunds[0].key(payment.is.id), first_key);
    assert_eq!(payment.duty(noon()), Duty::Rest);
    assert!(matches!(payment.duty(noon() + SOON), Duty::Refund(_)));
    payment.refund_told(&given_back(&payment, RefundStatus::Succeeded), noon(), SOON);
    assert_eq!(payment.refunded(), euro(4200));
    let announcements = payment.take_announcements();
    assert_eq!(told::<PaymentRefunded>(&announcements).len(), 1);
    let names: std::collections::BTreeSet<_> =
        payment.take_postings().iter().map(|posting| posting.cause.name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

#[test]
fn a_part_given_back_in_the_dashboard_leaves_the_order_paid_and_all_of_it_does_not() {
    let mut payment = tried();
    payment.capture(euro(4200), noon());
    payment.take_announcements();
    let elsewhere = |id: &str, minor| ProviderRefund {
        id: id.to_owned(),
        intent: Some("pi_1".to_owned()),
        refund_id: None,
        refund_number: None,
        amount: Some(euro(minor)),
        status: RefundStatus::Succeeded,
    };
    payment.refund_told(&elsewhere("re_1", 1200), noon(), SOON);
    assert_eq!((payment.status(), payment.refunded()), (PaymentStatus::PartiallyRefunded, euro(1200)));
    let told = told::<PaymentRefunded>(&payment.take_announcements());
    assert_eq!((told.len(), told[0].whole, told[0].made_at_provider), (1, false, true));
    assert_eq!(payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST), Ok(Begun::AlreadyPaid));
    payment.asked_again();
    assert_eq!(replies(&payment.take_announcements()), [(Way::Do, Outcome::Done)]);
    // One that failed gave nothing back.
    let failed = ProviderRefund { status: RefundStatus::Failed, ..elsewhere("re_1", 1200) };
    payment.refund_told(&failed, noon(), SOON);
    assert_eq!((payment.status(), payment.refunded()), (PaymentStatus::Succeeded, euro(0)));
    payment.asked_again();
    assert_eq!(replies(&payment.take_announcements()), [(Way::Do, Outcome::Done)]);

    payment.refund_told(&elsewhere("re_2", 4200), noon(), SOON);
    assert_eq!(payment.status(), PaymentStatus::Refunded);
    assert!(payment.begin_attempt(wish("c", "pm_card_visa"), noon(), SOON, MOST).is_err());
    payment.take_announcements();
    payment.asked_again();
    assert!(matches!(&replies(&payment.take_announcements())[..], [(Way::Do, Outcome::Refused { .. })]));
}

/// Of a refund of which nothing is left the provider is not asked.
fn may_be_carried_out(payment: &Payment) -> bool {
    payment.is.refunds.last().is_some_and(|refund| refund.state != RefundState::Covered)
}

/// Everything that can happen to a payment, in any order.
fn happen(payment: &mut Payment, what: u8, at: DateTime<Utc>) {
    let live = payment.is.attempts.last().map_or(0, |last| last.number);
    match what {
        0 => drop(payment.begin_attempt(wish(&format!("k{live}"), "pm_card_visa"), at, SOON, MOST)),
        1 => payment.opened(&intent(IntentStatus::Open(None)), at),
        2 => payment.confirmed(live, &Confirmed::Answer(intent(IntentStatus::Succeeded)), at, SOON),
        3 => payment.confirmed(live, &Confirmed::Declined(no("lost_card", &live.to_string())), at, SOON),
        4 => payment.seen(&intent(IntentStatus::RequiresAction { url: None }), at, SOON),
        5 => payment.seen(&intent(IntentStatus::Succeeded), at, SOON),
        6 => payment.seen(&intent(IntentStatus::Cancelled), at, SOON),
        7 => payment.end(IfPaid::Keep, "keep", at),
        8 => payment.end(IfPaid::Refund, "refund", at),
        9 => payment.asked_again(),
        10 if may_be_carried_out(payment) => {
            payment.refund_told(&given_back(payment, RefundStatus::Succeeded), at, SOON);
        }
        11 if may_be_carried_out(payment) => {
            payment.refund_told(&given_back(payment, RefundStatus::Failed), at, SOON);
        }
        13..=15 => {
            let state = [DisputeState::Open, DisputeState::Won, DisputeState::Lost][usize::from(what - 13)];
            payment.dispute_told(&disputed(state), at);
        }
        16 => drop(payment.give_back(&refunds::ask(Some(1000)), None, at)),
        12 => payment.seen(&intent(IntentStatus::Open(None)), at, SOON),
        17..=23 | 25 => checkout::happen(payment, what, at),
        _ => payment.put_off_if_due(at),
    }
}

impl Payment {
    fn put_off_if_due(&mut self, at: DateTime<Utc>) {
        if self.is.due_at.is_some() {
            self.put_off(at, SOON);
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_no_money_is_lost_and_none_is_made(steps in prop::collection::vec(0_u8..26, 0..40)) {
        let mut payment = fresh();
        let (mut captured, mut returned) = (0, 0);
        let mut all = Vec::new();
        for (step, what) in steps.into_iter().enumerate() {
            let at = noon() + TimeDelta::seconds(i64::try_from(step).unwrap());
            happen(&mut payment, what, at);
            for posting in payment.take_postings() {
                match posting.cause {
                    Cause::Capture => captured += posting.amount.minor,
                    Cause::Refund(..) | Cause::DisputeLost(_) => returned += posting.amount.minor,
                    Cause::RefundFailed(..) => returned -= posting.amount.minor,
                }
            }
            all.extend(payment.take_announcements());
            // Captured once at most; what is booked is what the payment says; never more back than came.
            prop_assert!(captured == 0 || captured == 4200);
            prop_assert_eq!(returned, payment.refunded().minor);
            prop_assert!(returned <= captured);
            prop_assert!(payment.is.attempts.iter().filter(|attempt| attempt.is_undecided()).count() <= 1);
            // What the purchase waits for is never forgotten: somebody is still to be asked.
            let undone = matches!(payment.is.state, State::Cancelling { .. })
                || payment.is.refunds.iter().any(|refund| refund.state == RefundState::Owed);
            prop_assert!(!undone || payment.is.due_at.is_some());
            let later = at + TimeDelta::days(1);
            prop_assert!(!undone || payment.duty(later) != Duty::Rest);
            let open = payment.is.attempts.iter().any(Attempt::is_live);
            prop_assert!(!open || payment.duty(later) != Duty::Rest);
        }
        prop_assert!(told::<PaymentSucceeded>(&all).len() <= 1);
        let back: Vec<_> = told::<PaymentRefunded>(&all).into_iter().map(|fact| fact.refund_id).collect();
        prop_assert!((1..back.len()).all(|place| !back[..place].contains(&back[place])));
        // Once undone, the order never hears that it is paid.
        let replies = replies(&all);
        if let Some(undone) = replies.iter().position(|reply| *reply == (Way::Undo, Outcome::Done)) {
            prop_assert!(!replies[undone..].contains(&(Way::Do, Outcome::Done)));
            prop_assert!(!replies[undone..].contains(&(Way::Undo, Outcome::Stands)));
        }
    }
}
