//! What is known of a request: its client, its time, how long it waits, how often clients may come.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use kernel::{ErrorCode, EventId, Fault};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::{
    Database,
    clients::{Limiter, Quota, household},
    request,
    soon::soon,
};
use tokio::time::Instant;

use crate::world::{Migrator, World};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_client_is_whom_the_router_named_and_loaders_know_it_too() {
    let world = World::start().await;
    let ask = async |address: Option<&str>| {
        let mut ask = world.ask("{ client }");
        if let Some(address) = address {
            ask = ask.header(request::CLIENT_ADDRESS, address);
        }
        ask.send().await.unwrap().json::<Value>().await.unwrap()["data"]["client"].clone()
    };
    assert_eq!(ask(Some("203.0.113.7")).await, json!(["203.0.113.7", "203.0.113.7"]));
    assert_eq!(ask(Some("::ffff:203.0.113.7")).await, json!(["203.0.113.7", "203.0.113.7"]));
    assert_eq!(ask(Some("2001:db8::1")).await, json!(["2001:db8::1", "2001:db8::1"]));
    assert_eq!(ask(Some("somebody")).await, json!(["nobody", "nobody"]));
    assert_eq!(ask(None).await, json!(["nobody", "nobody"]));
    assert_eq!(request::client(), None, "this is no request");
}

#[tokio::test]
async fn the_time_is_asked_for_once_in_a_request_and_each_time_outside() {
    let database = Database::in_memory::<Migrator>().await.unwrap();
    let before = database.statements();
    let same = request::answering(None, async {
        let first = database.now().await.unwrap();
        let others = join_all((0..20).map(|_| {
            let database = database.clone();
            request::spawn(async move { database.now().await.unwrap() })
        }));
        others.await.into_iter().all(|other| other.unwrap() == first)
    });
    assert!(same.await);
    assert_eq!(database.statements() - before, 1);
    database.now().await.unwrap();
    database.now().await.unwrap();
    assert_eq!(database.statements() - before, 3);
}

#[tokio::test]
async fn statements_are_counted_within_transactions_and_apart_from_those_of_the_background() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("sample.db").display());
    let database = Database::connect(&url, 2).await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    let background = database.background();
    let query = Statement::from_string(database.reads.get_database_backend(), "SELECT * FROM things");
    let (before, behind) = (database.statements(), background.statements());
    let (transaction, now) = database.begin_at().await.unwrap();
    transaction.query_all_raw(query.clone()).await.unwrap();
    transaction.commit().await.unwrap();
    database.clone().reads.query_all_raw(query.clone()).await.unwrap();
    assert_eq!(database.statements() - before, 3);
    background.reads.query_all_raw(query.clone()).await.unwrap();
    background.begin().await.unwrap().query_all_raw(query).await.unwrap();
    assert_eq!((database.statements() - before, background.statements() - behind), (3, 2));
    assert!(now <= database.now().await.unwrap());
}

/// Looks for something that never comes. How often it was looked for.
async fn in_vain(looks: &AtomicU32, id: EventId) -> Duration {
    let begun = Instant::now();
    let found = soon(id, || async {
        looks.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Fault>(None::<()>)
    });
    assert!(found.await.unwrap().is_none());
    begun.elapsed()
}

#[tokio::test]
async fn what_is_made_up_is_waited_for_once_in_a_request() {
    let looks = AtomicU32::new(0);
    let begun = Instant::now();
    request::answering(None, async {
        join_all((0..6).map(|_| in_vain(&looks, EventId::new()))).await;
        for _ in 0..20 {
            in_vain(&looks, EventId::new()).await;
        }
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(looks.into_inner() < 6 * 20 + 2 * 20, "and it is not looked for all the time");
}

#[tokio::test]
async fn what_was_made_long_ago_or_nowhere_is_looked_for_once() {
    let long_ago = "0190163d-8694-739b-aea5-966c26f8ad90";
    for id in [long_ago, "00000000-0000-4000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"] {
        let looks = AtomicU32::new(0);
        in_vain(&looks, EventId::parse("id", id).unwrap()).await;
        assert_eq!(looks.into_inner(), 1, "{id}");
    }
}

#[tokio::test]
async fn what_comes_in_time_is_found() {
    let looks = Arc::new(AtomicU32::new(0));
    let found = soon(EventId::new(), || async {
        Ok::<_, Fault>((looks.fetch_add(1, Ordering::Relaxed) == 3).then_some("here it is"))
    });
    assert_eq!(found.await.unwrap(), Some("here it is"));
}

#[test]
fn each_client_has_its_own_quota_and_learns_when_to_come_again() {
    let limiter = Limiter::new("registrations", Quota::new(3, Duration::from_mins(1)));
    let (one, other) = (address("203.0.113.7"), address("203.0.113.8"));
    for _ in 0..3 {
        limiter.check(&one).unwrap();
    }
    let refusal = limiter.clone().check(&one).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::RateLimited);
    assert_eq!(refusal.details["retryAfterSeconds"], 60);
    assert!(refusal.message.contains("registrations"), "{refusal}");
    limiter.check_n(&other, 2).unwrap();
    assert!(limiter.check_n(&other, 2).is_err(), "all or none");
    limiter.check(&other).unwrap();
    assert!(limiter.check_n("a third", 4).is_err(), "more than ever may be done at once");
}

#[test]
fn a_limiter_forgets_those_who_may_do_everything_again() {
    let limiter = Limiter::new("guesses", Quota::new(1, Duration::from_millis(1)));
    for client in 0..20_000 {
        limiter.check(&client).unwrap();
    }
    assert!(limiter.remembered() < 20_000, "{}", limiter.remembered());
}

#[test]
fn a_limiter_remembers_no_more_than_so_many_and_still_refuses() {
    let limiter = Limiter::new("guesses", Quota::new(1, Duration::from_hours(1)));
    let passed = (0..400_000).filter(|client| limiter.check(client).is_ok()).count();
    assert!(limiter.remembered() <= 202_000, "{}", limiter.remembered());
    assert!(passed <= 202_000, "{passed}");
}

#[test]
fn a_quota_is_a_setting() {
    let quota: Quota = serde_json::from_value(json!({ "burst": 100, "every_millis": 6_000 })).unwrap();
    assert_eq!(quota, Quota::new(100, Duration::from_secs(6)));
    assert!(serde_json::from_value::<Quota>(json!({ "burst": 1, "every": 1 })).is_err());
}

#[test]
fn a_household_is_one_address_or_one_network_of_version_6() {
    assert_eq!(household(address("203.0.113.7")), address("203.0.113.7"));
    assert_eq!(household(address("::ffff:203.0.113.7")), address("203.0.113.7"));
    assert_eq!(household(address("2001:db8:1:2:3:4:5:6")), address("2001:db8:1:2::"));
}
