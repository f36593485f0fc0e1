//! Refunds that somebody asks for, at a provider of whom anything may be expected, whatever comes between.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    payments::{RefundFailed, RefundPayment},
    saga::SagaReply,
};
use kernel::RefundId;

use super::{
    refunds::{ask, elsewhere, paid},
    *,
};

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

/// Somebody asks, and what is refused is kept.
fn asked(
    payment: &mut Payment,
    ask: &RefundPayment,
    refused: &mut BTreeMap<RefundId, String>,
    at: DateTime<Utc>,
) {
    let before = refused.get(&ask.refund_id).map(String::as_str);
    if let Some(reason) = payment.give_back(ask, before, at) {
        refused.entry(ask.refund_id).or_insert(reason);
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
        let mut refused = BTreeMap::new();
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
                    asked(&mut payment, &ask, &mut refused, at);
                    asks.push(ask);
                }
                3 if !asks.is_empty() => asked(&mut payment, &asks[number % asks.len()], &mut refused, at),
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
        // In the end everybody asks once more, and everything is told and asked.
        for ask in &asks {
            asked(&mut payment, ask, &mut refused, at);
        }
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
            let outcomes: Vec<_> =
                answers.iter().filter(|reply| reply.saga_id == ask.asked.saga_id).map(|reply| &reply.outcome).collect();
            if let Some(reason) = refused.get(&ask.refund_id) {
                prop_assert!(kept.is_none(), "what was refused was given back");
                let refused = Outcome::Refused { reason: reason.clone() };
                prop_assert!(outcomes.iter().all(|outcome| **outcome == refused), "{:?}", outcomes);
            } else {
                prop_assert!(outcomes.iter().all(|outcome| **outcome == Outcome::Done), "{:?}", outcomes);
            }
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
