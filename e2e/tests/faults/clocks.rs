use chrono::{DateTime, Duration, Utc};
use e2e::{SERVICES, Settings, Shape, until};

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS},
};

/// One process of each service has a clock that is five minutes ahead, the other one that is five minutes behind.
/// Holds run out when they are to, as the database sees it, whoever is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_whose_clock_is_off_lets_nothing_expire_early_or_late() {
    let off = |seconds: i64| Settings::nothing().with("E2E_CLOCK_OFF_SECONDS", &seconds);
    let both = |service: &str| [(service.to_owned(), off(300)), (format!("{service}.2"), off(-300))];
    let special = SERVICES.into_iter().flat_map(both).collect();
    let settings = Settings::default().with("TICKETS__HOLD_SECONDS", &8);
    let mut stage = Stage::set_with(Shape { doubled: true, special, ..Shape::default() }, settings).await;
    let (buyer, rival) = (stage.person("Bea").await, stage.person("Ria").await);
    let event = &stage.show.event;
    for seats in rival.sees_free_seats(event, 4).await.unwrap().chunks(2) {
        let held = buyer.holds(event, seats).await.unwrap();
        let expires: DateTime<Utc> = held["expiresAt"].as_str().unwrap().parse().unwrap();
        // Both replicas are asked, in turn.
        for _ in 0..4 {
            let refused = rival.holds(event, seats).await.unwrap_err();
            assert_eq!(refused.code, "SEATS_UNAVAILABLE", "not early");
        }
        until(expires + Duration::milliseconds(1)).await;
        rival.holds(event, &seats[..1]).await.expect("not late");
    }
    let crowd = stage.crowd(BUYERS).await;
    let purchases = crowd.buys(stage.seed, AT_ONCE).await;
    stage.is_right(&purchases).await;
}
