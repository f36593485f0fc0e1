use contracts::settings::{RefundPolicy, RefundRule};
use kernel::{Problems, Rate, Refusal, reasons, together};

/// The most rules of a policy.
const MOST: usize = 10;
/// The most hours before an event's start that a rule can name: a year of them.
const LONGEST: u32 = 8_760;

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
    /// rules come with the most hours first, however they were asked for.
    pub(super) fn read(&self) -> Result<RefundPolicy, Refusal> {
        if self.rules.len() > MOST {
            let refusal = Refusal::bad_input("rules", format!("must have at most {MOST} items"));
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
        let hours = u32::try_from(self.hours_before_start).ok().filter(|hours| *hours <= LONGEST);
        let hours = hours.ok_or_else(|| {
            let message = format!("must be a number of hours from 0 to {LONGEST}");
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
