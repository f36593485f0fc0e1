//! Whoever has tickets for an event that was moved hears of the last move once, and never of an older one after it.

use contracts::{
    Contract as _,
    tickets::{OrderCalledOff, OrderRescheduled, TicketHolder},
};
use kernel::UserId;
use sandbox::SandboxOptions;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::{
    kit::{Kit, Mailbox, at, order, refund, ticket},
    samples::rescheduled,
};

/// An order of Ada's, with a ticket for herself and two for Bob.
fn moved(buyer_id: UserId, email: &str) -> OrderRescheduled {
    rescheduled(&order(
        buyer_id,
        vec![
            ticket("Ada", &email.to_uppercase(), "104"),
            ticket("Bob", "bob@example.net", "105"),
            ticket("Bob", "Bob@example.net", "106"),
        ],
    ))
}

/// The same order, moved once more, to a day later.
fn moved_again(before: &OrderRescheduled) -> OrderRescheduled {
    let mut again = before.clone();
    again.sequence += 1;
    again.previous_start = before.event.starts_at;
    again.event.starts_at += chrono::TimeDelta::days(1);
    again.event.ends_at += chrono::TimeDelta::days(1);
    again
}

async fn sends(kit: &Kit) {
    while kit.notifications.send_mails().await.unwrap() {}
}

async fn calendar(mailbox: &Mailbox, mail: &Value) -> String {
    String::from_utf8(mailbox.attachment(mail, "event.ics").await).unwrap().replace("\r\n ", "")
}

async fn in_app(kit: &Kit, user: UserId) -> Vec<Value> {
    let list = "{ notifications(channel: IN_APP) { nodes { kind subject body } } }";
    kit.graph(Some(user), list).await["data"]["notifications"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn buyer_and_holders_are_told_once_of_both_times_and_of_the_way_back() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let moved = moved(buyer, &email);
    kit.hears(&moved).await;
    kit.handle(&moved).await.unwrap();
    sends(&kit).await;
    let to_ada = mailbox.mails(&email, 1).await;
    let to_bob = mailbox.mails("bob@example.net", 1).await;
    assert_eq!(mailbox.count().await, 2, "one for each");
    for mail in [&to_ada[0], &to_bob[0]] {
        assert_eq!(mail["subject"], "New time: Die Zauberflöte");
        let text = mail["text"].as_str().unwrap();
        for part in [
            "New: Saturday, 20 March 2027 · Doors 19:00 · Starts 20:00 CET · Ends 23:00",
            "Before: Saturday, 13 March 2027, 20:00 CET",
            "The organizer says: The singer is ill",
            "until Friday, 12 March 2027, 12:00 CET",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        let entry = calendar(&mailbox, mail).await;
        assert!(entry.contains("SEQUENCE:1") && entry.contains("METHOD:PUBLISH"), "{entry}");
        assert!(entry.contains("DTSTART;TZID=Europe/Vienna:20270320T200000"), "{entry}");
        assert!(entry.contains(&format!("UID:order-{}@odysseus", moved.order_id)), "{entry}");
    }
    assert!(to_ada[0]["text"].as_str().unwrap().contains("your order ODY-7F3K2M"));
    assert!(!to_bob[0]["text"].as_str().unwrap().contains("ODY-7F3K2M"), "the order is the buyer's");
    assert!(!calendar(&mailbox, &to_bob[0]).await.contains("seat 104"), "and so are the other tickets");
    let listed = in_app(&kit, buyer).await;
    assert_eq!((listed.len(), &listed[0]["kind"]), (1, &Value::from("EVENT_RESCHEDULED")));
    assert!(listed[0]["body"].as_str().unwrap().contains("The singer is ill"), "{listed:?}");
}

#[tokio::test]
async fn nobody_hears_of_an_older_move_after_a_newer_one() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let first = moved(buyer, &email);
    let second = moved_again(&first);
    kit.hears(&second).await;
    kit.hears(&first).await;
    sends(&kit).await;
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(mailbox.count().await, 2);
    assert!(mails[0]["text"].as_str().unwrap().contains("New: Sunday, 21 March 2027"));
    assert_eq!(in_app(&kit, buyer).await.len(), 1);
}

#[tokio::test]
async fn each_move_is_told_when_it_comes_and_the_calendar_counts_on() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let first = moved(buyer, &email);
    kit.hears(&first).await;
    sends(&kit).await;
    kit.hears(&moved_again(&first)).await;
    sends(&kit).await;
    let mails = mailbox.mails(&email, 2).await;
    let mut sequences = Vec::new();
    for mail in &mails {
        let entry = calendar(&mailbox, mail).await;
        sequences.extend(entry.lines().find(|line| line.starts_with("SEQUENCE:")).map(ToOwned::to_owned));
    }
    sequences.sort();
    assert_eq!(sequences, ["SEQUENCE:1", "SEQUENCE:2"]);
    assert_eq!(mailbox.count().await, 4);
}

#[tokio::test]
async fn what_could_not_be_sent_of_an_older_move_is_never_sent_once_there_is_a_newer_one() {
    let kit = Kit::new(9).await; // nobody takes mails there
    let (buyer, email) = kit.account("Ada").await;
    let first = moved(buyer, &email);
    kit.hears(&first).await;
    sends(&kit).await;
    kit.hears(&moved_again(&first)).await;
    let backend = kit.database.reads.get_database_backend();
    let sql = "SELECT cause FROM notifications WHERE kind = 'EVENT_RESCHEDULED' AND channel = 'EMAIL' \
               AND status = 'QUEUED'";
    let rows = kit.database.reads.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let causes: Vec<String> = rows.iter().map(|row| row.try_get("", "cause").unwrap()).collect();
    assert_eq!(causes, vec![format!("order:{}:move:2", first.order_id); 2], "to Ada and to Bob");
    assert_eq!(in_app(&kit, buyer).await.len(), 2, "what stands in the list stays");
}

fn called_off(of: &OrderRescheduled) -> OrderCalledOff {
    let holder = |ticket: &contracts::tickets::HeldTicket| TicketHolder {
        ticket_id: ticket.ticket_id,
        name: ticket.holder_name.clone(),
        email: ticket.holder_email.clone(),
    };
    OrderCalledOff {
        order_id: of.order_id,
        number: of.number.clone(),
        buyer_id: of.buyer_id,
        total: kernel::Money::zero(of.event.currency),
        event: of.event.clone(),
        reason: None,
        holders: of.tickets.iter().map(holder).collect(),
        at: at("2027-01-01T00:00:00Z"),
    }
}

#[tokio::test]
async fn an_entry_that_was_moved_is_taken_back_by_a_later_version_and_never_moved_afterwards() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let first = moved(buyer, &email);
    let second = moved_again(&first);
    kit.hears(&first).await;
    kit.hears(&second).await;
    kit.hears(&called_off(&second)).await;
    kit.hears(&moved_again(&second)).await;
    sends(&kit).await;
    let mails = mailbox.mails(&email, 2).await;
    assert_eq!(mailbox.count().await, 4, "the second move and its end, to two people");
    let off = mails.iter().find(|mail| mail["subject"].as_str().unwrap().starts_with("Called off"));
    let entry = calendar(&mailbox, off.unwrap()).await;
    assert!(entry.contains("METHOD:CANCEL") && entry.contains("SEQUENCE:3"), "{entry}");
}

#[tokio::test]
async fn tickets_that_all_went_back_take_a_moved_entry_back() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let confirmed = order(buyer, vec![ticket("Ada", &email, "104")]);
    kit.hears(&rescheduled(&confirmed)).await;
    kit.hears(&refund(&confirmed, &confirmed.tickets)).await;
    sends(&kit).await;
    let mails = mailbox.mails(&email, 2).await;
    let back = mails.iter().find(|mail| mail["subject"].as_str().unwrap().starts_with("Your money")).unwrap();
    assert!(calendar(&mailbox, back).await.contains("SEQUENCE:2"));
}

#[tokio::test]
async fn a_mail_server_that_takes_nothing_delays_the_news_of_a_move_and_loses_none() {
    let mailbox = Mailbox::with(SandboxOptions::default()).await;
    let down = Kit::new(9).await;
    let (buyer, email) = down.account("Ada").await;
    down.hears(&moved(buyer, &email)).await;
    sends(&down).await;
    let up = down.replica(chrono::Duration::zero(), mailbox.sandbox.smtp_port()).await;
    let sql = "UPDATE notifications SET due_at = 0, claimed_until = 0";
    up.database.writes.execute_unprepared(sql).await.unwrap();
    sends(&up).await;
    assert_eq!(mailbox.mails(&email, 1).await.len(), 1);
    assert_eq!(OrderRescheduled::SUBJECT, "odysseus.tickets.order.rescheduled.v1");
}
