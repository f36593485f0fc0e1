//! Taxes and refund policies as people type them, for whoever keeps such settings: what of it may be asked for.

use kernel::{Problems, Rate, Refusal, line, reasons, together};

use super::{RefundPolicy, RefundRule, Tax, TaxedOnce};

/// The most characters of a tax's name.
const LONGEST_NAME: usize = 60;
/// The most rules of a refund policy.
const MOST_RULES: usize = 10;
/// The most hours before an event's start that a rule can name: a year of them.
const MOST_HOURS: u32 = 8_760;

/// A tax, as it was typed.
#[derive(Clone, Debug)]
pub struct TaxAsk {
    /// As receipts call it.
    pub name: String,
    /// How many percent.
    pub rate: String,
    /// True when prices have it inside.
    pub included: bool,
    /// Of what it is counted at once.
    pub once: TaxedOnce,
}

impl TaxAsk {
    /// Reads a tax: a name of at most 60 characters, and a rate of 0 to 100 percent. What is wrong is told within `tax`.
    pub fn read(&self) -> Result<Tax, Refusal> {
        let read = (line("name", &self.name, LONGEST_NAME), Rate::parse("rate", &self.rate));
        let (name, rate) = together(read).map_err(|refusal| refusal.within("tax"))?;
        Ok(Tax { name, rate, included: self.included, once: self.once })
    }
}

/// A refund policy, as it was typed.
#[derive(Clone, Debug)]
pub struct RefundPolicyAsk {
    /// How much goes back until when, in any order.
    pub rules: Vec<RefundRuleAsk>,
    /// True when fees do not go back.
    pub fees_kept: bool,
}

/// A rule of a refund policy, as it was typed.
#[derive(Clone, Debug)]
pub struct RefundRuleAsk {
    /// Until how many hours before the start.
    pub hours_before_start: i32,
    /// How many percent go back.
    pub percent: String,
}

impl RefundPolicyAsk {
    /// Reads a policy: at most ten rules, one for each number of hours, and none that gives more to who comes later. The
    /// rules come with the most hours first, however they were asked for. What is wrong is told within `refundPolicy`.
    pub fn read(&self) -> Result<RefundPolicy, Refusal> {
        if self.rules.len() > MOST_RULES {
            let refusal = Refusal::bad_input("rules", format!("must have at most {MOST_RULES} items"));
            return Err(refusal.because(reasons::WRONG_COUNT).within("refundPolicy"));
        }
        let mut problems = Problems::default();
        let mut read: Vec<(usize, RefundRule)> = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            read.extend(problems.note(rule.read(&place(at))).map(|rule| (at, rule)));
        }
        // A stable sort: of two alike, the one that was asked for later is the one too many.
        read.sort_by_key(|(_, rule)| std::cmp::Reverse(rule.hours_before_start));
        for pair in read.windows(2) {
            let [(_, earlier), (at, later)] = pair else { continue };
            if earlier.hours_before_start == later.hours_before_start {
                problems.add(twice(*at));
            } else if later.percent > earlier.percent {
                problems.add(more_for_who_comes_later(*at, *earlier));
            }
        }
        problems.refuse()?;
        let rules = read.into_iter().map(|(_, rule)| rule).collect();
        Ok(RefundPolicy { rules, fees_kept: self.fees_kept })
    }
}

impl RefundRuleAsk {
    fn read(&self, place: &str) -> Result<RefundRule, Refusal> {
        let hours = u32::try_from(self.hours_before_start).ok().filter(|hours| *hours <= MOST_HOURS);
        let hours = hours.ok_or_else(|| {
            let message = format!("must be a number of hours from 0 to {MOST_HOURS}");
            Refusal::bad_input("hoursBeforeStart", message).because(reasons::OUT_OF_RANGE)
        });
        let read = together((hours, Rate::parse("percent", &self.percent)));
        let (hours_before_start, percent) = read.map_err(|refusal| refusal.within(place))?;
        Ok(RefundRule { hours_before_start, percent })
    }
}

fn place(at: usize) -> String {
    format!("refundPolicy.rules[{at}]")
}

fn twice(at: usize) -> Refusal {
    let refusal = Refusal::bad_input("hoursBeforeStart", "must be another number than that of other rules");
    refusal.because(reasons::DUPLICATE).within(&place(at))
}

fn more_for_who_comes_later(at: usize, earlier: RefundRule) -> Refusal {
    let message = format!(
        "must be at most {}, as in the rule for {} hours: who returns a ticket later gets no more",
        earlier.percent, earlier.hours_before_start
    );
    Refusal::bad_input("percent", message).because(reasons::INCONSISTENT).within(&place(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tax(name: &str, rate: &str) -> Result<Tax, Refusal> {
        let once = TaxedOnce::PerLine;
        TaxAsk { name: name.to_owned(), rate: rate.to_owned(), included: true, once }.read()
    }

    fn policy(rules: &[(i32, &str)]) -> Result<RefundPolicy, Refusal> {
        let rule = |(hours, percent): &(i32, &str)| RefundRuleAsk {
            hours_before_start: *hours,
            percent: (*percent).to_owned(),
        };
        RefundPolicyAsk { rules: rules.iter().map(rule).collect(), fees_kept: false }.read()
    }

    /// Where something is wrong, and why.
    fn wrong<T: std::fmt::Debug>(read: Result<T, Refusal>) -> Vec<(String, String)> {
        let problems = read.unwrap_err().problems.into_iter();
        problems.map(|problem| (problem.field, problem.reason.into_owned())).collect()
    }

    fn is(field: &str, reason: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), reason.to_owned())]
    }

    #[test]
    fn a_tax_has_a_name_and_a_rate() {
        let read = tax(" VAT ", "7.7").unwrap();
        assert_eq!((read.name.as_str(), read.rate.to_string().as_str(), read.included), ("VAT", "7.7", true));
        assert_eq!(wrong(tax("", "7")), is("tax.name", "REQUIRED"));
        assert_eq!(wrong(tax(&"x".repeat(61), "7")), is("tax.name", "TOO_LONG"));
        for rate in ["", "-1", "100.1", "19 %"] {
            assert_eq!(wrong(tax("VAT", rate)), is("tax.rate", "MALFORMED"), "{rate}");
        }
    }

    #[test]
    fn the_rules_of_a_refund_policy_come_with_the_most_hours_first() {
        let read = policy(&[(24, "50"), (0, "0"), (8760, "100"), (48, "50")]).unwrap().rules;
        let rule =
            |hours_before_start, percent| RefundRule { hours_before_start, percent: Rate::percent(percent) };
        assert_eq!(read, [rule(8760, 100), rule(48, 50), rule(24, 50), rule(0, 0)]);
    }

    #[test]
    fn who_returns_a_ticket_later_never_gets_more() {
        let more = policy(&[(24, "50"), (72, "40")]);
        assert_eq!(wrong(more), is("refundPolicy.rules[0].percent", "INCONSISTENT"));
        let twice = policy(&[(24, "50"), (72, "80"), (24, "50")]);
        assert_eq!(wrong(twice), is("refundPolicy.rules[2].hoursBeforeStart", "DUPLICATE"));
        for hours in [-1, 8761, i32::MAX] {
            let bad = policy(&[(24, "50"), (hours, "50")]);
            assert_eq!(wrong(bad), is("refundPolicy.rules[1].hoursBeforeStart", "OUT_OF_RANGE"));
        }
        assert_eq!(wrong(policy(&[(24, "101")])), is("refundPolicy.rules[0].percent", "MALFORMED"));
        let eleven: Vec<_> = (0..11).map(|hours| (hours, "50")).collect();
        assert_eq!(wrong(policy(&eleven)), is("refundPolicy.rules", "WRONG_COUNT"));
        assert_eq!(policy(&eleven[1..]).unwrap().rules.len(), 10);
    }
}
