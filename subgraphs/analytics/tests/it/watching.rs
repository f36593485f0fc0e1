//! The subscription.

use std::time::Duration;

use async_graphql::{Request, Response};
use contracts::users::Role;
use futures::{Stream, StreamExt, stream::BoxStream};
use kernel::UserId;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use crate::world::{Show, World, at, with_caller};

fn watch(world: &World, user: Option<UserId>, event: &str) -> BoxStream<'static, Response> {
    let query = format!(r#"subscription {{ salesChanged(eventId: "{event}") {{ ticketsSold }} }}"#);
    let graph = analytics::graph(world.analytics.clone());
    graph.execute_stream(with_caller(Request::new(query), user)).boxed()
}

/// The tickets sold by the next report, or the code of the error that ends it.
async fn next(reports: &mut (impl Stream<Item = Response> + Unpin)) -> Value {
    let response = timeout(Duration::from_secs(10), reports.next()).await.expect("a report in time").unwrap();
    let mut answer = serde_json::to_value(response).unwrap();
    match answer.get_mut("errors") {
        Some(errors) => errors[0]["extensions"]["code"].take(),
        None => answer["data"]["salesChanged"]["ticketsSold"].take(),
    }
}

async fn staged() -> (World, Show) {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    (world, show)
}

#[tokio::test]
async fn an_organizer_sees_sales_change() {
    let (world, show) = staged().await;
    let mut reports = watch(&world, Some(show.organizer), &show.event.to_string());
    assert_eq!(next(&mut reports).await, 0);
    world.hear_all(&show.sold(at("2026-11-01T10:00:00Z"))).await;
    while next(&mut reports).await != 2 {}
}

#[tokio::test]
async fn a_change_whose_announcement_was_lost_is_seen_all_the_same() {
    let (world, show) = staged().await;
    let mut reports = watch(&world.deaf_replica(), Some(show.organizer), &show.event.to_string());
    assert_eq!(next(&mut reports).await, 0);
    world.hear_all(&show.sold(at("2026-11-01T10:00:00Z"))).await;
    assert_eq!(next(&mut reports).await, 2);
}

#[tokio::test]
async fn many_changes_come_as_few_reports_and_the_last_one_is_right() {
    let (world, show) = staged().await;
    let mut reports = watch(&world, Some(show.organizer), &show.event.to_string());
    assert_eq!(next(&mut reports).await, 0);
    let (begun, mut seen) = (Instant::now(), 0_u32);
    let telling = async {
        for _ in 0..50 {
            world.hear_all(&show.sold(at("2026-11-01T10:00:00Z"))).await;
        }
    };
    let watching = async {
        loop {
            seen += 1;
            if next(&mut reports).await == 100 {
                break;
            }
        }
    };
    futures::join!(telling, watching);
    assert!(Duration::from_millis(200) * (seen - 1) <= begun.elapsed(), "{seen} in {:?}", begun.elapsed());
}

#[tokio::test]
async fn watching_needs_the_role_and_ends_with_it() {
    let (world, show) = staged().await;
    let event = show.event.to_string();
    let (mut nobody, mut stranger) =
        (watch(&world, None, &event), watch(&world, Some(UserId::new()), &event));
    assert_eq!(
        futures::join!(next(&mut nobody), next(&mut stranger)),
        ("UNAUTHENTICATED".into(), "FORBIDDEN".into())
    );
    assert_eq!(next(&mut watch(&world, Some(UserId::new()), "mine")).await, "BAD_USER_INPUT");
    let mut reports = watch(&world, Some(show.organizer), &event);
    assert_eq!(next(&mut reports).await, 0);
    world.hear(&show.member(show.organizer, 3, Some(Role::BoxOffice))).await.unwrap();
    assert_eq!(next(&mut reports).await, "FORBIDDEN");
    assert!(reports.next().await.is_none());
}
