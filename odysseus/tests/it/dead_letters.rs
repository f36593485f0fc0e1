use std::sync::Arc;

use kernel::SystemClock;
use messaging::{DeadLetters, Message};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    command::{output, stderr, stdout},
    store::{count, open},
};

#[tokio::test]
async fn dead_letters_are_shown_tried_again_and_forgotten() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().to_str().unwrap();
    let run = |words: &[&str]| output(&[&["dead-letters", "--data", data], words].concat());
    let nothing = run(&["list"]);
    assert!(!nothing.status.success() && stderr(&nothing).contains("no database"), "{}", stderr(&nothing));
    assert!(output(&["migrate", "all", "up", "--data", data]).status.success());
    assert!(stdout(&run(&["list"])).contains("no dead letters"));

    let tickets = open(&place.path().join("tickets.sqlite")).await;
    let letters = DeadLetters::new(tickets.clone(), Arc::new(SystemClock));
    let message = || Message {
        id: Uuid::new_v4(),
        subject: "odysseus.events.event.changed.v1".to_owned(),
        about: Uuid::new_v4(),
        version: 3,
        occurred_at: chrono::DateTime::UNIX_EPOCH,
        headers: [].into(),
        payload: json!({ "colour": null }),
    };
    let (one, two) = (message(), message());
    for message in [&one, &two] {
        letters.bury("tickets", message, 10, "it has no colour").await.unwrap();
    }
    let said = stdout(&run(&["list"]));
    assert!(said.contains(&one.id.to_string()) && said.contains("it has no colour"), "{said}");
    let listed = |words: &[&str]| -> Value { serde_json::from_str(&stdout(&run(words))).unwrap() };
    let json = listed(&["list", "--json"]);
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!((&json[0]["service"], &json[0]["deliveries"]), (&json!("tickets"), &json!(10)));
    assert_eq!(listed(&["list", "users", "--json"]), json!([]));
    assert_eq!(listed(&["list", "--consumer", "users", "--json"]), json!([]));
    let shown = listed(&["show", "tickets", "--id", &one.id.to_string()]);
    assert_eq!(shown[0]["message"]["payload"], json!({ "colour": null }));

    let replayed = run(&["replay", "--id", &one.id.to_string()]);
    assert!(replayed.status.success(), "{}", stderr(&replayed));
    let waits = "outbox WHERE subject = 'odysseus.replay.tickets.message' AND sent_at IS NULL";
    assert_eq!(count(&tickets, waits).await, 1);
    let gone = run(&["replay", "tickets", "--id", &one.id.to_string()]);
    assert!(!gone.status.success() && stderr(&gone).contains("no dead letter"), "{}", stderr(&gone));
    assert!(!run(&["drop", "tickets"]).status.success(), "either some, or all of them");
    assert!(stdout(&run(&["drop", "all", "--all"])).contains("1 are forgotten"));
    assert_eq!(count(&tickets, "dead_letters").await, 0);
}
