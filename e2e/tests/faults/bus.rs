use std::time::Duration;

use e2e::{Settings, Shape};

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS, a_moment, tell},
};

/// Longer than people wait, shorter than holds last.
const OUTAGE: Duration = Duration::from_mins(1);

/// Holds and orders go on without a bus; what they have to tell waits in outboxes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_is_away_for_a_while_delays_and_loses_nothing() {
    let mut stage = Stage::set(Shape::default()).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut random = stage.random();
    let platform = &mut stage.platform;
    let away = async {
        a_moment(&mut random, 1_500).await;
        tell("the bus is killed");
        platform.nats.kill();
        tokio::time::sleep(OUTAGE).await;
        platform.nats.start_again().await;
        tell("the bus is back");
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), away);
    stage.is_right(&purchases).await;
}

/// What the bus has lost is in the outboxes still, and relays notice that it is a new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_lost_its_store_is_filled_again_from_the_outboxes() {
    let mut stage = Stage::set(Shape::default()).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut random = stage.random();
    let platform = &mut stage.platform;
    let lost = async {
        a_moment(&mut random, 2_000).await;
        tell("the bus is killed, and its store is gone");
        platform.nats.kill();
        platform.nats.wipe();
        platform.nats.start_again().await;
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), lost);
    stage.is_right(&purchases).await;
}

/// How large a stream may be there: room for what a few purchases tell.
const SMALL: i64 = 60_000;
/// Who is away while people buy.
const AWAY: [&str; 2] = ["analytics", "notifications"];

/// What a full stream drops before a service has read it comes from the outboxes, and somebody is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_streams_that_forgot_what_services_had_not_read_lose_nothing() {
    let small = Settings::default().with("ODYSSEUS__NATS__STREAM_BYTES", &SMALL);
    let mut stage = Stage::set_with(Shape::default(), small).await;
    let crowd = stage.crowd(BUYERS).await;
    for service in AWAY {
        tell(&format!("{service} is killed"));
        stage.platform.kill(service).await;
    }
    let purchases = crowd.buys(stage.seed, AT_ONCE).await;
    stage.platform.start_these(&AWAY).await;
    tell("they are back");
    stage.is_right(&purchases).await;
    for service in AWAY {
        let tickets = "gaps WHERE stream = 'tickets' AND through > 0";
        let noticed = stage.platform.store(service).await.unwrap().count(tickets).await.unwrap();
        assert_eq!(noticed, 1, "{service} has lost nothing, or has not noticed");
        let log = std::fs::read_to_string(stage.platform.place().join(format!("{service}.jsonl"))).unwrap();
        assert!(log.contains("a stream has forgotten messages"), "{service} did not say so");
    }
}
