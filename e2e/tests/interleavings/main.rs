//! Money survives whatever happens in whichever order.
//!
//! A case is a sale with a few buyers and a plan: people hold, put in codes, check out, pay in every way, give up, give
//! back, dispute, while the organizer and the provider do what they do, and everything of ours is killed. Then everything
//! is mended, comes to rest, and has to agree: orders, tickets, both ledgers, the provider, mails, invoices.
//!
//! `INTERLEAVINGS=200 SEED=1` plays two hundred cases, from that seed on, a few at a time on one platform. A case that fails
//! says its seed, which repeats its plan. Plans are not shrunk as `proptest` would, which tries hundreds of times: each
//! try takes a platform and ten seconds. `SHRINK=20` tries so often to leave steps out of the plan of a case that fails.

#![expect(clippy::unwrap_used, reason = "a case that cannot be played has failed")]

mod act;
mod case;
mod checks;
mod perform;
mod plan;
mod rest;
mod sale;
mod seen;
mod stage;

use std::time::Instant;

use e2e::chance::{given_number, seed, tell};
use futures::future::join_all;

use case::Case;
use plan::Plan;
use stage::Stage;

/// How many cases are played at the same time.
const AT_ONCE: u64 = 10;
/// How many are played, in one process and in many, where nobody says how many.
const CASES: u64 = 20;
const CASES_IN_PRODUCTION: u64 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_survives_whatever_happens_in_whichever_order() {
    let first = given_number("SEED").unwrap_or_else(|| seed() % 1_000_000);
    let stage = Stage::set().await;
    let usual = if stage.is_one_process().await { CASES } else { CASES_IN_PRODUCTION };
    let cases = given_number("INTERLEAVINGS").unwrap_or(usual);
    let began = Instant::now();
    tell(&format!("SEED={first} INTERLEAVINGS={cases}"));
    for from in (first..first + cases).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let seeds = from..(from + AT_ONCE).min(first + cases);
        let round = Instant::now();
        let wrong = plays(&stage, seeds.clone().map(Plan::of).collect()).await;
        tell(&format!("seeds {seeds:?}: {} ms, {} wrong", round.elapsed().as_millis(), wrong.len()));
        if !wrong.is_empty() {
            tell(&stage.tally.told());
            let broken = seeds
                .clone()
                .map(Plan::of)
                .filter(|plan| wrong.iter().any(|wrong| wrong.starts_with(&format!("case {}:", plan.seed))));
            for plan in broken {
                tell(&shrunk(plan).await.to_string());
            }
            panic!("SEED={from} INTERLEAVINGS={}:\n  {}", seeds.end - from, wrong.join("\n  "));
        }
    }
    let different = stage.differences().await;
    assert!(different.is_empty(), "copies differ:\n  {}", different.join("\n  "));
    tell(&format!(
        "{cases} cases from seed {first}, {} s\n{}",
        began.elapsed().as_secs(),
        stage.tally.told()
    ));
    for what in ["check out", "pay", "on the page", "refund"] {
        assert!(stage.tally.done(what) > 0, "nobody ever came to {what}: {}", stage.tally.told());
    }
}

/// Plays some plans at the same time; what is wrong afterwards.
async fn plays(stage: &Stage, plans: Vec<Plan>) -> Vec<String> {
    let seed = plans[0].seed;
    let cases = join_all(plans.into_iter().map(|plan| Box::pin(Case::opens(stage, plan)))).await;
    join_all(cases.iter().map(Case::runs)).await;
    Box::pin(stage.comes_to_rest(&cases, seed)).await
}

/// The plan without what it takes not to fail, found in as many tries as `SHRINK` allows, each on a platform of its own:
/// halves are left out, then quarters, and so on.
async fn shrunk(mut plan: Plan) -> Plan {
    let mut tries = given_number("SHRINK").unwrap_or(0);
    let mut size = plan.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < plan.len() && tries > 0 {
            tries -= 1;
            let smaller = plan.without(&(from..from + size));
            let stage = Stage::set().await;
            let wrong = plays(&stage, vec![smaller.clone()]).await;
            tell(&format!("{} of {} steps: {} wrong", smaller.len(), plan.len(), wrong.len()));
            stage.stays_as_it_is().await;
            if wrong.is_empty() {
                from += size;
            } else {
                plan = smaller;
            }
        }
        size = if tries == 0 { 0 } else { size / 2 };
    }
    plan
}
