use std::time::Duration;

use e2e::Shape;

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
