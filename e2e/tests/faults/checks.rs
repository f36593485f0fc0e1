use std::time::Duration;

use e2e::{Shape, invariants, rebuild};

use crate::Stage;

/// What the other tests rely on: whoever spoils what is kept is found out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_seen() {
    let mut stage = Stage::set(Shape::default()).await;
    let crowd = stage.crowd(6).await;
    let purchases = crowd.buys(stage.seed, 6).await;
    stage.is_right(&purchases).await;
    let stores = stage.platform.stores().await.unwrap();
    for (service, spoils, mends, word) in [
        (
            "analytics",
            "UPDATE event_sales SET holds = holds + 1",
            "UPDATE event_sales SET holds = holds - 1",
            "event_sales",
        ),
        (
            "tickets",
            "UPDATE memberships SET version = version + 1",
            "UPDATE memberships SET version = version - 1",
            "memberships",
        ),
        (
            "tickets",
            "UPDATE sections SET blocked = blocked + 1",
            "UPDATE sections SET blocked = blocked - 1",
            "section",
        ),
        (
            "tickets",
            "UPDATE outbox SET sent_at = NULL, claimed_until = 9000000000000000 WHERE seq = 1",
            "UPDATE outbox SET sent_at = 1 WHERE seq = 1",
            "not sent",
        ),
    ] {
        stores.of(service).disturb(spoils).await.unwrap();
        let mut seen = Box::pin(invariants::wrong_after(&stores, Duration::ZERO)).await.unwrap();
        seen.extend(Box::pin(rebuild::differences(&stores)).await.unwrap());
        assert!(seen.iter().any(|wrong| wrong.contains(word)), "{spoils}: {seen:?}");
        stores.of(service).disturb(mends).await.unwrap();
    }
    stage.is_right(&purchases).await;
}
