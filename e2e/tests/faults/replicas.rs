use e2e::{SERVICES, Settings, Shape};
use rand::{RngExt as _, seq::SliceRandom as _};

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS, a_moment, tell},
};

/// Two of each service; one of each pair is killed in the storm and does not come back. Only requests that
/// it had begun notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_replicas_may_die_in_a_storm() {
    let mut stage = Stage::set(Shape { doubled: true, ..Shape::default() }).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut random = stage.random();
    let mut services = SERVICES.to_vec();
    services.shuffle(&mut random);
    let platform = &mut stage.platform;
    let kills = async {
        for service in services {
            a_moment(&mut random, 900).await;
            let victim = if random.random() { service.to_owned() } else { format!("{service}.2") };
            tell(&format!("kill -9 of {victim}"));
            platform.kill(&victim).await;
        }
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), kills);
    let noticed = crowd.interruptions().len();
    tell(&format!("{noticed} requests had to be made again"));
    assert!(noticed <= AT_ONCE * SERVICES.len(), "more than were open can have been: {noticed}");
    stage.is_right(&purchases).await;
}

/// Every process is stopped in good order and started again, one after the other, while people buy: the
/// other of each pair serves meanwhile, and no request fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_under_load_fails_no_request() {
    // So long a process goes on serving after it has said that it leaves; the gateway asks every second.
    let settings = Settings::default()
        .with("ODYSSEUS__DRAIN_SECONDS", &3)
        // Buyers wait for their payment as long as in production, not as in the cases where it is never answered.
        .with("PAYMENTS__ANSWER_MS", &10_000);
    let mut stage = Stage::set_with(Shape { doubled: true, ..Shape::default() }, settings).await;
    let crowd = stage.crowd(BUYERS).await;
    let platform = &mut stage.platform;
    let restarts = async {
        for service in SERVICES {
            for name in [service.to_owned(), format!("{service}.2")] {
                assert!(platform.asks_to_stop(&name).await, "{name} stops as it should");
                platform.start_these(&[name.as_str()]).await;
            }
        }
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), restarts);
    let made_again = crowd.interruptions();
    assert!(made_again.is_empty(), "requests that had to be made again: {made_again:#?}");
    stage.is_right(&purchases).await;
}
