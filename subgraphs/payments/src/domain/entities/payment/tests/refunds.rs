//! Refunds that somebody asks for: several at once, and whatever may come between.

use std::collections::BTreeSet;

use contracts::{
    payments::{RefundFailed, RefundPayment},
    saga::{Asked, SagaReply},
};
use kernel::{RefundId, SagaId};

use super::*;
use crate::domain::entities::Refund;

pub(super) fn paid() -> Payment {
    let mut payment = tried();
    payment.capture(euro(4200), noon());
    payment.take_announcements();
    payment.take_postings();
    payment
}

pub(super) fn ask(minor: Option<i64>) -> RefundPayment {
    let asked = Asked {
        saga_id: SagaId::new(),
        kind: "refund".to_owned(),
        step: "GIVE_BACK".to_owned(),
        way: Way::Do,
    };
    RefundPayment {
        asked,
        refund_id: RefundId::new(),
        order_id: OrderId::new(),
        amount: minor.map(euro),
        told: None,
        reason: "a ticket was given back".to_owned(),
    }
}

/// Somebody asks for a refund that was not refused before.
fn request(payment: &mut Payment, ask: &RefundPayment) {
    drop(payment.give_back(ask, None, noon()));
}

/// A part that is owed from now on.
fn owed(payment: &mut Payment, minor: i64) -> RefundPayment {
    let part = ask(Some(minor));
    request(payment, &part);
    assert!(answers(payment, &part).is_empty());
    part
}

/// What was answered since the last look.
fn answers(payment: &mut Payment, ask: &RefundPayment) -> Vec<Outcome> {
    let replies = told::<SagaReply>(&payment.take_announcements());
    replies
        .into_iter()
        .filter(|reply| reply.saga_id == ask.asked.saga_id)
        .map(|reply| reply.outcome)
        .collect()
}

fn refund<'a>(payment: &'a Payment, ask: &RefundPayment) -> &'a Refund {
    payment.is.refunds.iter().find(|refund| refund.id == ask.refund_id).unwrap()
}

/// What the provider says of the present try of a refund.
fn of_try(payment: &Payment, ask: &RefundPayment, status: RefundStatus) -> ProviderRefund {
    let refund = refund(payment, ask);
    ProviderRefund {
        id: format!("re_{}", refund.number),
        intent: Some("pi_1".to_owned()),
        refund_id: Some(refund.id),
        refund_number: Some(refund.number),
        amount: Some(refund.tried),
        status,
    }
}

pub(super) fn elsewhere(id: &str, minor: i64, status: RefundStatus) -> ProviderRefund {
    let amount = Some(euro(minor));
    let intent = Some("pi_1".to_owned());
    ProviderRefund { id: id.to_owned(), intent, refund_id: None, refund_number: None, amount, status }
}

fn accepted(payment: &mut Payment, ask: &RefundPayment) -> ProviderRefund {
    let told = of_try(payment, ask, RefundStatus::Succeeded);
    payment.refund_told(&told, noon(), SOON);
    told
}

fn is_refused(outcomes: &[Outcome], because: &str) -> bool {
    matches!(outcomes, [Outcome::Refused { reason }] if reason.contains(because))
}

#[test]
fn of_all_that_is_left_nothing_goes_back_untold() {
    let mut payment = paid();
    payment.refund_told(&elsewhere("re_desk", 1200, RefundStatus::Succeeded), noon(), SOON);
    // Its asker knows of that one, and not that it has just come back.
    payment.refund_told(&elsewhere("re_desk", 1200, RefundStatus::Failed), noon(), SOON);
    payment.take_announcements();
    let rest = RefundPayment { told: Some(euro(3000)), ..ask(None) };
    request(&mut payment, &rest);
    assert_eq!(refund(&payment, &rest).amount, euro(3000));
    accepted(&mut payment, &rest);
    let Duty::Refund(other) = payment.duty(noon()) else { panic!("the other part is owed: {payment:?}") };
    let other = RefundPayment { refund_id: other, ..rest.clone() };
    accepted(&mut payment, &other);
    let told: Vec<PaymentRefunded> = told(&payment.announcements);
    let amounts: Vec<_> = told.iter().map(|told| (told.amount, told.asked_for, told.whole)).collect();
    assert_eq!(amounts, [(euro(3000), true, false), (euro(1200), false, true)]);
    assert_eq!(payment.duty(noon()), Duty::Rest);
}

#[test]
fn of_what_is_left_no_more_goes_back_than_there_is_whatever_its_asker_believes() {
    let mut payment = paid();
    payment.refund_told(&elsewhere("re_desk", 1200, RefundStatus::Succeeded), noon(), SOON);
    let rest = RefundPayment { told: Some(euro(4200)), ..ask(None) };
    request(&mut payment, &rest);
    assert_eq!(refund(&payment, &rest).amount, euro(3000));
    accepted(&mut payment, &rest);
    assert_eq!(payment.duty(noon()), Duty::Rest);
}

#[test]
fn several_are_owed_at_once_and_each_is_asked_for_and_answered_by_itself() {
    let mut payment = paid();
    let (one, other) = (owed(&mut payment, 1200), owed(&mut payment, 700));
    assert_ne!(refund(&payment, &one).key(payment.is.id), refund(&payment, &other).key(payment.is.id));
    assert_eq!(payment.duty(noon()), Duty::Refund(one.refund_id));
    accepted(&mut payment, &one);
    assert_eq!(answers(&mut payment, &one), [Outcome::Done]);
    assert_eq!(payment.duty(noon()), Duty::Refund(other.refund_id));
    accepted(&mut payment, &other);
    let told: Vec<PaymentRefunded> = told(&payment.announcements);
    assert_eq!((told.len(), told[0].refunded_in_all, told[0].whole), (1, euro(1900), false));
    assert_eq!(answers(&mut payment, &other), [Outcome::Done]);
    assert_eq!((payment.duty(noon()), payment.refunded()), (Duty::Rest, euro(1900)));
}

#[test]
fn one_that_the_provider_does_not_answer_holds_up_no_other() {
    let mut payment = paid();
    let parts = [owed(&mut payment, 1200), owed(&mut payment, 700), owed(&mut payment, 300)];
    let mut asked = BTreeSet::new();
    for _ in 0..3 {
        let Duty::Refund(id) = payment.duty(noon()) else { panic!("{payment:?}") };
        asked.insert(id);
        payment.put_off(noon(), Duration::zero());
    }
    assert_eq!(asked, parts.iter().map(|part| part.refund_id).collect());
}

#[test]
fn more_than_is_left_is_refused_and_nothing_is_owed_for_it() {
    let mut payment = paid();
    owed(&mut payment, 3000);
    let more = ask(Some(1201));
    request(&mut payment, &more);
    let outcomes = answers(&mut payment, &more);
    assert!(is_refused(&outcomes, "12.00 EUR is left"), "{outcomes:?}");
    assert_eq!((payment.is.refunds.len(), payment.left()), (1, 1200));
    // All that is left is what is not owed yet.
    let rest = ask(None);
    request(&mut payment, &rest);
    assert_eq!(refund(&payment, &rest).amount, euro(1200));
    let nothing = ask(None);
    request(&mut payment, &nothing);
    assert_eq!(answers(&mut payment, &nothing), [Outcome::Done]);
}

#[test]
fn what_was_refused_is_refused_for_good_whatever_is_left_by_then() {
    let mut payment = paid();
    let given = elsewhere("re_d", 3700, RefundStatus::Succeeded);
    payment.refund_told(&given, noon(), SOON);
    let part = ask(Some(1200));
    let refused = payment.give_back(&part, None, noon()).expect("less is left");
    assert!(is_refused(&answers(&mut payment, &part), "5.00 EUR is left"));
    // What was given back comes back: all is left.
    payment.refund_told(&ProviderRefund { status: RefundStatus::Failed, ..given }, noon(), SOON);
    assert_eq!(payment.left(), 4200);
    for _ in 0..2 {
        assert_eq!(payment.give_back(&part, Some(&refused), noon()).as_ref(), Some(&refused));
        assert!(is_refused(&answers(&mut payment, &part), "5.00 EUR is left"));
    }
    assert_eq!((payment.duty(noon()), payment.left()), (Duty::Rest, 4200));
    owed(&mut payment, 1200);
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let yen = Some(Money::new(100, Currency::JPY));
    for (asked, because) in
        [(yen, "paid in EUR, not in JPY"), (Some(euro(-1)), "less than nothing"), (Some(euro(4201)), "left")]
    {
        let (mut payment, ask) = (paid(), RefundPayment { amount: asked, ..ask(None) });
        request(&mut payment, &ask);
        let outcomes = answers(&mut payment, &ask);
        assert!(is_refused(&outcomes, because), "{outcomes:?}");
    }
    let mut ended = fresh();
    ended.end(IfPaid::Keep, "given up", noon());
    for (mut payment, because) in [(tried(), "not paid yet"), (ended, "ended without money")] {
        let ask = ask(Some(1));
        request(&mut payment, &ask);
        let outcomes = answers(&mut payment, &ask);
        assert!(is_refused(&outcomes, because), "{outcomes:?}");
    }
}

#[test]
fn an_amount_finer_than_the_provider_pays_is_refused() {
    let dinars = Currency::parse("currency", "KWD").unwrap();
    let order = TakePayment { amount: Money::new(4200, dinars), ..asked(4200) };
    let mut payment = Payment::request(PaymentId::new(), &order, noon()).unwrap();
    payment.capture(order.amount, noon());
    let fine = RefundPayment { amount: Some(Money::new(1005, dinars)), ..ask(None) };
    request(&mut payment, &fine);
    assert!(is_refused(&answers(&mut payment, &fine), "finer"));
}

#[test]
fn of_a_free_order_nothing_goes_back_and_that_is_done() {
    let mut payment = Payment::request(PaymentId::new(), &asked(0), noon()).unwrap();
    for ask in [ask(None), ask(Some(0))] {
        request(&mut payment, &ask);
        assert_eq!(answers(&mut payment, &ask), [Outcome::Done]);
    }
    let something = ask(Some(1));
    request(&mut payment, &something);
    assert!(is_refused(&answers(&mut payment, &something), "0.00 EUR is left"));
    assert!(!payment.goes_back());
}

#[test]
fn money_goes_back_in_so_many_parts_and_the_rest_always_can() {
    let mut payment = paid();
    for _ in 0..100 {
        let part = owed(&mut payment, 1);
        accepted(&mut payment, &part);
    }
    payment.take_announcements();
    let (one_more, rest) = (ask(Some(1)), ask(Some(4100)));
    request(&mut payment, &one_more);
    assert!(is_refused(&answers(&mut payment, &one_more), "100 parts"));
    request(&mut payment, &rest);
    assert_eq!((answers(&mut payment, &rest), payment.left()), (vec![], 0));
}

#[test]
fn asked_again_what_stands_is_answered() {
    let mut payment = paid();
    let part = owed(&mut payment, 1200);
    request(&mut payment, &part);
    assert!(answers(&mut payment, &part).is_empty(), "it is under way");
    accepted(&mut payment, &part);
    assert_eq!(answers(&mut payment, &part), [Outcome::Done]);
    request(&mut payment, &part);
    assert_eq!(answers(&mut payment, &part), [Outcome::Done]);
    assert_eq!((payment.is.refunds.len(), payment.refunded()), (1, euro(1200)));
}

#[test]
fn an_order_whose_parts_go_back_is_paid_until_nothing_is_left() {
    let mut payment = paid();
    let part = owed(&mut payment, 1200);
    for _ in 0..2 {
        payment.asked_again();
        payment.end(IfPaid::Keep, "time ran out", noon());
        let replies = replies(&payment.take_announcements());
        assert_eq!(replies, [(Way::Do, Outcome::Done), (Way::Undo, Outcome::Stands)]);
        assert_eq!(
            payment.begin_attempt(wish("b", "pm_card_visa"), noon(), SOON, MOST),
            Ok(Begun::AlreadyPaid)
        );
        accepted(&mut payment, &part);
        payment.take_announcements();
    }
    owed(&mut payment, 3000);
    payment.asked_again();
    assert!(matches!(&replies(&payment.take_announcements())[..], [(Way::Do, Outcome::Refused { .. })]));
    assert!(payment.begin_attempt(wish("c", "pm_card_visa"), noon(), SOON, MOST).is_err());
}

#[test]
fn the_purchases_end_owes_the_rest_beside_the_parts_and_hears_of_it_when_all_is_back() {
    let mut payment = paid();
    let part = owed(&mut payment, 1200);
    payment.end(IfPaid::Refund, "called off", noon());
    assert_eq!(payment.is.refunds.iter().map(|refund| refund.amount.minor).collect::<Vec<_>>(), [1200, 3000]);
    let rest = given_back(&payment, RefundStatus::Succeeded);
    payment.refund_told(&rest, noon(), SOON);
    assert!(replies(&payment.take_announcements()).is_empty(), "a part is still owed");
    accepted(&mut payment, &part);
    assert_eq!(replies(&payment.announcements), [(Way::Undo, Outcome::Done)]);
    assert_eq!(answers(&mut payment, &part), [Outcome::Done]);
}

#[test]
fn a_part_that_fails_later_is_owed_again_and_each_failure_is_told_once() {
    let mut payment = paid();
    let (part, other) = (owed(&mut payment, 1200), owed(&mut payment, 700));
    accepted(&mut payment, &other);
    for _ in 0..2 {
        let given = accepted(&mut payment, &part);
        payment.take_announcements();
        let failed = ProviderRefund { status: RefundStatus::Failed, ..given.clone() };
        for told in [&failed, &failed, &given] {
            payment.refund_told(told, noon(), SOON);
        }
        assert_eq!(payment.refunded(), euro(700));
        assert_eq!(payment.duty(noon() + SOON), Duty::Refund(part.refund_id));
        let failures: Vec<RefundFailed> = told(&payment.take_announcements());
        let said: Vec<_> = failures.iter().map(|fact| (fact.refund_id, fact.amount)).collect();
        assert_eq!(said, [(part.refund_id, euro(1200))]);
    }
    accepted(&mut payment, &part);
    assert_eq!(answers(&mut payment, &part), [Outcome::Done]);
    assert_eq!(payment.refunded(), euro(1900));
}

#[test]
fn after_a_refund_made_elsewhere_the_newest_are_lowered_first() {
    let mut payment = paid();
    let (oldest, middle) = (owed(&mut payment, 2000), owed(&mut payment, 1500));
    let newest = owed(&mut payment, 700);
    payment.refund_told(&elsewhere("re_d", 1000, RefundStatus::Succeeded), noon(), SOON);
    assert_eq!(answers(&mut payment, &newest), [Outcome::Done], "nothing is left of it");
    assert_eq!(refund(&payment, &newest).state, RefundState::Covered);
    assert_eq!(
        (refund(&payment, &oldest).amount, refund(&payment, &middle).amount),
        (euro(2000), euro(1200))
    );
    assert_eq!(refund(&payment, &middle).tried, euro(1500), "which may be under way");
    request(&mut payment, &newest);
    assert_eq!(answers(&mut payment, &newest), [Outcome::Done]);
    // One that failed gave nothing back: what it had covered is owed again.
    payment.refund_told(&elsewhere("re_d", 1000, RefundStatus::Failed), noon(), SOON);
    let again =
        [&oldest, &middle, &newest].map(|ask| (refund(&payment, ask).state, refund(&payment, ask).amount));
    assert_eq!(again, [2000, 1500, 700].map(|minor| (RefundState::Owed, euro(minor))));
}

#[test]
fn a_refund_made_elsewhere_that_failed_before_anybody_heard_of_it_never_counts() {
    let mut payment = paid();
    for status in [RefundStatus::Failed, RefundStatus::Succeeded, RefundStatus::Pending] {
        payment.refund_told(&elsewhere("re_d", 1000, status), noon(), SOON);
    }
    assert_eq!((payment.refunded(), payment.take_postings()), (euro(0), vec![]));
    assert!(payment.take_announcements().is_empty());
}

#[test]
fn money_that_came_back_after_the_purchases_end_goes_back_again() {
    let mut payment = paid();
    payment.refund_told(&elsewhere("re_d", 4200, RefundStatus::Succeeded), noon(), SOON);
    payment.end(IfPaid::Refund, "called off", noon());
    assert_eq!(replies(&payment.take_announcements()), [(Way::Undo, Outcome::Done)]);
    payment.refund_told(&elsewhere("re_d", 4200, RefundStatus::Failed), noon(), SOON);
    assert!(matches!(payment.duty(noon()), Duty::Refund(_)));
    payment.refund_told(&given_back(&payment, RefundStatus::Succeeded), noon(), SOON);
    assert_eq!(payment.refunded(), euro(4200));
}

#[test]
fn money_that_came_back_after_all_of_it_went_back_in_the_dashboard_is_owed_by_us() {
    let mut payment = paid();
    let parts =
        [elsewhere("re_d", 1000, RefundStatus::Succeeded), elsewhere("re_e", 3200, RefundStatus::Succeeded)];
    for part in &parts {
        payment.refund_told(part, noon(), SOON);
    }
    for part in parts {
        payment.refund_told(&ProviderRefund { status: RefundStatus::Failed, ..part }, noon(), SOON);
        let given = given_back(&payment, RefundStatus::Succeeded);
        payment.refund_told(&given, noon(), SOON);
        assert_eq!((payment.refunded(), payment.duty(noon())), (euro(4200), Duty::Rest));
    }
}

#[test]
fn a_part_that_came_back_from_the_dashboard_is_nobodys_to_give_while_tickets_admit() {
    let mut payment = paid();
    for status in [RefundStatus::Succeeded, RefundStatus::Failed] {
        payment.refund_told(&elsewhere("re_d", 1000, status), noon(), SOON);
    }
    assert_eq!((payment.refunded(), payment.duty(noon())), (euro(0), Duty::Rest));
}

#[test]
fn what_the_provider_refuses_for_good_is_tried_by_another_key_and_lowered_to_what_is_left() {
    let mut payment = paid();
    let part = owed(&mut payment, 1200);
    let (tried, key) = (refund(&payment, &part).number, refund(&payment, &part).key(payment.is.id));
    let is_owed = payment.refund_refused((part.refund_id, tried), &[], noon(), SOON);
    assert!(is_owed, "nothing there tells why");
    assert_ne!(refund(&payment, &part).key(payment.is.id), key);
    assert_eq!((payment.duty(noon()), answers(&mut payment, &part)), (Duty::Rest, vec![]));
    assert_eq!(payment.duty(noon() + SOON), Duty::Refund(part.refund_id));

    let most = [elsewhere("re_d", 3700, RefundStatus::Succeeded)];
    let before = refund(&payment, &part).number;
    assert!(!payment.refund_refused((part.refund_id, before), &most, noon(), SOON));
    let lowered = refund(&payment, &part);
    assert_eq!((lowered.amount, lowered.tried), (euro(500), euro(500)));
    assert_ne!(lowered.number, before);
    assert_eq!(payment.duty(noon()), Duty::Refund(part.refund_id));
    let all = [&most[..], &[elsewhere("re_e", 500, RefundStatus::Succeeded)]].concat();
    let tried = refund(&payment, &part).number;
    assert!(!payment.refund_refused((part.refund_id, tried), &all, noon(), SOON));
    assert_eq!((answers(&mut payment, &part), payment.duty(noon())), (vec![Outcome::Done], Duty::Rest));
}

#[test]
fn a_try_of_more_than_is_owed_by_now_counts_when_it_was_carried_out_nevertheless() {
    let mut payment = paid();
    let (older, newer) = (owed(&mut payment, 2000), owed(&mut payment, 2200));
    let under_way = of_try(&payment, &newer, RefundStatus::Succeeded);
    payment.refund_told(&elsewhere("re_d", 2000, RefundStatus::Succeeded), noon(), SOON);
    assert_eq!(refund(&payment, &newer).amount, euro(200));
    payment.refund_told(&ProviderRefund { id: "re_n".to_owned(), ..under_way }, noon(), SOON);
    assert_eq!((payment.refunded(), refund(&payment, &older).state), (euro(4200), RefundState::Covered));
    assert_eq!(answers(&mut payment, &older), [Outcome::Done]);
    assert_eq!(payment.duty(noon()), Duty::Rest);
}
