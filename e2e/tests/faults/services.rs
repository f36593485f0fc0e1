use e2e::{Crowd, SERVICES, Settings, Shape};
use rand::{RngExt as _, seq::SliceRandom as _};

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS, a_moment, tell},
};

/// Each service and the router, one after the other, then several at once, as long as people buy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_killed_in_turn_and_together_lose_nothing() {
    let mut stage = Stage::set(Shape::default()).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut random = stage.random();
    let mut victims: Vec<Vec<&str>> = SERVICES.iter().chain(&["router"]).map(|name| vec![*name]).collect();
    victims.shuffle(&mut random);
    for size in [2, 3, 6] {
        let mut together = SERVICES.to_vec();
        together.shuffle(&mut random);
        together.truncate(size);
        victims.push(together);
    }
    let platform = &mut stage.platform;
    let kills = async {
        for together in &victims {
            a_moment(&mut random, 400).await;
            tell(&format!("kill -9 of {together:?}"));
            for name in together {
                platform.kill(name).await;
            }
            a_moment(&mut random, 600).await;
            platform.start_these(together).await;
        }
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), kills);
    stage.is_right(&purchases).await;
}

/// Every step of a purchase is a message that is published, marked, heard, committed and acknowledged. A
/// process dies between the bus's yes and its note of it, and between a commit and its acknowledgement, at
/// the first such moment of a purchase, at the second, and so on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_between_two_steps_of_a_message_repeats_nothing() {
    let mut stage = Stage::set(Shape::default()).await;
    let mut random = stage.random();
    let mut purchases = Vec::new();
    let mut died = 0;
    for point in ["relay-published", "consumer-committed"] {
        for service in ["tickets", "payments", "notifications", "analytics"] {
            let moment = random.random_range(1..=4);
            tell(&format!("{service} dies at {point} number {moment}"));
            stage.platform.kill(service).await;
            stage.platform.will_have(service, "E2E_DIES_AT", &format!("{point}@{moment}"));
            stage.platform.start_these(&[service]).await;
            let (address, platform) = (stage.platform.address().clone(), &mut stage.platform);
            // What is told of people who come is such a moment too.
            let buy = async {
                let crowd = Crowd::gathers(&address, &stage.show, &format!("{service} {point}"), 3).await;
                crowd.buys(random.random(), 3).await
            };
            let mends = async {
                for _ in 0..240 {
                    if !platform.fallen().is_empty() {
                        break;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(25)).await;
                }
                died += platform.fallen().len();
                platform.kill(service).await;
                platform.will_have(service, "E2E_DIES_AT", &"nowhere@1");
                platform.start_these(&[service]).await;
            };
            let (bought, ()) = tokio::join!(buy, mends);
            purchases.extend(bought);
        }
    }
    assert!(died > 4, "most of them came to the point: {died}");
    stage.is_right(&purchases).await;
}

/// All of it at once, as when the machine goes down, and up again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_killed_at_once_goes_on_where_it_was() {
    let mut stage =
        Stage::set_with(Shape { own_postgres: true, ..Shape::default() }, Settings::default()).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut random = stage.random();
    let platform = &mut stage.platform;
    let kills = async {
        for _ in 0..2 {
            a_moment(&mut random, 2_500).await;
            tell("everything goes down");
            platform.nats.kill();
            platform.postgres.kill();
            platform.kill_all().await;
            platform.postgres.start_again().await;
            platform.nats.start_again().await;
            platform.start_again().await;
        }
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), kills);
    stage.is_right(&purchases).await;
}
