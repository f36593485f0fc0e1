//! Whose tickets go back hears once which and with how much money, and who was sent one, that it admits nobody any more.

use std::collections::BTreeSet;

use contracts::{payments::PaymentRefunded, purchase::SendConfirmation, tickets::OrderRefunded};
use kernel::{PaymentId, UserId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::kit::{Kit, Mailbox, at, order, refund, ticket};

/// What payments tell of the money of these tickets.
fn money_of(tickets: &OrderRefunded) -> PaymentRefunded {
    PaymentRefunded {
        payment_id: PaymentId::new(),
        refund_id: tickets.refund_id,
        order_id: tickets.order_id,
        event_id: tickets.event_id,
        buyer_id: tickets.buyer_id,
        amount: tickets.amount,
        refunded_in_all: tickets.amount,
        whole: tickets.whole,
        made_at_provider: false,
        asked_for: true,
        reason: "given back by the organizer".to_owned(),
        at: at("2027-01-01T00:00:00Z"),
    }
}

async fn in_app(kit: &Kit, user: UserId) -> Vec<Value> {
    let list = "{ notifications(channel: IN_APP) { nodes { kind subject body } } }";
    kit.graph(Some(user), list).await["data"]["notifications"]["nodes"].as_array().unwrap().clone()
}

/// Who is told of money or tickets that went back, and by which channel.
async fn told(kit: &Kit) -> BTreeSet<(String, String)> {
    let sql = "SELECT recipient, channel FROM notifications WHERE kind = 'ORDER_REFUNDED'";
    let backend = kit.database.reads.get_database_backend();
    let rows = kit.database.reads.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let column = |row: &sea_orm::QueryResult, name| row.try_get::<String>("", name).unwrap();
    let told: Vec<_> = rows.iter().map(|row| (column(row, "recipient"), column(row, "channel"))).collect();
    let once: BTreeSet<_> = told.iter().cloned().collect();
    assert_eq!(once.len(), told.len(), "nobody is told twice: {told:?}");
    once
}

fn to(recipient: &str, channel: &str) -> (String, String) {
    (recipient.to_lowercase(), channel.to_owned())
}

/// An order of the buyer, of somebody who was sent their tickets, and of somebody who was not.
async fn sold(kit: &Kit, buyer: UserId, email: &str) -> SendConfirmation {
    let mut order = order(
        buyer,
        vec![
            ticket("Ada", &email.to_uppercase(), "104"),
            ticket("Bob", "Bob@example.net", "105"),
            ticket("Bob's guest", "bob@Example.net", "106"),
        ],
    );
    kit.hears(&order).await;
    order.tickets.push(ticket("Cleo", "cleo@example.net", "107"));
    order
}

#[tokio::test]
async fn buyer_and_holders_are_told_once_which_tickets_went_back_whatever_is_heard_first() {
    for money_first in [true, false] {
        let mailbox = Mailbox::open().await;
        let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
        let (buyer, email) = kit.account("Ada").await;
        let order = sold(&kit, buyer, &email).await;
        kit.notifications.send_mails().await.unwrap();
        assert_eq!(mailbox.count().await, 2, "their tickets");
        let back = refund(&order, &order.tickets[1..]);
        if money_first {
            kit.hears(&money_of(&back)).await;
        }
        kit.hears(&back).await;
        kit.handle(&back).await.unwrap();
        if !money_first {
            kit.hears(&money_of(&back)).await;
        }
        let key = format!("user:{buyer}");
        let all = [to(&key, "EMAIL"), to(&key, "IN_APP"), to("bob@example.net", "EMAIL")];
        assert_eq!(told(&kit).await, all.into(), "who was sent no ticket misses none");
        kit.notifications.send_mails().await.unwrap();
        assert_eq!(mailbox.count().await, 4);

        let to_ada = mailbox.mails(&email, 2).await;
        let to_ada = to_ada.iter().find(|mail| mail["subject"].as_str().unwrap().contains("money")).unwrap();
        let text = to_ada["text"].as_str().unwrap();
        for part in [
            "148.50 EUR",
            "ODY-7F3K2M",
            "The gallery is closed",
            "other tickets of your order are valid",
            "seat 107",
        ] {
            assert!(text.contains(part), "{part:?} is missing in:\n{text}");
        }
        assert!(!text.contains("seat 104"), "{text}");
        assert!(to_ada["html"].as_str().unwrap().contains("seat 107"));
        assert_eq!(to_ada["attachments"], json!([]), "the date stands");

        let to_bob = mailbox.mails("bob@example.net", 2).await;
        let to_bob = to_bob.iter().find(|mail| mail["subject"].as_str().unwrap().contains("nobody")).unwrap();
        assert_eq!(to_bob["subject"], "Your tickets admit nobody any more: Die Zauberflöte");
        let text = to_bob["text"].as_str().unwrap();
        assert!(text.contains("seat 105") && text.contains("seat 106"), "{text}");
        for others in ["seat 107", "ODY-7F3K2M", "EUR", "gallery"] {
            assert!(!text.contains(others), "{others:?} is in:\n{text}");
        }
        let listed = in_app(&kit, buyer).await;
        let listed: Vec<_> = listed.iter().filter(|one| one["kind"] == "ORDER_REFUNDED").collect();
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert!(listed[0]["body"].as_str().unwrap().contains("148.50 EUR"), "{listed:?}");
    }
}

#[tokio::test]
async fn an_order_of_which_nothing_is_left_takes_its_date_out_of_calendars() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = sold(&kit, buyer, &email).await;
    kit.hears(&refund(&order, &order.tickets)).await;
    kit.notifications.send_mails().await.unwrap();
    for address in [email.as_str(), "bob@example.net"] {
        let mails = mailbox.mails(address, 2).await;
        let mail = mails.iter().find(|mail| !mail["subject"].as_str().unwrap().contains(" for ")).unwrap();
        assert!(mail["text"].as_str().unwrap().contains("No ticket of the order is left."), "{mail}");
        assert_eq!(mail["attachments"].as_array().unwrap().len(), 1, "no tickets: {mail}");
        let calendar = String::from_utf8(mailbox.attachment(mail, "event.ics").await).unwrap();
        let calendar = calendar.replace("\r\n ", "");
        let uid = format!("UID:order-{}@odysseus", order.order_id);
        for line in ["METHOD:CANCEL", "SEQUENCE:1", "STATUS:CANCELLED", uid.as_str()] {
            assert!(calendar.lines().any(|found| found == line), "{line} is missing in\n{calendar}");
        }
        assert_eq!(calendar.contains("gallery"), address == email, "the reason is the buyer's");
    }
}

#[tokio::test]
async fn when_the_event_is_off_money_that_goes_back_is_a_line_in_the_buyers_list_alone() {
    let kit = Kit::with_sms("http://127.0.0.1:9".to_owned()).await;
    let (buyer, email) = kit.account_with("Ada", Some("+4366412345678")).await;
    wants_sms(&kit, buyer).await;
    let order = sold(&kit, buyer, &email).await;
    let mut back = refund(&order, &order.tickets);
    back.called_off = true;
    kit.hears(&money_of(&back)).await;
    kit.hears(&back).await;
    assert_eq!(told(&kit).await, [to(&format!("user:{buyer}"), "IN_APP")].into());
}

#[tokio::test]
async fn who_chose_sms_gets_one_of_the_tickets_that_went_back() {
    let kit = Kit::with_sms("http://127.0.0.1:9".to_owned()).await;
    let (buyer, email) = kit.account_with("Ada", Some("+4366412345678")).await;
    wants_sms(&kit, buyer).await;
    let order = order(buyer, vec![ticket("Ada", &email, "104")]);
    kit.hears(&order).await;
    kit.hears(&refund(&order, &order.tickets)).await;
    let key = format!("user:{buyer}");
    assert_eq!(told(&kit).await, ["EMAIL", "IN_APP", "SMS"].map(|channel| to(&key, channel)).into());
}

async fn wants_sms(kit: &Kit, user: UserId) {
    let chosen = "mutation { setNotificationPreferences(input: { entries: \
                  [{ kind: ORDER_REFUNDED, channel: SMS, enabled: true }] }) { entries { kind } } }";
    let answer = kit.graph(Some(user), chosen).await;
    assert!(answer.get("errors").is_none(), "{answer}");
}

#[tokio::test]
async fn who_was_erased_is_told_nothing_and_who_holds_the_ticket_still_is() {
    let kit = Kit::new(9).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = sold(&kit, buyer, &email).await;
    let mut erased = Kit::change_of(buyer, 2);
    erased.erased = true;
    kit.hears(&erased).await;
    kit.hears(&refund(&order, &order.tickets)).await;
    assert_eq!(told(&kit).await, [to("bob@example.net", "EMAIL")].into());
}

#[tokio::test]
async fn a_refund_to_somebody_unknown_waits_until_the_account_has_arrived() {
    let kit = Kit::new(9).await;
    let order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    let (back, message) = (refund(&order, &order.tickets), uuid::Uuid::new_v4());
    let error = kit.notifications.tell_of_refunded_tickets(message, &back).await.unwrap_err();
    assert!(matches!(error, kernel::Error::Broken(fault) if fault.passing), "it will come again");
    kit.hears(&Kit::change_of(order.buyer_id, 1)).await;
    kit.notifications.tell_of_refunded_tickets(message, &back).await.unwrap();
    assert_eq!(told(&kit).await.len(), 2);
}

#[tokio::test]
async fn who_was_passed_a_ticket_on_is_told_that_it_went_back() {
    let kit = Kit::new(9).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email, "104")]);
    kit.hears(&order).await;
    let mut back = refund(&order, &order.tickets);
    let passed_on = &mut back.tickets[0];
    (passed_on.holder_email, passed_on.passed_on) = ("Grace@example.net".to_owned(), true);
    kit.hears(&back).await;
    let key = format!("user:{buyer}");
    let grace = to("grace@example.net", "EMAIL");
    assert_eq!(told(&kit).await, [to(&key, "EMAIL"), to(&key, "IN_APP"), grace].into());
}
