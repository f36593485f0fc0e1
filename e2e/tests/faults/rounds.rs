use std::time::{Duration, Instant};

use e2e::{Purchase, SERVICES, Shape, chance::given_number, invariants, rebuild};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;
use testbed::Line;

use crate::{
    Stage,
    stage::{a_moment, tell},
};

/// Who buys in a round.
const BUYERS: usize = 7;
/// After so many rounds copies are compared with a rebuild, and mails are counted.
const RECKONING: u64 = 10;
/// How long the platform may take to come to rest.
const REST: Duration = Duration::from_secs(90);

/// What may go wrong in a round.
#[derive(Clone, Copy, Debug)]
enum Fault {
    KillOne,
    KillSome,
    KillRouter,
    DieBetweenSteps,
    BusAway,
    BusWiped,
    DatabaseKilled,
    DatabaseSlow,
    DatabaseHangs,
    LineCut,
    StripeSilent,
    StripeFails,
    WebhooksAstray,
    MailRefused,
    SandboxKilled,
}

const FAULTS: [Fault; 15] = [
    Fault::KillOne,
    Fault::KillSome,
    Fault::KillRouter,
    Fault::DieBetweenSteps,
    Fault::BusAway,
    Fault::BusWiped,
    Fault::DatabaseKilled,
    Fault::DatabaseSlow,
    Fault::DatabaseHangs,
    Fault::LineCut,
    Fault::StripeSilent,
    Fault::StripeFails,
    Fault::WebhooksAstray,
    Fault::MailRefused,
    Fault::SandboxKilled,
];

/// A few rounds on one platform that goes on and on. `ROUNDS=200 SEED=1` makes 200 with the seeds 1 to 200.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rounds_of_random_faults_break_no_invariant() {
    let rounds = given_number("ROUNDS").unwrap_or(5);
    let mut stage = Stage::set(Shape { line: true, ..Shape::default() }).await;
    let first = given_number("SEED").unwrap_or(stage.seed % 1_000_000);
    let (mut bought, mut broken, began) = (Vec::new(), Vec::new(), Instant::now());
    for seed in first..first + rounds {
        let round = Instant::now();
        if (seed - first) % 20 == 19 {
            stage.puts_on_another(&format!("Round {seed}")).await;
        }
        let faults = Box::pin(one_round(&mut stage, seed, &mut bought)).await;
        let is_last = seed + 1 == first + rounds;
        let mut wrong =
            look(&mut stage, &mut bought, is_last || (seed - first) % RECKONING == RECKONING - 1).await;
        tell(&format!("round {seed}: {faults:?}, {} ms, {} wrong", round.elapsed().as_millis(), wrong.len()));
        broken.append(&mut wrong.drain(..).map(|wrong| format!("round {seed}: {wrong}")).collect());
        if !broken.is_empty() {
            break;
        }
    }
    tell(&format!(
        "seeds {first} to {}, {} s, {} broken invariants",
        first + rounds - 1,
        began.elapsed().as_secs(),
        broken.len()
    ));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

async fn one_round(stage: &mut Stage, seed: u64, bought: &mut Vec<Purchase>) -> Vec<Fault> {
    let mut random = StdRng::seed_from_u64(seed);
    let crowd = stage.crowd_named(&format!("Guest {seed}"), BUYERS).await;
    let faults: Vec<Fault> =
        (0..random.random_range(1..=3)).filter_map(|_| FAULTS.choose(&mut random).copied()).collect();
    let strikes = async {
        for fault in &faults {
            a_moment(&mut random, 500).await;
            strike(stage, *fault, &mut random).await;
        }
        stage.platform.line().becomes(Line::Open(Duration::ZERO));
        stage.sandbox_is_well().await;
    };
    let (purchases, ()) = tokio::join!(crowd.buys(seed << 8, BUYERS), strikes);
    bought.extend(purchases);
    faults
}

async fn strike(stage: &mut Stage, fault: Fault, random: &mut StdRng) {
    let platform = &mut stage.platform;
    match fault {
        Fault::KillOne | Fault::KillSome | Fault::KillRouter => {
            let names: Vec<&str> = match fault {
                Fault::KillRouter => vec!["router"],
                Fault::KillOne => SERVICES.choose(random).into_iter().copied().collect(),
                _ => SERVICES.into_iter().filter(|_| random.random()).collect(),
            };
            for name in &names {
                platform.kill(name).await;
            }
            a_moment(random, 500).await;
            platform.start_these(&names).await;
        }
        Fault::DieBetweenSteps => {
            let service = *["tickets", "payments", "notifications"].choose(random).unwrap();
            let point = *["relay-published", "consumer-committed"].choose(random).unwrap();
            platform.kill(service).await;
            platform.will_have(service, "E2E_DIES_AT", &format!("{point}@{}", random.random_range(1..=4)));
            platform.start_these(&[service]).await;
            a_moment(random, 1_000).await;
            platform.kill(service).await;
            platform.will_have(service, "E2E_DIES_AT", &"nowhere@1");
            platform.start_these(&[service]).await;
        }
        Fault::BusAway | Fault::BusWiped => {
            platform.nats.kill();
            a_moment(random, 1_500).await;
            if matches!(fault, Fault::BusWiped) {
                platform.nats.wipe();
            }
            platform.nats.start_again().await;
        }
        Fault::DatabaseKilled => {
            platform.postgres.kill();
            a_moment(random, 500).await;
            platform.postgres.start_again().await;
        }
        Fault::DatabaseSlow | Fault::DatabaseHangs | Fault::LineCut => {
            platform.line().becomes(match fault {
                Fault::DatabaseSlow => Line::Open(Duration::from_millis(200)),
                Fault::DatabaseHangs => Line::Held,
                _ => Line::Cut,
            });
            a_moment(random, 1_500).await;
            platform.line().becomes(Line::Open(Duration::ZERO));
        }
        Fault::StripeSilent => platform.sandbox().switch(json!({ "apiTimeOut": 2 })).await,
        Fault::StripeFails => platform.sandbox().switch(json!({ "apiFail": 3, "apiLatencyMs": 100 })).await,
        Fault::WebhooksAstray => {
            let astray = json!({
                "webhookDelayMs": random.random_range(0..600), "webhookDuplicates": 1, "webhookReorder": random.random::<bool>(),
                "webhookDropFirst": random.random::<bool>(),
            });
            platform.sandbox().switch(astray).await;
        }
        Fault::MailRefused => platform.sandbox().switch(json!({ "smtpRefuse": 3 })).await,
        Fault::SandboxKilled => {
            platform.kill("sandbox").await;
            a_moment(random, 500).await;
            platform.start_these(&["sandbox"]).await;
        }
    }
}

/// The invariants after each round; now and then everything else too.
async fn look(stage: &mut Stage, bought: &mut Vec<Purchase>, in_full: bool) -> Vec<String> {
    let patience = Instant::now() + REST;
    loop {
        let stores = stage.platform.stores().await.unwrap();
        let mut wrong = Box::pin(invariants::wrong_after(&stores, REST)).await.unwrap();
        wrong.extend(stage.platform.fallen().into_iter().map(|name| format!("{name} has ended by itself")));
        if in_full && wrong.is_empty() {
            wrong.extend(Box::pin(rebuild::differences(&stores)).await.unwrap());
            wrong.extend(stage.broken_promises(bought).await);
        }
        if wrong.is_empty() && in_full {
            bought.clear();
        }
        if wrong.is_empty() || Instant::now() > patience {
            return wrong;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
