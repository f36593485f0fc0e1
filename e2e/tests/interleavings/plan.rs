//! What is to happen in a case, all of it decided by its seed.

use std::fmt;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    act::{Act, Choice, Mood, Part},
    sale::Sale,
};

/// How many steps a case has.
const STEPS: std::ops::RangeInclusive<usize> = 20..=60;
/// How many things happen at once, at most.
const AT_ONCE: usize = 4;

/// What is to happen in a case.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// By which all of it was decided.
    pub(crate) seed: u64,
    /// What is sold, and on which terms.
    pub(crate) sale: Sale,
    /// How many people buy.
    pub(crate) buyers: usize,
    /// What is done, one after the other; what stands together is done at once.
    pub(crate) groups: Vec<Vec<Step>>,
}

/// Somebody does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Which one in its plan.
    pub(crate) number: usize,
    /// Which buyer does it, or with whose order it is done.
    pub(crate) who: usize,
    /// What.
    pub(crate) act: Act,
}

/// How far a buyer is, if everything goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Nothing,
    Chosen,
    Ordered,
    AtTheBank,
    OnThePage,
    Paid,
    Disputed,
    Returned,
}

impl Plan {
    /// The plan of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let sale = Sale::any(&mut random);
        let buyers = random.random_range(3..=6);
        let steps = random.random_range(STEPS);
        let mut phases = vec![Phase::Nothing; buyers];
        let (mut groups, mut number) = (Vec::new(), 0);
        let once = [Act::CallOff, Act::Reschedule { window: random.random() }, Act::ChangeTerms];
        // Each of these in some cases, those whose moment is among the steps: called off late, as little is left to do then.
        let latest = [60..240, 20..200, 10..250];
        let moments = latest.map(|percent| random.random_range(percent) * steps / 100);
        let mut due: Vec<(usize, Act)> = moments.into_iter().zip(once).collect();
        while number < steps {
            let size = if random.random_ratio(3, 5) { 1 } else { random.random_range(2..=AT_ONCE) };
            let mut group: Vec<Step> = Vec::new();
            for _ in 0..size {
                let who = random.random_range(0..buyers);
                let due_now = due.iter().position(|(moment, _)| *moment <= number);
                let act = match due_now {
                    Some(place) => due.swap_remove(place).1,
                    None if random.random_ratio(1, 12) => around(&mut random),
                    None => {
                        let (act, then) = next(phases[who], &mut random);
                        // What one buyer does with a cart is done in order: what they were shown is what they mean.
                        if group
                            .iter()
                            .any(|other| other.who == who && (other.act.is_of_a_cart() || act.is_of_a_cart()))
                        {
                            continue;
                        }
                        phases[who] = then;
                        act
                    }
                };
                group.push(Step { number, who, act });
                number += 1;
            }
            groups.push(group);
        }
        Self { seed, sale, buyers, groups }
    }

    /// How many steps there are.
    pub(crate) fn len(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    /// The same without some of its steps, counted from the first.
    pub(crate) fn without(&self, left_out: &std::ops::Range<usize>) -> Self {
        let mut place = 0;
        let mut keeps = |_: &Step| {
            place += 1;
            !left_out.contains(&(place - 1))
        };
        let groups = self.groups.iter().map(|group| group.iter().copied().filter(&mut keeps).collect());
        let groups = groups.filter(|group: &Vec<Step>| !group.is_empty()).collect();
        Self { groups, ..self.clone() }
    }
}

/// What a buyer who has come so far does next, or what happens to them; and how far they are then.
fn next(phase: Phase, random: &mut StdRng) -> (Act, Phase) {
    let chance = random.random_range(0..100);
    match phase {
        Phase::Nothing => (chooses(random), Phase::Chosen),
        Phase::Chosen => match chance {
            0..=47 => (Act::CheckOut, Phase::Ordered),
            48..=67 => (Act::ApplyCode(random.random_range(0..2)), phase),
            68..=75 => (Act::RemoveCode, phase),
            76..=85 => (Act::Extend, phase),
            86..=90 => (Act::Release, Phase::Nothing),
            91..=93 => (Act::LetTimeRunOut, phase),
            _ => (chooses(random), phase),
        },
        Phase::Ordered => pays(chance, random),
        Phase::AtTheBank => match chance {
            0..=49 => (Act::AtTheBank { agrees: true, late: false }, Phase::Paid),
            50..=64 => (Act::AtTheBank { agrees: true, late: true }, Phase::Paid),
            65..=79 => (Act::AtTheBank { agrees: false, late: false }, Phase::Ordered),
            80..=89 => (Act::GiveUp, Phase::Nothing),
            _ => (chooses(random), Phase::Chosen),
        },
        Phase::OnThePage => match chance {
            0..=54 => (Act::OnThePage(Choice::Pay), Phase::Paid),
            55..=67 => (Act::OnThePage(Choice::Authenticate), Phase::AtTheBank),
            68..=79 => (Act::OnThePage(Choice::Decline), phase),
            80..=87 => (Act::Pay("pm_card_mastercard"), Phase::Paid),
            88..=94 => (Act::GiveUp, Phase::Nothing),
            _ => (Act::LetTimeRunOut, phase),
        },
        Phase::Paid => match chance {
            0..=17 => (Act::Return(part(random)), Phase::Returned),
            18..=42 => {
                (Act::Refund { part: part(random), keeps_places: random.random_ratio(1, 4) }, Phase::Returned)
            }
            43..=55 => (Act::RefundInTheDashboard(part(random)), Phase::Returned),
            56..=67 => (Act::Dispute, Phase::Disputed),
            68..=71 => (Act::Pay("pm_card_visa"), phase),
            72..=83 => (Act::PassOn, phase),
            _ => (chooses(random), Phase::Chosen),
        },
        Phase::Disputed => match chance {
            0..=34 => (Act::EndDispute { won: true }, Phase::Paid),
            35..=54 => (Act::EndDispute { won: false }, Phase::Nothing),
            55..=60 => (Act::PassOn, phase),
            61..=74 => (Act::Refund { part: part(random), keeps_places: false }, phase),
            _ => (chooses(random), Phase::Chosen),
        },
        Phase::Returned => match chance {
            0..=29 => (Act::BankReturnsRefund, phase),
            30..=54 => (Act::Refund { part: part(random), keeps_places: false }, phase),
            55..=64 => (Act::Return(Part::All), phase),
            65..=72 => (Act::PassOn, phase),
            _ => (chooses(random), Phase::Chosen),
        },
    }
}

/// What whoever has an order does to pay it, or not to.
fn pays(chance: u32, random: &mut StdRng) -> (Act, Phase) {
    const GOOD: [&str; 4] = ["pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_pendingRefund"];
    const BAD: [&str; 3] = [
        "pm_card_chargeDeclined",
        "pm_card_chargeDeclinedInsufficientFunds",
        "pm_card_chargeDeclinedExpiredCard",
    ];
    match chance {
        0..=27 => (Act::Pay(GOOD.choose(random).expect("there are some")), Phase::Paid),
        28..=41 => (Act::Pay(BAD.choose(random).expect("there are some")), Phase::Ordered),
        42..=56 => (Act::Pay("pm_card_authenticationRequired"), Phase::AtTheBank),
        57..=74 => (Act::OpenThePage, Phase::OnThePage),
        75..=83 => (Act::PayTwice, Phase::Paid),
        84..=90 => (Act::GiveUp, Phase::Ordered),
        91..=94 => (Act::LetTimeRunOut, Phase::Ordered),
        _ => (chooses(random), Phase::Chosen),
    }
}

fn chooses(random: &mut StdRng) -> Act {
    let first = random.random_range(0..Sale::SEATS);
    let standing = random.random_range(0..=2);
    let seats = random.random_range(usize::from(standing == 0)..=2);
    Act::Hold { first, seats, standing }
}

fn part(random: &mut StdRng) -> Part {
    if random.random() { Part::All } else { Part::One }
}

/// What happens to everybody at once.
fn around(random: &mut StdRng) -> Act {
    match random.random_range(0..100) {
        0..=39 => Act::Provider(Mood::Webhooks {
            delayed: random.random(),
            doubled: random.random(),
            reordered: random.random(),
            lost_at_first: random.random_ratio(1, 4),
        }),
        40..=49 => Act::Provider(Mood::LosesWebhooks),
        50..=57 => Act::Provider(Mood::Fails),
        58..=65 => Act::Provider(Mood::IsSilent),
        66..=77 => Act::Provider(Mood::IsWell),
        _ => Act::Kill,
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}, {} buyers, {:?}", self.seed, self.buyers, self.sale)?;
        for group in &self.groups {
            let told: Vec<_> =
                group.iter().map(|step| format!("{}: {} {:?}", step.number, step.who, step.act)).collect();
            writeln!(f, "  {}", told.join("  |  "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_repeats_its_plan_and_another_makes_another() {
        assert_eq!(Plan::of(7).to_string(), Plan::of(7).to_string());
        assert_ne!(Plan::of(7).groups, Plan::of(8).groups);
    }

    #[test]
    fn everything_that_can_happen_is_planned_sooner_or_later() {
        let plans: Vec<_> = (0..200).map(Plan::of).collect();
        let planned: BTreeSet<_> =
            plans.iter().flat_map(|plan| plan.groups.iter().flatten()).map(|step| step.act.name()).collect();
        assert_eq!(planned, Act::NAMES.into_iter().collect());
        assert!(plans.iter().all(|plan| (20..64).contains(&plan.len())));
        assert!(plans.iter().any(|plan| plan.groups.iter().any(|group| group.len() == AT_ONCE)));
    }

    #[test]
    fn what_is_left_out_is_gone_and_the_rest_is_as_it_was() {
        let plan = Plan::of(3);
        let rest = plan.without(&(2..5));
        assert_eq!(rest.len(), plan.len() - 3);
        let numbers =
            |plan: &Plan| -> Vec<usize> { plan.groups.iter().flatten().map(|step| step.number).collect() };
        let mut kept = numbers(&plan);
        kept.drain(2..5);
        assert_eq!(numbers(&rest), kept);
    }
}
