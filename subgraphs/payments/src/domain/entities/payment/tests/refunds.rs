//! Refunds that somebody asks for: several at once, and whatever may come between.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    payments::{RefundFailed, RefundPayment},
    saga::{Asked, SagaReply},
};
use kernel::{RefundId, SagaId};

use super::*;
use crate::domain::entities::Refund;

fn paid() -> Payment {
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
        reason: "a ticket was given back".to_owned(),
    }
}

/// A part that is owed from now on.
fn owed(payment: &mut Payment, minor: i64) -> RefundPayment {
    let part = ask(Some(minor));
    payment.give_back(&part, noon());
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

fn elsewhere(id: &str, minor: i64, status: RefundStatus) -> ProviderRefund {
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
    payment.give_back(&more, noon());
    let outcomes = answers(&mut payment, &more);
    assert!(is_refused(&outcomes, "12.00 EUR is left"), "{outcomes:?}");
    assert_eq!((payment.is.refunds.len(), payment.left()), (1, 1200));
    // All that is left is what is not owed yet.
    let rest = ask(None);
    payment.give_back(&rest, noon());
    assert_eq!(refund(&payment, &rest).amount, euro(1200));
    let nothing = ask(None);
    payment.give_back(&nothing, noon());
    assert_eq!(answers(&mut payment, &nothing), [Outcome::Done]);
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let yen = Some(Money::new(100, Currency::JPY));
    for (asked, because) in
        [(yen, "paid in EUR, not in JPY"), (Some(euro(-1)), "less than nothing"), (Some(euro(4201)), "left")]
    {
        let (mut payment, ask) = (paid(), RefundPayment { amount: asked, ..ask(None) });
        payment.give_back(&ask, noon());
        let outcomes = answers(&mut payment, &ask);
        assert!(is_refused(&outcomes, because), "{outcomes:?}");
    }
    let mut ended = fresh();
    ended.end(IfPaid::Keep, "given up", noon());
    for (mut payment, because) in [(tried(), "not paid yet"), (ended, "ended without money")] {
        let ask = ask(Some(1));
        payment.give_back(&ask, noon());
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
    payment.give_back(&fine, noon());
    assert!(is_refused(&answers(&mut payment, &fine), "finer"));
}

#[test]
fn of_a_free_order_nothing_goes_back_and_that_is_done() {
    let mut payment = Payment::request(PaymentId::new(), &asked(0), noon()).unwrap();
    for ask in [ask(None), ask(Some(0))] {
        payment.give_back(&ask, noon());
        assert_eq!(answers(&mut payment, &ask), [Outcome::Done]);
    }
    let something = ask(Some(1));
    payment.give_back(&something, noon());
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
    payment.give_back(&one_more, noon());
    assert!(is_refused(&answers(&mut payment, &one_more), "100 parts"));
    payment.give_back(&rest, noon());
    assert_eq!((answers(&mut payment, &rest), payment.left()), (vec![], 0));
}

#[test]
fn asked_again_what_stands_is_answered() {
    let mut payment = paid();
    let part = owed(&mut payment, 1200);
    payment.give_back(&part, noon());
    assert!(answers(&mut payment, &part).is_empty(), "it is under way");
    accepted(&mut payment, &part);
    assert_eq!(answers(&mut payment, &part), [Outcome::Done]);
    payment.give_back(&part, noon());
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
        assert_eq!(payment.begin_attempt("b", "pm_card_visa", noon(), SOON), Ok(Begun::AlreadyPaid));
        accepted(&mut payment, &part);
        payment.take_announcements();
    }
    owed(&mut payment, 3000);
    payment.asked_again();
    assert!(matches!(&replies(&payment.take_announcements())[..], [(Way::Do, Outcome::Refused { .. })]));
    assert!(payment.begin_attempt("c", "pm_card_visa", noon(), SOON).is_err());
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
    payment.give_back(&newest, noon());
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

/// A provider that keeps what was asked of it by each key, gives no more back than it took, and whose messages come when
/// they like.
#[derive(Default)]
struct Provider {
    refunds: Vec<ProviderRefund>,
    answers: BTreeMap<String, (Money, Option<ProviderRefund>)>,
    messages: Vec<ProviderRefund>,
}

impl Provider {
    fn given(&self) -> i64 {
        let given = self.refunds.iter().filter(|refund| refund.status != RefundStatus::Failed);
        given.map(|refund| refund.amount.unwrap().minor).sum()
    }

    fn give(&mut self, amount: Money, ours: Option<(RefundId, u32)>) -> Option<ProviderRefund> {
        if self.given() + amount.minor > 4200 {
            return None;
        }
        let id = format!("re_{}", self.refunds.len());
        let given = ProviderRefund {
            refund_id: ours.map(|(id, _)| id),
            refund_number: ours.map(|(_, number)| number),
            ..elsewhere(&id, amount.minor, RefundStatus::Succeeded)
        };
        self.refunds.push(given.clone());
        self.messages.push(given.clone());
        Some(given)
    }

    /// The worker asks what is to be asked; the answer may get lost.
    fn is_asked(&mut self, payment: &mut Payment, at: DateTime<Utc>, is_heard: bool) {
        let Duty::Refund(id) = payment.duty(at) else { return };
        let refund = payment.is.refunds.iter().find(|refund| refund.id == id).unwrap().clone();
        let key = refund.key(payment.is.id);
        if !self.answers.contains_key(&key) {
            let answer = self.give(refund.tried, Some((id, refund.number)));
            self.answers.insert(key.clone(), (refund.tried, answer));
        }
        let (amount, answer) = self.answers[&key].clone();
        assert_eq!(amount, refund.tried, "a key stands for one amount");
        match answer {
            _ if !is_heard => payment.put_off(at, SOON),
            Some(given) => payment.refund_told(&given, at, SOON),
            None => {
                payment.refund_refused((id, refund.number), &self.refunds, at, SOON);
            }
        }
    }

    fn fails(&mut self, which: usize) {
        let count = self.refunds.len().max(1);
        let given = self.refunds.get_mut(which % count);
        if let Some(given) = given.filter(|given| given.status != RefundStatus::Failed) {
            given.status = RefundStatus::Failed;
            self.messages.push(given.clone());
        }
    }

    /// A message comes; it may come again.
    fn tells(&mut self, payment: &mut Payment, which: usize, again: bool, at: DateTime<Utc>) {
        if !self.messages.is_empty() {
            let place = which % self.messages.len();
            let told = if again { self.messages[place].clone() } else { self.messages.remove(place) };
            payment.refund_told(&told, at, SOON);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]
    #[test]
    fn whatever_comes_between_each_ask_is_answered_and_no_more_goes_back_than_came(
        steps in prop::collection::vec((0_u8..13, 0_usize..1000), 0..40)
    ) {
        let (mut payment, mut provider) = (paid(), Provider::default());
        let (mut asks, mut all, mut undone) = (Vec::<RefundPayment>::new(), Vec::new(), false);
        let mut booked = 0;
        let mut book = |payment: &mut Payment| {
            for posting in payment.take_postings() {
                booked += match posting.cause {
                    Cause::Refund(..) => posting.amount.minor,
                    Cause::RefundFailed(..) => -posting.amount.minor,
                    other => panic!("{other:?}"),
                };
            }
            booked
        };
        let mut at = noon();
        for (what, number) in steps {
            at += TimeDelta::seconds(60);
            match what {
                0..=2 => {
                    let minor = i64::try_from(number * 3).unwrap() + 1;
                    let ask = ask(Some(minor).filter(|_| number % 7 > 0));
                    payment.give_back(&ask, at);
                    asks.push(ask);
                }
                3 if !asks.is_empty() => payment.give_back(&asks[number % asks.len()], at),
                4 | 5 => provider.is_asked(&mut payment, at, true),
                6 => provider.is_asked(&mut payment, at, false),
                7 => drop(provider.give(euro(i64::try_from(number * 4).unwrap() + 1), None)),
                8 => provider.fails(number),
                9 | 10 => provider.tells(&mut payment, number, false, at),
                11 => provider.tells(&mut payment, number, true, at),
                12 if number % 4 == 0 => {
                    payment.end(IfPaid::Refund, "called off", at);
                    undone = true;
                }
                _ => payment.look_soon(at),
            }
            prop_assert_eq!(book(&mut payment), payment.refunded().minor);
            let is_owed = payment.is.refunds.iter().any(|refund| refund.state == RefundState::Owed);
            prop_assert!(!is_owed || payment.left() >= 0, "no more is owed than is left");
            prop_assert_eq!(is_owed, payment.is.due_at.is_some());
            all.extend(payment.take_announcements());
        }
        // In the end everything is told and asked.
        for _ in 0..1000 {
            at += TimeDelta::days(1);
            provider.is_asked(&mut payment, at, true);
            provider.tells(&mut payment, usize::MAX, false, at);
        }
        prop_assert_eq!(payment.duty(at + TimeDelta::days(1)), Duty::Rest);
        all.extend(payment.take_announcements());
        let given = provider.given();
        prop_assert_eq!((given, book(&mut payment)), (payment.refunded().minor, given));
        prop_assert!(given <= 4200);
        prop_assert!(!undone || given == 4200);
        if undone {
            prop_assert!(replies(&all).contains(&(Way::Undo, Outcome::Done)));
        }
        let answers = told::<SagaReply>(&all);
        for ask in &asks {
            prop_assert!(answers.iter().any(|reply| reply.saga_id == ask.asked.saga_id), "{:?}", ask);
            let kept = payment.is.refunds.iter().find(|refund| refund.id == ask.refund_id);
            let asked = ask.amount.map_or(4200, |amount| amount.minor);
            prop_assert!(kept.is_none_or(|refund| refund.amount.minor <= asked));
        }
        let failures = told::<RefundFailed>(&all).len();
        let failed = provider.refunds.iter().filter(|refund| refund.status == RefundStatus::Failed).count();
        prop_assert!(failures <= failed, "each failure is told once");
        let told: Vec<_> = told::<PaymentRefunded>(&all).into_iter().map(|fact| fact.refund_id).collect();
        prop_assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "each refund is told once");
    }
}
