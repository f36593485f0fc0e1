use chrono::{DateTime, TimeDelta, Utc};
use contracts::settings;
use kernel::{Rate, TimeZone};
use serde::{Deserialize, Serialize};

use super::refund::RefundTerms;

/// What buyers get back who return tickets themselves, until which instants.
///
/// It is frozen when an order is placed: neither another policy of its organization nor another start of its event changes
/// it. Without rules nothing goes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// The one that ends first comes first.
    #[serde(default)]
    rules: Vec<RefundRule>,
    #[serde(default)]
    fees_kept: bool,
}

/// How much goes back of what is returned in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRule {
    /// Until when; at that instant no longer.
    pub until: DateTime<Utc>,
    /// Which part of what was paid.
    pub percent: Rate,
}

impl RefundPolicy {
    /// That of an organization for an event that starts then, as it is `now`: what has passed, and what gives nothing back, is
    /// left out.
    pub fn of(settings: &settings::RefundPolicy, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let rule = |rule: &settings::RefundRule| {
            let before = TimeDelta::hours(i64::from(rule.hours_before_start));
            Some(RefundRule { until: starts_at.checked_sub_signed(before)?, percent: rule.percent })
        };
        let rules = settings.rules.iter().filter_map(rule);
        let mut rules: Vec<_> = rules.filter(|rule| now < rule.until && !rule.percent.is_zero()).collect();
        rules.sort_unstable_by_key(|rule| (rule.until, std::cmp::Reverse(rule.percent)));
        rules.dedup_by_key(|rule| rule.until);
        Self { rules, fees_kept: settings.fees_kept }
    }

    /// True when nothing ever goes back.
    pub fn is_none(&self) -> bool {
        self.rules.is_empty()
    }

    /// Its rules, the one that ends first first.
    pub fn rules(&self) -> &[RefundRule] {
        &self.rules
    }

    /// True when fees that were passed on stay with whoever got them.
    pub fn fees_kept(&self) -> bool {
        self.fees_kept
    }

    /// How much goes back of what is returned `now`, and until when that is so; nothing once the time for it is over.
    pub fn terms_at(&self, now: DateTime<Utc>) -> Option<(RefundTerms, DateTime<Utc>)> {
        let rule = self.rules.iter().find(|rule| now < rule.until)?;
        Some((RefundTerms { percent: rule.percent, fees_kept: self.fees_kept }, rule.until))
    }

    /// When the last of it ends.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.rules.last().map(|rule| rule.until)
    }

    /// The same in words, with times by the clocks of the zone: `Full refund until …; half until …; fees stay.`
    pub fn described(&self, zone: TimeZone) -> String {
        if self.is_none() {
            return "No refunds.".to_owned();
        }
        let part = |percent: Rate, first: bool| match (first, percent) {
            (true, Rate::WHOLE) => "Full refund".to_owned(),
            (false, Rate::WHOLE) => "everything".to_owned(),
            (true, percent) if percent == HALF => "Half of it back".to_owned(),
            (false, percent) if percent == HALF => "half".to_owned(),
            (true, percent) => format!("{percent} % back"),
            (false, percent) => format!("{percent} %"),
        };
        let written = |(place, rule): (usize, &RefundRule)| {
            let until = printing::written_instant(rule.until, zone.tz());
            format!("{} until {until}", part(rule.percent, place == 0))
        };
        let mut parts: Vec<String> = self.rules.iter().enumerate().map(written).collect();
        parts.extend(self.fees_kept.then(|| "fees stay".to_owned()));
        format!("{}.", parts.join("; "))
    }
}

const HALF: Rate = Rate::percent(50);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: &str = "2027-03-28T18:30:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told(rules: &[(u32, u32)], fees_kept: bool) -> settings::RefundPolicy {
        let rule = |(hours, percent): &(u32, u32)| settings::RefundRule {
            hours_before_start: *hours,
            percent: Rate::percent(*percent),
        };
        settings::RefundPolicy { rules: rules.iter().map(rule).collect(), fees_kept }
    }

    fn policy(rules: &[(u32, u32)]) -> RefundPolicy {
        RefundPolicy::of(&told(rules, false), at(START), at("2027-01-01T00:00:00Z"))
    }

    #[test]
    fn the_earliest_that_still_holds_counts_to_the_millisecond() {
        let policy = policy(&[(24, 50), (336, 100)]);
        for (now, expected) in [
            ("2027-03-14T18:29:59.999Z", Some((100, "2027-03-14T18:30:00Z"))),
            ("2027-03-14T18:30:00Z", Some((50, "2027-03-27T18:30:00Z"))),
            ("2027-03-27T18:29:59.999Z", Some((50, "2027-03-27T18:30:00Z"))),
            ("2027-03-27T18:30:00Z", None),
        ] {
            let found = policy.terms_at(at(now)).map(|(terms, until)| (terms.percent, until));
            assert_eq!(found, expected.map(|(percent, until)| (Rate::percent(percent), at(until))), "{now}");
        }
        assert_eq!(policy.ends_at(), Some(at("2027-03-27T18:30:00Z")));
    }

    #[test]
    fn what_has_passed_or_gives_nothing_or_is_before_all_time_is_no_rule() {
        let told = told(&[(336, 100), (24, 50), (1, 0), (u32::MAX, 100)], true);
        let late = RefundPolicy::of(&told, at(START), at("2027-03-20T00:00:00Z"));
        assert_eq!(late.rules().iter().map(|rule| rule.percent).collect::<Vec<_>>(), [HALF]);
        assert!(RefundPolicy::of(&told, at(START), at(START)).is_none());
        assert!(RefundPolicy::default().is_none());
    }

    #[test]
    fn it_is_told_in_words_by_the_clocks_of_the_event() {
        let vienna: TimeZone = "Europe/Vienna".parse().unwrap();
        let told = told(&[(336, 100), (24, 50), (1, 25)], true);
        let words = RefundPolicy::of(&told, at(START), at("2027-01-01T00:00:00Z")).described(vienna);
        // Clocks there go forward in the night before.
        let expected = "Full refund until Sunday, 14 March 2027, 19:30 CET; half until Saturday, 27 March 2027, 19:30 CET; \
                        25 % until Sunday, 28 March 2027, 19:30 CEST; fees stay.";
        assert_eq!(words, expected);
        assert_eq!(
            policy(&[(24, 50)]).described(TimeZone::UTC),
            "Half of it back until Saturday, 27 March 2027, 18:30 UTC."
        );
        assert_eq!(RefundPolicy::default().described(vienna), "No refunds.");
    }

    #[test]
    fn what_is_kept_with_an_order_reads_the_same() {
        let policy = policy(&[(24, 50), (336, 100)]);
        let text = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<RefundPolicy>(&text).unwrap(), policy);
        assert!(serde_json::from_str::<RefundPolicy>("{}").unwrap().is_none());
    }

    proptest! {
        #[test]
        fn who_waits_never_gets_more_where_more_hours_never_give_less(
            hours in proptest::collection::btree_set(0_u32..1_000, 1..10),
            mut percents in proptest::collection::vec(0_u32..=100, 10),
            minutes in proptest::collection::vec(0_i64..60_000, 2..20),
        ) {
            percents.sort_unstable();
            let rules: Vec<_> = hours.into_iter().zip(percents).collect();
            let policy = policy(&rules);
            let mut times: Vec<_> = minutes.iter().map(|before| at(START) - TimeDelta::minutes(*before)).collect();
            times.sort_unstable();
            let percent = |now: &DateTime<Utc>| policy.terms_at(*now).map_or(Rate::ZERO, |(terms, until)| {
                assert!(*now < until && policy.ends_at().is_some_and(|end| until <= end));
                terms.percent
            });
            prop_assert!(times.iter().map(percent).is_sorted_by(|earlier, later| earlier >= later));
        }
    }
}
