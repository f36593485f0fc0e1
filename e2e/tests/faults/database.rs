use std::time::Duration;

use e2e::{Settings, Shape};
use futures::future::join_all;
use testbed::Line;

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS, a_moment, tell},
};

/// Every hold and order that was acknowledged is there, and goes on to its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_killed_under_load_has_everything_that_was_acknowledged() {
    let mut stage = Stage::set(Shape { own_postgres: true, ..Shape::default() }).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut random = stage.random();
    let platform = &mut stage.platform;
    let kills = async {
        for _ in 0..3 {
            a_moment(&mut random, 2_500).await;
            tell("kill -9 of PostgreSQL");
            platform.postgres.kill();
            a_moment(&mut random, 1_000).await;
            platform.postgres.start_again().await;
        }
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), kills);
    stage.is_right(&purchases).await;
}

/// Every statement takes 200 ms, and there are two connections for everybody: whoever cannot be served is
/// told so and not kept waiting, and once the database is itself again so is the platform.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_database_with_a_full_pool_is_said_clearly_and_gets_over_it() {
    let shape = Shape { line: true, ..Shape::default() };
    let settings = Settings::default().with("TICKETS__DATABASE_CONNECTIONS", &2);
    let mut stage = Stage::set_with(shape, settings).await;
    let crowd = stage.crowd(BUYERS).await;
    let rival = stage.person("Ria").await;
    let line = stage.platform.line();

    line.becomes(Line::Open(Duration::from_millis(200)));
    let event = &stage.show.event;
    let asked = join_all((0..40).map(|_| rival.sees_seat_map(event))).await;
    let refused: Vec<_> = asked.iter().filter_map(|answer| answer.as_ref().err()).collect();
    for refused in &refused {
        assert_eq!(refused.code, "SERVICE_UNAVAILABLE", "{refused:?}");
    }
    tell(&format!("{} of 40 were told that it is too much", refused.len()));

    line.becomes(Line::Held);
    let refused = rival.sees_seat_map(event).await.unwrap_err();
    assert_eq!(refused.code, "SERVICE_UNAVAILABLE", "a database that hangs is one that is away: {refused:?}");

    // It gets over it while people buy.
    line.becomes(Line::Open(Duration::from_millis(200)));
    let heals = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        line.becomes(Line::Open(Duration::ZERO));
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), heals);
    stage.is_right(&purchases).await;
}

/// The line to the database breaks, for everybody at once, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_to_the_database_that_breaks_is_mended_by_connecting_again() {
    let mut stage = Stage::set(Shape { line: true, ..Shape::default() }).await;
    let crowd = stage.crowd(BUYERS).await;
    let mut random = stage.random();
    let line = stage.platform.line();
    let breaks = async {
        for _ in 0..4 {
            a_moment(&mut random, 2_000).await;
            tell("the line to PostgreSQL breaks");
            line.becomes(Line::Cut);
            a_moment(&mut random, 800).await;
            line.becomes(Line::Open(Duration::ZERO));
        }
    };
    let (purchases, ()) = tokio::join!(crowd.buys(stage.seed, AT_ONCE), breaks);
    stage.is_right(&purchases).await;
}
