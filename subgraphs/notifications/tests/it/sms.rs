//! SMS reach who chose them and has a number, and nobody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, http::StatusCode, routing::any};
use contracts::tickets::{OrderEnd, OrderEnded};
use kernel::{Clock, EventId, OrderId, SystemClock, UserId, to_millis};
use sandbox::{Sandbox, SandboxOptions, Switches, Times};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::kit::{Kit, PATIENCE, at, order, ticket, until};

const NUMBER: &str = "+4366412345678";

async fn chooses_sms(kit: &Kit, user: UserId) {
    for kind in ["ORDER_CONFIRMED", "ORDER_REFUNDED"] {
        let answer = kit
            .graph(
                Some(user),
                &format!(
                    "mutation {{ setNotificationPreferences(input: {{ entries: [{{ kind: {kind}, \
                     channel: SMS, enabled: true }}] }}) \
                     {{ entries {{ kind }} }} }}"
                ),
            )
            .await;
        assert!(answer.get("errors").is_none(), "{answer}");
    }
}

async fn buys(kit: &Kit, buyer: UserId) {
    kit.hears(&order(buyer, vec![ticket("Ada", "ada@example.org", "104")])).await;
}

/// Status, tries and error of each SMS there is.
async fn rows(kit: &Kit) -> Vec<(String, i32, Option<String>)> {
    let reads = &kit.database.reads;
    let query = "SELECT status, attempts, last_error FROM notifications WHERE channel = 'SMS' ORDER BY id";
    let rows =
        reads.query_all_raw(Statement::from_string(reads.get_database_backend(), query)).await.unwrap();
    rows.iter()
        .map(|row| {
            (
                row.try_get("", "status").unwrap(),
                row.try_get("", "attempts").unwrap(),
                row.try_get("", "last_error").unwrap(),
            )
        })
        .collect()
}

async fn arrived(sandbox: &Sandbox) -> Vec<Value> {
    let url = format!("{}/sandbox/sms.json", sandbox.http_url());
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

/// Somebody who answers each SMS in the same way, and counts them.
async fn stub(status: StatusCode, body: Value, delay: Duration) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let answer = move || {
        let (counted, body) = (counted.clone(), body.clone());
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(delay).await;
            (status, Json(body))
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(answer))).await });
    (url, count)
}

#[tokio::test]
async fn who_chose_sms_and_has_a_number_gets_one_of_each_order_and_of_each_refund() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    sandbox.set_switches(Switches { sms_fail: Times::Next(1), ..Switches::default() });
    let kit = Kit::with_sms(sandbox.http_url()).await;
    let running = kit.start().await;
    let (ada, _) = kit.account_with("Ada", Some(NUMBER)).await;
    let (silent, _) = kit.account_with("Bob", Some("+4366400000000")).await;
    let (unreachable, _) = kit.account("Cleo").await;
    chooses_sms(&kit, ada).await;
    chooses_sms(&kit, unreachable).await;
    for buyer in [ada, silent, unreachable] {
        buys(&kit, buyer).await;
    }
    kit.hears(&OrderEnded {
        order_id: OrderId::new(),
        event_id: EventId::new(),
        buyer_id: ada,
        how: OrderEnd::Refunded,
        called_off: false,
        at: at("2027-01-01T00:00:00Z"),
    })
    .await;
    until("both are sent", async || rows(&kit).await.iter().filter(|row| row.0 == "SENT").count() == 2).await;
    let arrived = arrived(&sandbox).await;
    assert_eq!(arrived.len(), 2, "once each, although one was refused at first: {arrived:?}");
    assert!(arrived.iter().all(|sms| sms["to"] == NUMBER && sms["from"] == "+4315550100"));
    let texts: Vec<_> = arrived.iter().map(|sms| sms["body"].as_str().unwrap()).collect();
    assert!(
        texts.contains(&"Your tickets for Die Zauberflöte are here. Order ODY-7F3K2M: http://127.0.0.1:4000"),
        "{texts:?}"
    );
    assert!(!kit.notifications.send_sms().await.unwrap());
    running.stop().await;
}

#[tokio::test]
async fn without_an_account_for_sms_none_waits() {
    let kit = Kit::new(9).await;
    let (ada, _) = kit.account_with("Ada", Some(NUMBER)).await;
    chooses_sms(&kit, ada).await;
    buys(&kit, ada).await;
    assert!(rows(&kit).await.is_empty());
}

#[tokio::test]
async fn a_number_that_is_refused_is_not_tried_again_and_stands_in_no_error() {
    let refusal =
        json!({ "code": 21211, "message": format!("The 'To' number {NUMBER} is not valid"), "status": 400 });
    let (url, asked) = stub(StatusCode::BAD_REQUEST, refusal, Duration::ZERO).await;
    let kit = Kit::with_sms(url).await;
    let (ada, _) = kit.account_with("Ada", Some(NUMBER)).await;
    chooses_sms(&kit, ada).await;
    buys(&kit, ada).await;
    kit.notifications.send_sms().await.unwrap();
    kit.notifications.send_sms().await.unwrap();
    let rows = rows(&kit).await;
    let error = rows[0].2.clone().unwrap();
    assert_eq!((rows[0].0.as_str(), rows[0].1, asked.load(Ordering::SeqCst)), ("FAILED", 1, 1));
    assert!(error.contains("21211") && !error.contains(NUMBER), "{error}");
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_asked_again_later() {
    let (url, _) = stub(StatusCode::CREATED, json!({}), PATIENCE).await;
    let kit = Kit::with_sms(url).await;
    let (ada, _) = kit.account_with("Ada", Some(NUMBER)).await;
    chooses_sms(&kit, ada).await;
    buys(&kit, ada).await;
    kit.notifications.send_sms().await.unwrap();
    let rows = rows(&kit).await;
    assert_eq!((rows[0].0.as_str(), rows[0].1), ("QUEUED", 1));
}

#[tokio::test]
async fn who_fails_again_and_again_is_left_alone_and_no_try_is_counted() {
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY, StatusCode::UNAUTHORIZED] {
        let (url, asked) = stub(status, json!({ "code": 20000 }), Duration::ZERO).await;
        let kit = Kit::with_sms(url).await;
        let (ada, _) = kit.account_with("Ada", Some(NUMBER)).await;
        chooses_sms(&kit, ada).await;
        for _ in 0..24 {
            buys(&kit, ada).await;
        }
        while kit.notifications.send_sms().await.unwrap() {}
        let asked = asked.load(Ordering::SeqCst);
        assert!((4..24).contains(&asked), "{asked} asks");
        let rows = rows(&kit).await;
        assert!(rows.iter().all(|row| row.0 == "QUEUED"), "{rows:?}");
        assert_eq!(usize::try_from(rows.iter().map(|row| row.1).sum::<i32>()).unwrap(), asked);
    }
}

#[tokio::test]
async fn a_replica_of_before_there_were_sms_takes_none() {
    let kit = Kit::with_sms("http://127.0.0.1:9".to_owned()).await;
    let (ada, _) = kit.account_with("Ada", Some(NUMBER)).await;
    chooses_sms(&kit, ada).await;
    buys(&kit, ada).await;
    let reads = &kit.database.reads;
    let takes = format!(
        "SELECT channel FROM notifications WHERE status = 'QUEUED' AND due_at <= {}",
        to_millis(SystemClock.now())
    );
    let rows =
        reads.query_all_raw(Statement::from_string(reads.get_database_backend(), takes)).await.unwrap();
    let channels: Vec<String> = rows.iter().map(|row| row.try_get("", "channel").unwrap()).collect();
    assert_eq!(channels, ["EMAIL", "EMAIL"], "to the buyer, and to who goes in");
    assert_eq!(self::rows(&kit).await.len(), 1);
}

#[tokio::test]
async fn a_number_is_forgotten_when_the_person_takes_it_away() {
    let kit = Kit::with_sms("http://127.0.0.1:9".to_owned()).await;
    let (ada, _) = kit.account_with("Ada", Some(NUMBER)).await;
    chooses_sms(&kit, ada).await;
    let mut change = Kit::change_of(ada, 2);
    change.phone = None;
    kit.hears(&change).await;
    buys(&kit, ada).await;
    assert!(rows(&kit).await.is_empty());
}
