use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::{Currency, EventId, Money, Problems, PromoCodeId, Rate, Refusal, TicketTypeId};

use crate::domain::{
    pricing::{Off, Promo},
    reasons,
};

/// How many characters a code has.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=32;

/// Everything about a promo code; what databases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromoCodeSnapshot {
    /// Which.
    pub id: PromoCodeId,
    /// Of which event.
    pub event: EventId,
    /// The code as its organizer wrote it, what it takes off, and of which tickets.
    pub promo: Promo,
    /// How many orders may have it, reservations that are no orders yet among them.
    pub max_redemptions: Option<u32>,
    /// How many of them may be one buyer's.
    pub max_per_buyer: Option<u32>,
    /// From when it can be used.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when.
    pub valid_until: Option<DateTime<Utc>>,
    /// False while its organizer has switched it off.
    pub active: bool,
}

/// A code that takes something off the price of an event's tickets, within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromoCode {
    state: PromoCodeSnapshot,
}

/// What becomes of something that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    Keep,
    /// It is taken away.
    Clear,
    /// It is this from now on.
    Set(T),
}

impl<T> Change<T> {
    fn of(self, value: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::Set(new) => *value = Some(new),
        }
    }
}

/// What an organizer changes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromoCodeChange {
    /// How many orders may have it.
    pub max_redemptions: Change<u32>,
    /// Until when it can be used.
    pub valid_until: Change<DateTime<Utc>>,
    /// Whether it can be used at all.
    pub active: Option<bool>,
}

/// How often a code is redeemed: by orders, but for those that ended without tickets, and by reservations that wait for
/// their buyers. What is not limited is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redemptions {
    /// By everybody.
    pub all: Redeemed,
    /// By the buyer who asks.
    pub by_buyer: Redeemed,
}

/// A number of redemptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redeemed {
    /// How many there are.
    pub times: u32,
    /// When the time of the first of them is over that is not bought yet; it is given back then unless it is bought.
    pub first_ends_at: Option<DateTime<Utc>>,
}

impl PromoCode {
    /// A new code of an event, checked: all that is wrong is told at once. It is for tickets of types that are among
    /// `types`, which are the event's.
    pub fn define(
        is: PromoCodeSnapshot,
        types: &[TicketTypeId],
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let mut problems = Problems::default();
        let (code, length) = (&is.promo.code, is.promo.code.chars().count());
        let may_be = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let (fewest, most) = (LENGTH.start(), LENGTH.end());
        if length < *fewest {
            let refusal = Refusal::bad_input("code", format!("must have at least {fewest} characters"));
            problems.add(refusal.because(kernel::reasons::TOO_SHORT));
        } else if length > *most {
            let refusal = Refusal::bad_input("code", format!("must have at most {most} characters"));
            problems.add(refusal.because(kernel::reasons::TOO_LONG));
        } else if !code.chars().all(may_be) {
            let refusal = Refusal::bad_input("code", "must consist of letters from A to Z, digits, - and _");
            problems.add(refusal.because(kernel::reasons::FORBIDDEN_CHARACTERS));
        }
        let mut named = BTreeSet::new();
        for (at, id) in is.promo.ticket_types.iter().flatten().enumerate() {
            let wrong = if !types.contains(id) {
                Some(("must be ticket types of the event", kernel::reasons::UNKNOWN))
            } else if !named.insert(id) {
                Some(("names a ticket type twice", kernel::reasons::DUPLICATE))
            } else {
                None
            };
            if let Some((why, reason)) = wrong {
                let refusal = Refusal::bad_input("ticketTypeIds", why).because(reason);
                problems.add(refusal.standing_at(&format!("ticketTypeIds[{at}]")));
            }
        }
        if is.valid_until.is_some_and(|until| until <= now) {
            let refusal = Refusal::bad_input("validUntil", "must be in the future");
            problems.add(refusal.because(kernel::reasons::IN_THE_PAST));
        }
        problems.note(in_order(is.valid_from, is.valid_until));
        problems.refuse().map(|()| Self { state: is })
    }

    /// The code as it was saved; for adapters.
    pub fn restore(state: PromoCodeSnapshot) -> Self {
        Self { state }
    }

    /// Everything about it.
    pub fn state(&self) -> &PromoCodeSnapshot {
        &self.state
    }

    /// What a code is found by: it is the same in capital letters or not.
    pub fn name_of(code: &str) -> String {
        code.trim().to_ascii_uppercase()
    }

    /// What it is found by.
    pub fn name(&self) -> String {
        Self::name_of(&self.state.promo.code)
    }

    /// Changes what may be changed. Whoever has redeemed it keeps what it took off.
    pub fn change(&mut self, change: PromoCodeChange) -> Result<(), Refusal> {
        let mut changed = self.state.clone();
        change.max_redemptions.of(&mut changed.max_redemptions);
        change.valid_until.of(&mut changed.valid_until);
        changed.active = change.active.unwrap_or(changed.active);
        in_order(changed.valid_from, changed.valid_until)?;
        self.state = changed;
        Ok(())
    }

    /// Refuses when it cannot be redeemed once more, and says when it can where that is known.
    pub fn may_be_redeemed(&self, so_far: &Redemptions, now: DateTime<Utc>) -> Result<(), Refusal> {
        let (is, code) = (&self.state, &self.state.promo.code);
        if !is.active {
            let message = format!("The code {code} cannot be used just now.");
            return Err(Refusal::new(reasons::PROMO_CODE_INACTIVE, message));
        }
        if is.valid_until.is_some_and(|until| until <= now) {
            let message = format!("The time of the code {code} is over.");
            return Err(Refusal::new(reasons::PROMO_CODE_EXPIRED, message));
        }
        if let Some(from) = is.valid_from.filter(|from| now < *from) {
            let message =
                format!("The code {code} cannot be used yet. It can from {} on.", kernel::rfc3339(from));
            let refusal = Refusal::new(reasons::PROMO_CODE_NOT_YET_VALID, message);
            return Err(refusal.with("opensAt", kernel::rfc3339(from)));
        }
        if let Some(most) = is.max_per_buyer.filter(|most| so_far.by_buyer.times >= *most) {
            let times = if most == 1 { "once".to_owned() } else { format!("{most} times") };
            let message = format!("The code {code} can be used {times} by the same buyer, and you have.");
            let refusal = Refusal::new(reasons::PROMO_CODE_USED_BEFORE, message).with("limit", most);
            return Err(so_far.by_buyer.hinting(refusal, now));
        }
        if is.max_redemptions.is_some_and(|most| so_far.all.times >= most) {
            let message = format!("The code {code} has been used as often as it can be.");
            return Err(so_far.all.hinting(Refusal::new(reasons::PROMO_CODE_USED_UP, message), now));
        }
        Ok(())
    }
}

impl Redeemed {
    /// Says when it makes sense to come again, where one of them may be given back.
    fn hinting(self, mut refusal: Refusal, now: DateTime<Utc>) -> Refusal {
        let Some(ends_at) = self.first_ends_at.filter(|ends_at| *ends_at > now) else { return refusal };
        let seconds = (ends_at - now).num_seconds() + 1;
        let hint = format!(" Not all of that is paid yet: it may be free again in {seconds} seconds.");
        refusal.message.push_str(&hint);
        refusal.with("retryAfterSeconds", seconds)
    }
}

/// What is taken off, of which an organizer says the one or the other: a part in percent, where 100 makes tickets free, or
/// an amount in the event's currency.
pub fn off(percent: Option<Rate>, amount: Option<Money>, currency: Currency) -> Result<Off, Refusal> {
    match (percent, amount) {
        (Some(percent), None) => Off::percent("percentOff", percent),
        (None, Some(amount)) => Off::amount("amountOff", amount, currency),
        (Some(_), Some(_)) => {
            let message = "must be left out when there is percentOff, or percentOff when there is an amount";
            Err(Refusal::bad_input("amountOff", message).because(kernel::reasons::INCONSISTENT))
        }
        (None, None) => {
            let refusal = Refusal::bad_input("percentOff", "must be given, or amountOff");
            Err(refusal.because(kernel::reasons::REQUIRED))
        }
    }
}

fn in_order(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    match (from, until) {
        (Some(from), Some(until)) if from >= until => {
            let refusal = Refusal::bad_input("validUntil", "must be after validFrom");
            Err(refusal.because(kernel::reasons::INCONSISTENT))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn later(seconds: i64) -> DateTime<Utc> {
        NOW + TimeDelta::seconds(seconds)
    }

    fn spring() -> PromoCodeSnapshot {
        PromoCodeSnapshot {
            id: PromoCodeId::new(),
            event: EventId::new(),
            promo: Promo { code: "Spring-27".to_owned(), off: Off::Everything, ticket_types: None },
            max_redemptions: None,
            max_per_buyer: None,
            valid_from: None,
            valid_until: None,
            active: true,
        }
    }

    fn called(code: &str) -> PromoCodeSnapshot {
        let is = spring();
        PromoCodeSnapshot { promo: Promo { code: code.to_owned(), ..is.promo }, ..is }
    }

    fn redeemed(all: u32, by_buyer: u32, first_ends_at: Option<DateTime<Utc>>) -> Redemptions {
        let times = |times| Redeemed { times, first_ends_at };
        Redemptions { all: times(all), by_buyer: times(by_buyer) }
    }

    fn refused(is: PromoCodeSnapshot, so_far: Redemptions) -> Refusal {
        PromoCode::restore(is).may_be_redeemed(&so_far, NOW).unwrap_err()
    }

    #[test]
    fn a_code_has_3_to_32_letters_digits_hyphens_and_underscores() {
        for code in ["abc", "A_b-9", &"x".repeat(32)] {
            assert!(PromoCode::define(called(code), &[], NOW).is_ok(), "{code}");
        }
        for (code, reason) in [
            ("ab", "TOO_SHORT"),
            (&"x".repeat(33), "TOO_LONG"),
            ("with space", "FORBIDDEN_CHARACTERS"),
            ("ÜBER", "FORBIDDEN_CHARACTERS"),
            ("a%b", "FORBIDDEN_CHARACTERS"),
        ] {
            let refusal = PromoCode::define(called(code), &[], NOW).unwrap_err();
            assert_eq!(
                (refusal.reason.as_ref(), &refusal.details["field"]),
                (reason, &"code".into()),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_is_the_same_in_capital_letters_or_not() {
        let code = PromoCode::restore(spring());
        assert_eq!(code.name(), PromoCode::name_of(" sPRING-27 "));
        assert_ne!(code.name(), PromoCode::name_of("spring_27"));
    }

    #[test]
    fn all_that_is_wrong_with_a_code_is_told_at_once() {
        let [mine, others] = [(); 2].map(|()| TicketTypeId::new());
        let mut is = called("a");
        is.promo.ticket_types = Some(vec![mine, others, mine]);
        (is.valid_from, is.valid_until) = (Some(later(-5)), Some(later(-10)));
        let refusal = PromoCode::define(is, &[mine], NOW).unwrap_err();
        let problems: Vec<_> = refusal
            .problems
            .iter()
            .map(|problem| (problem.field.as_str(), problem.reason.as_ref()))
            .collect();
        let expected = [
            ("code", "TOO_SHORT"),
            ("ticketTypeIds[1]", "UNKNOWN"),
            ("ticketTypeIds[2]", "DUPLICATE"),
            ("validUntil", "IN_THE_PAST"),
            ("validUntil", "INCONSISTENT"),
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn it_takes_off_a_part_or_an_amount_and_not_both() {
        let (eur, half) = (|minor| Money::new(minor, Currency::EUR), Rate::percent(50));
        let of = |percent, amount| off(percent, amount, Currency::EUR);
        assert_eq!(of(Some(half), None), Ok(Off::Percent(half)));
        assert_eq!(of(Some(Rate::WHOLE), None), Ok(Off::Everything));
        assert_eq!(of(None, Some(eur(500))), Ok(Off::Amount(eur(500))));
        for (percent, amount, field) in [
            (None, None, "percentOff"),
            (Some(half), Some(eur(500)), "amountOff"),
            (Some(Rate::ZERO), None, "percentOff"),
            (None, Some(eur(0)), "amountOff"),
            (None, Some(Money::new(500, Currency::JPY)), "amountOff"),
        ] {
            assert_eq!(of(percent, amount).unwrap_err().details["field"], field);
        }
    }

    #[test]
    fn it_is_redeemed_within_its_time_and_while_it_is_switched_on() {
        let off = PromoCodeSnapshot { active: false, ..spring() };
        assert!(refused(off, Redemptions::default()).is(reasons::PROMO_CODE_INACTIVE));
        let over = PromoCodeSnapshot { valid_until: Some(NOW), ..spring() };
        assert!(refused(over, Redemptions::default()).is(reasons::PROMO_CODE_EXPIRED));
        let early = PromoCodeSnapshot { valid_from: Some(later(1)), ..spring() };
        let refusal = refused(early, Redemptions::default());
        assert!(refusal.is(reasons::PROMO_CODE_NOT_YET_VALID), "{refusal}");
        assert_eq!(refusal.details["opensAt"], kernel::rfc3339(later(1)));
        let now = PromoCodeSnapshot { valid_from: Some(NOW), valid_until: Some(later(1)), ..spring() };
        assert_eq!(PromoCode::restore(now).may_be_redeemed(&redeemed(9, 9, None), NOW), Ok(()));
    }

    #[test]
    fn a_limit_that_is_reached_says_when_to_come_again_only_where_something_may_come_back() {
        let limited = PromoCodeSnapshot { max_redemptions: Some(2), max_per_buyer: Some(1), ..spring() };
        let code = PromoCode::restore(limited.clone());
        assert_eq!(code.may_be_redeemed(&redeemed(1, 0, None), NOW), Ok(()));
        for (so_far, reason) in [
            (redeemed(2, 0, None), reasons::PROMO_CODE_USED_UP),
            (redeemed(1, 1, None), reasons::PROMO_CODE_USED_BEFORE),
        ] {
            let refusal = refused(limited.clone(), so_far);
            assert!(refusal.is(reason) && !refusal.details.contains_key("retryAfterSeconds"), "{refusal}");
        }
        let held = refused(limited.clone(), redeemed(2, 0, Some(later(9))));
        assert_eq!(held.details["retryAfterSeconds"], 10);
        let past = refused(limited, redeemed(2, 0, Some(NOW)));
        assert!(!past.details.contains_key("retryAfterSeconds"), "its payment is awaited: {past}");
    }

    #[test]
    fn what_is_left_out_of_a_change_stays() {
        let mut code = PromoCode::restore(PromoCodeSnapshot {
            max_redemptions: Some(5),
            valid_from: Some(later(10)),
            valid_until: Some(later(20)),
            ..spring()
        });
        let before = code.state().clone();
        let nothing =
            PromoCodeChange { max_redemptions: Change::Keep, valid_until: Change::Keep, active: None };
        code.change(nothing).unwrap();
        assert_eq!(*code.state(), before);
        let early = PromoCodeChange { valid_until: Change::Set(later(10)), active: Some(false), ..nothing };
        assert!(code.change(early).unwrap_err().is(kernel::reasons::INCONSISTENT));
        assert_eq!(*code.state(), before, "nothing of it is done");
        let more = PromoCodeChange { max_redemptions: Change::Clear, active: Some(false), ..nothing };
        code.change(more).unwrap();
        assert_eq!(*code.state(), PromoCodeSnapshot { max_redemptions: None, active: false, ..before });
    }
}
