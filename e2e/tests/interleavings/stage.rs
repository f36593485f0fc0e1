//! The platform that all cases are played on, and how it comes to rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use e2e::{Address, Dashboard, Platform, Settings, anybody, invariants, rebuild};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    case::{Case, id},
    perform::Came,
    rest::Rest,
};

/// How long the platform may take to come to rest.
const REST: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(300);
/// How long places are set aside, and an order waits for its money.
const TIME: u32 = 8;
/// What may be logged as an error, because it is to be looked at by somebody, and happens here on purpose.
const EXPECTED: [&str; 2] =
    ["a refund failed at the payment provider", "has been charged back; cannot issue a refund"];

/// The platform that cases are played on.
pub(crate) struct Stage {
    platform: tokio::sync::Mutex<Platform>,
    pub(crate) address: Address,
    pub(crate) dashboard: Dashboard,
    pub(crate) tally: Tally,
    /// False as long as nobody can ask for more time to choose.
    pub(crate) can_extend: bool,
    /// False as long as nobody can pass tickets on.
    pub(crate) can_pass_on: bool,
    heard: Mutex<BTreeSet<String>>,
    cases: AtomicU64,
}

/// How often each thing was done, refused, or could not be begun.
#[derive(Default)]
pub(crate) struct Tally(Mutex<BTreeMap<&'static str, BTreeMap<String, u32>>>);

impl Stage {
    pub(crate) async fn set() -> Self {
        // So that time runs out while it is watched, and what is slow on purpose is not slower than a test's patience.
        let settings = Settings::default()
            .with("TICKETS__HOLD_SECONDS", &TIME)
            .with("TICKETS__EXTEND_SECONDS", &(TIME / 2))
            .with("TICKETS__PAY_SECONDS", &TIME)
            .with("PAYMENTS__STRIPE_TIMEOUT_MS", &1_500)
            .with("PAYMENTS__ANSWER_MS", &2_500)
            .with("PAYMENTS__UNDECIDED_AFTER_MS", &500);
        let mut platform = Platform::start(env!("CARGO_BIN_EXE_platform-under-test"), settings).await;
        platform.is_expected_to_log(&EXPECTED);
        let (address, dashboard) = (platform.address().clone(), platform.dashboard());
        let asked = "{ __type(name: \"Mutation\") { fields { name } } }";
        let known = anybody(&address).does("__type", asked, json!({})).await.unwrap();
        let can = |what: &str| known.to_string().contains(what);
        let (can_extend, can_pass_on) = (can("extendReservation"), can("transferTicket"));
        let (platform, tally) = (tokio::sync::Mutex::new(platform), Tally::default());
        let (heard, cases) = (Mutex::default(), AtomicU64::new(0));
        Self { platform, address, dashboard, tally, can_extend, can_pass_on, heard, cases }
    }

    /// A name that no case had before, even of the same seed.
    pub(crate) fn fresh_name(&self, seed: u64) -> String {
        format!("{seed}x{}", self.cases.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) async fn is_one_process(&self) -> bool {
        self.platform.lock().await.is_one_process()
    }

    /// `kill -9` of everything of ours, then a new start.
    pub(crate) async fn is_killed_and_starts_again(&self) {
        self.platform.lock().await.is_killed_and_starts_again().await;
    }

    /// Mends everything, waits until nothing moves any more, and tells what is wrong then: of each case, and of the whole.
    pub(crate) async fn comes_to_rest(&self, cases: &[Case<'_>], seed: u64) -> Vec<String> {
        self.dashboard.is_well().await;
        self.disputes_are_decided(seed).await;
        self.webhooks_come_again(seed).await;
        let patience = Instant::now() + REST;
        loop {
            let stores = self.platform.lock().await.stores().await.unwrap();
            let mut wrong = Box::pin(invariants::wrong_after(&stores, REST)).await.unwrap();
            let rest = self.keeps().await;
            for case in cases {
                let of_case = Box::pin(case.wrong(&rest)).await;
                wrong.extend(of_case.into_iter().map(|wrong| format!("case {}: {wrong}", case.plan.seed)));
            }
            if wrong.is_empty() || Instant::now() > patience {
                return wrong;
            }
            sleep(LOOK).await;
        }
    }

    /// What is kept at this moment.
    pub(crate) async fn keeps(&self) -> Rest {
        let platform = self.platform.lock().await;
        let (stores, folder) = (platform.stores().await.unwrap(), platform.sandbox_folder());
        Box::pin(Rest::read(&stores, &self.dashboard, &folder)).await.unwrap()
    }

    /// Nothing can be given back of what a bank has not decided about.
    async fn disputes_are_decided(&self, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        for payment in self.dashboard.payments().await {
            let disputes = payment["disputes"].as_array().into_iter().flatten();
            for dispute in disputes.filter(|dispute| dispute["status"] == "needs_response") {
                let end = if random.random() { "won" } else { "lost" };
                self.dashboard.clicks(&format!("/sandbox/disputes/{}/{end}", id(dispute)), "").await;
            }
        }
    }

    /// What was lost is told at last, and some of the rest once more, in any order.
    async fn webhooks_come_again(&self, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        let mut again = Vec::new();
        for webhook in self.dashboard.webhooks().await {
            let id = webhook["id"].as_str().unwrap_or_default().to_owned();
            let is_new = self.heard.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
            if is_new && (webhook["state"] == "given_up" || random.random_ratio(1, 4)) {
                again.push(id);
            }
        }
        again.shuffle(&mut random);
        self.dashboard.sends_again(&again).await;
    }

    /// Ends it, whatever is wrong with what it keeps.
    pub(crate) async fn stays_as_it_is(self) {
        let mut platform = self.platform.into_inner();
        platform.kill().await;
        // Nobody looks at it any more.
        platform.is_expected_to_log(&[""]);
    }

    /// Where a copy is not what everything that was told amounts to.
    pub(crate) async fn differences(&self) -> Vec<String> {
        let patience = Instant::now() + REST;
        loop {
            let stores = self.platform.lock().await.stores().await.unwrap();
            let different = Box::pin(rebuild::differences(&stores)).await.unwrap();
            // What nobody has paid runs out meanwhile.
            if different.is_empty() || Instant::now() > patience {
                return different;
            }
            sleep(Duration::from_secs(1)).await;
        }
    }
}

impl Tally {
    pub(crate) fn notes(&self, what: &'static str, came: &Came) {
        let outcome = match came {
            Came::Done => "done".to_owned(),
            Came::Refused(why) => why.clone(),
            Came::Nothing => "-".to_owned(),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(what).or_default().entry(outcome).or_default() += 1;
    }

    /// How often something was done.
    pub(crate) fn done(&self, what: &str) -> u32 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(what).and_then(|outcomes| outcomes.get("done")).copied().unwrap_or_default()
    }

    /// A line for each thing.
    pub(crate) fn told(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().fold(String::new(), |mut text, (what, outcomes)| {
            let outcomes: Vec<_> =
                outcomes.iter().map(|(outcome, times)| format!("{outcome} {times}")).collect();
            writeln!(text, "  {what}: {}", outcomes.join(", ")).expect("a String takes whatever is written");
            text
        })
    }
}
