//! Mails reach the sandbox's SMTP server, once, whatever happens on the way.

use std::net::{Ipv4Addr, SocketAddr};

use kernel::{Clock, SystemClock, to_millis};
use notifications::Migrator;
use sandbox::{SandboxOptions, Switches, Times};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use testbed::{OwnDatabase, own_database};
use tokio::net::TcpListener;

use crate::kit::{Kit, Mailbox, order, ticket, until};

async fn waiting(kit: &Kit) -> i64 {
    let reads = &kit.database.reads;
    let count = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM notifications WHERE status = 'QUEUED'";
    let row = reads.query_one_raw(Statement::from_string(reads.get_database_backend(), count)).await;
    row.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn all_sent(kit: &Kit) {
    until("every mail is sent", async || waiting(kit).await == 0).await;
}

fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    let headers = mail["headers"].as_array().unwrap();
    let found = headers.iter().find(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name));
    found.unwrap()[1].as_str().unwrap()
}

#[tokio::test]
async fn a_buyer_gets_one_mail_with_tickets_and_a_calendar_entry_although_the_ask_comes_twice() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let running = kit.start().await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email.to_lowercase(), "104"), ticket("Ada", &email, "105")]);
    kit.hears(&order).await; // twice, the same message
    kit.handle(&order).await.unwrap(); // and the saga asks again

    let mails = mailbox.mails(&email, 1).await;
    all_sent(&kit).await;
    assert_eq!(mailbox.count().await, 1, "once, and to nobody else");
    let mail = &mails[0];
    assert_eq!(mail["subject"], "Your tickets for Die Zauberflöte (order ODY-7F3K2M)");
    assert!(mail["text"].as_str().unwrap().contains("Doors 19:00 · Starts 20:00 CET"));
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains("Stalls left, row 12, seat 105") && html.contains("99.00 EUR"), "{html}");

    assert!(mailbox.attachment(mail, "tickets.pdf").await.starts_with(b"%PDF-"));
    let calendar = String::from_utf8(mailbox.attachment(mail, "event.ics").await).unwrap();
    let calendar = calendar.replace("\r\n ", "");
    assert!(calendar.contains(&format!("UID:order-{}@odysseus", order.order_id)), "{calendar}");
    assert!(calendar.contains("DTSTART;TZID=Europe/Vienna:20270313T200000"), "{calendar}");
    assert!(calendar.contains("BEGIN:VTIMEZONE") && calendar.contains("METHOD:PUBLISH"), "{calendar}");
    let kinds: Vec<_> =
        mail["attachments"].as_array().unwrap().iter().map(|one| one["contentType"].clone()).collect();
    assert_eq!(kinds, ["application/pdf", "text/calendar"]);

    // One answer for each ask, each the same.
    let replies = kit.told("odysseus.reply.tickets.purchase.v1").await;
    assert_eq!(replies.len(), 2);
    for reply in replies {
        assert_eq!(reply["order_id"], order.order_id.to_string());
        assert_eq!((&reply["step"], &reply["way"]), (&"SEND_CONFIRMATION".into(), &"DO".into()));
        assert_eq!(reply["outcome"], "DONE");
    }
    running.stop().await;
}

#[tokio::test]
async fn somebody_else_who_goes_in_gets_their_own_ticket_and_not_the_order() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let running = kit.start().await;
    let (buyer, email) = kit.account("Ada").await;
    let tickets = vec![
        ticket("Ada", &email, "104"),
        ticket("Bob", "Bob@example.net", "105"),
        ticket("Bob's guest", "bob@Example.net", "106"),
        ticket("Cleo", "cleo@example.net", "107"),
    ];
    kit.hears(&order(buyer, tickets)).await;

    mailbox.mails(&email, 1).await;
    let bob = mailbox.mails("Bob@example.net", 1).await;
    let cleo = mailbox.mails("cleo@example.net", 1).await;
    all_sent(&kit).await;
    assert_eq!(mailbox.count().await, 3, "one mail for each address");
    let (bob, cleo) = (&bob[0], &cleo[0]);
    let text = bob["text"].as_str().unwrap();
    assert!(text.contains("Ada has bought 2 tickets for you") && text.contains("seat 105"), "{text}");
    assert!(text.contains("seat 106") && !text.contains("seat 104") && !text.contains("seat 107"), "{text}");
    assert!(!cleo["html"].as_str().unwrap().contains("198.00"), "the order's total is the buyer's business");
    // A page for each of theirs, no more.
    let (two, one) = (
        mailbox.attachment(bob, "tickets.pdf").await.len(),
        mailbox.attachment(cleo, "tickets.pdf").await.len(),
    );
    assert!(two > one, "{two} {one}");
    running.stop().await;
}

#[tokio::test]
async fn a_mail_outage_delays_a_mail_and_loses_none() {
    let mailbox = Mailbox::open().await;
    mailbox.sandbox.set_switches(Switches { smtp_refuse: Times::Next(2), ..Switches::default() });
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let running = kit.start().await;
    let (buyer, email) = kit.account("Ada").await;
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;
    assert_eq!(kit.told("odysseus.reply.tickets.purchase.v1").await.len(), 1, "the sale goes on meanwhile");

    let mails = mailbox.mails(&email, 1).await;
    all_sent(&kit).await;
    assert_eq!(mailbox.count().await, 1);
    assert!(header(&mails[0], "Message-ID").ends_with("@odysseus.test>"));
    running.stop().await;
}

#[tokio::test]
async fn a_mail_that_was_queued_before_a_restart_is_sent_after_it() {
    // A mail server that is down: this port was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let own = own_database::<Migrator>("notifications").await;
    let place = own.place.clone();
    let kit = Kit::on(own, free).await;
    let (buyer, email) = kit.account("Ada").await;
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;
    // Another process claimed it and was killed before it could send: its claim is not renewed.
    kit.notifications.send_mails().await.unwrap();
    let soon = to_millis(SystemClock.now()) + 2_000;
    let claim =
        format!("UPDATE notifications SET claimed_until = {soon}, due_at = 0 WHERE status = 'QUEUED'");
    kit.database.writes.execute_unprepared(&claim).await.unwrap();
    assert_eq!(waiting(&kit).await, 1);
    drop(kit);

    let smtp = SocketAddr::from((Ipv4Addr::LOCALHOST, free));
    let mailbox = Mailbox::with(SandboxOptions { smtp, ..SandboxOptions::default() }).await;
    let kit = Kit::on(OwnDatabase { database: place.connect().await, place }, free).await;
    let running = kit.start().await;
    mailbox.mails(&email, 1).await;
    all_sent(&kit).await;
    assert_eq!(mailbox.count().await, 1);
    running.stop().await;
}

#[tokio::test]
async fn a_mail_server_that_was_down_for_long_gets_every_mail_once_and_soon() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut kit = Kit::new(free).await;
    kit.config.smtp_breaker = breaker::Settings { failures: 3, pause_millis: 200, longest_pause_millis: 400 };
    let running = kit.start().await;
    let (buyer, email) = kit.account("Ada").await;
    for seat in 0..30 {
        kit.hears(&order(buyer, vec![ticket("Ada", &email, &format!("{seat}"))])).await;
    }
    let reads = &kit.database.reads;
    let tried = async |count: &str| -> i64 {
        let query = format!("SELECT CAST({count} AS BIGINT) AS n FROM notifications WHERE channel = 'EMAIL'");
        let row = reads.query_one_raw(Statement::from_string(reads.get_database_backend(), query)).await;
        row.unwrap().unwrap().try_get("", "n").unwrap()
    };
    until("some were tried", async || tried("COALESCE(SUM(attempts), 0)").await >= 3).await;
    // The worker looks twice a second: in two seconds each mail would have been tried more than once.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let attempts = tried("SUM(attempts)").await;
    assert!(attempts < 30, "who does not answer is not asked for each mail: {attempts}");
    assert_eq!(waiting(&kit).await, 30);

    let smtp = SocketAddr::from((Ipv4Addr::LOCALHOST, free));
    let mailbox = Mailbox::with(SandboxOptions { smtp, ..SandboxOptions::default() }).await;
    assert_eq!(mailbox.mails(&email, 30).await.len(), 30);
    all_sent(&kit).await;
    assert_eq!(mailbox.count().await, 30);
    running.stop().await;
}

#[tokio::test]
async fn two_replicas_do_not_both_send_a_mail() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    for _ in 0..5 {
        kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;
    }
    let (one, other) = (kit.notifications.clone(), kit.notifications.clone());
    let (one, other) = tokio::join!(one.send_mails(), other.send_mails());
    one.unwrap();
    other.unwrap();
    assert_eq!(waiting(&kit).await, 0);
    assert_eq!(mailbox.mails(&email, 5).await.len(), 5);
    assert_eq!(mailbox.count().await, 5);
}

#[tokio::test]
async fn a_replica_whose_clock_is_ahead_leaves_alone_what_another_is_sending() {
    let slow = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let kit = Kit::new(slow.local_addr().unwrap().port()).await;
    let mailbox = Mailbox::open().await;
    let ahead = kit.replica(chrono::Duration::minutes(5), mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;

    let sending = tokio::spawn({
        let one = kit.notifications.clone();
        async move { one.send_mails().await }
    });
    // The mail server greets nobody yet: the mail is being sent.
    let (connection, _) = slow.accept().await.unwrap();
    ahead.notifications.send_mails().await.unwrap();
    assert_eq!(mailbox.count().await, 0, "it is the other's");

    drop(connection);
    sending.await.unwrap().unwrap();
    assert_eq!(waiting(&kit).await, 1);
    until("it is due again", async || {
        ahead.notifications.send_mails().await.unwrap();
        waiting(&kit).await == 0
    })
    .await;
    assert_eq!(mailbox.mails(&email, 1).await.len(), 1);
}

#[tokio::test]
async fn a_mail_sent_again_after_a_crash_is_the_same_message() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;
    let writes = &kit.database.writes;
    let before = "CREATE TABLE before AS SELECT * FROM notifications";
    writes.execute_unprepared(before).await.unwrap();
    kit.notifications.send_mails().await.unwrap();
    // The server's yes was never noted: the row is as it was before.
    let crashed = "UPDATE notifications SET (status, sent_at, letter) = \
                   (SELECT status, sent_at, letter FROM before WHERE before.id = notifications.id)";
    writes.execute_unprepared(crashed).await.unwrap();
    kit.notifications.send_mails().await.unwrap();

    let mails = mailbox.mails(&email, 2).await;
    assert_eq!(header(&mails[0], "Message-ID"), header(&mails[1], "Message-ID"));
    assert_eq!(header(&mails[0], "Date"), header(&mails[1], "Date"));
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_holds_up_no_other() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;
    let broken = "UPDATE notifications SET letter = '{\"letter\":\"FROM_TOMORROW\"}', due_at = 0 WHERE channel = 'EMAIL'";
    kit.database.writes.execute_unprepared(broken).await.unwrap();
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "105")])).await;
    kit.notifications.send_mails().await.unwrap();
    assert!(mailbox.mails(&email, 1).await[0]["text"].as_str().unwrap().contains("seat 105"));
    assert_eq!(waiting(&kit).await, 1, "the other one is still there");
}

#[tokio::test]
async fn what_was_sent_is_not_kept() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email, "104")]);
    kit.hears(&order).await;
    kit.notifications.send_mails().await.unwrap();
    let reads = &kit.database.reads;
    let query = "SELECT COALESCE(letter, '') || body AS kept FROM notifications";
    let rows =
        reads.query_all_raw(Statement::from_string(reads.get_database_backend(), query)).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let kept: String = row.try_get("", "kept").unwrap();
        assert!(!kept.contains(&order.tickets[0].qr_payload), "a code that opens doors is not left about");
    }
}
