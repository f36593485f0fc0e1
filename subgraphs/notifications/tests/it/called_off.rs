//! Whoever has tickets for an event that is off hears of it once, and whose money goes back hears that.

use std::collections::BTreeSet;

use contracts::{
    events::{EventChange, EventStatus},
    payments::PaymentRefunded,
    tickets::{OrderCalledOff, OrderEnd, OrderEnded, TicketHolder},
};
use kernel::{Currency, EventId, Money, OrderId, PaymentId, RefundId, TicketId, UserId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::kit::{Kit, Mailbox, at, event_changed, order, ticket, to_pay};

fn holder(name: &str, email: &str) -> TicketHolder {
    TicketHolder { ticket_id: TicketId::new(), name: name.to_owned(), email: email.to_owned() }
}

fn called_off(buyer_id: UserId, holders: Vec<TicketHolder>) -> OrderCalledOff {
    let order = order(buyer_id, vec![ticket("Ada", "ada@example.org", "104")]);
    OrderCalledOff {
        order_id: order.order_id,
        number: order.number,
        buyer_id,
        total: order.total,
        event: order.event,
        reason: Some("The singer is ill".to_owned()),
        holders,
        at: at("2027-01-01T00:00:00Z"),
    }
}

fn refunded(buyer_id: UserId, order_id: OrderId, event_id: EventId) -> PaymentRefunded {
    PaymentRefunded {
        payment_id: PaymentId::new(),
        refund_id: RefundId::new(),
        order_id,
        event_id,
        buyer_id,
        amount: Money::new(4950, Currency::EUR),
        refunded_in_all: Money::new(4950, Currency::EUR),
        whole: true,
        made_at_provider: false,
        asked_for: false,
        reason: "The order could not be fulfilled.".to_owned(),
        at: at("2027-01-01T00:00:00Z"),
    }
}

async fn placed(kit: &Kit, buyer_id: UserId, order_id: OrderId, event_id: EventId) {
    let total = Money::new(4950, Currency::EUR);
    kit.hears(&to_pay(order_id, event_id, buyer_id, total)).await;
}

async fn in_app(kit: &Kit, user: UserId) -> Vec<Value> {
    let list = "{ notifications(channel: IN_APP) { nodes { kind subject body } } }";
    kit.graph(Some(user), list).await["data"]["notifications"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn buyer_and_holders_are_told_once_that_the_event_is_off_and_why() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let off = called_off(
        buyer,
        vec![
            holder("Ada", &email.to_uppercase()),
            holder("Bob", "bob@example.net"),
            holder("Bob", "Bob@example.net"),
        ],
    );
    kit.hears(&off).await;
    kit.handle(&off).await.unwrap();
    while kit.notifications.send_mails().await.unwrap() {}

    let to_ada = mailbox.mails(&email, 1).await;
    let to_bob = mailbox.mails("bob@example.net", 1).await;
    assert_eq!(mailbox.count().await, 2, "one for each");
    for mail in [&to_ada[0], &to_bob[0]] {
        assert_eq!(mail["subject"], "Called off: Die Zauberflöte");
        assert!(mail["text"].as_str().unwrap().contains("The organizer says: The singer is ill"), "{mail}");
        let calendar = String::from_utf8(mailbox.attachment(mail, "event.ics").await).unwrap();
        assert!(calendar.contains("METHOD:CANCEL") && calendar.contains("STATUS:CANCELLED"), "{calendar}");
        assert!(calendar.replace("\r\n ", "").contains(&format!("UID:order-{}@odysseus", off.order_id)));
    }
    assert!(to_ada[0]["text"].as_str().unwrap().contains("order ODY-7F3K2M"));
    assert!(!to_bob[0]["text"].as_str().unwrap().contains("ODY-7F3K2M"), "the order is the buyer's");
    let listed = in_app(&kit, buyer).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["kind"], "EVENT_CANCELLED");
    assert!(listed[0]["body"].as_str().unwrap().contains("The singer is ill"), "{listed:?}");
}

#[tokio::test]
async fn whoever_was_sent_a_ticket_hears_that_the_event_is_off_however_many_mails_there_were_today() {
    let kit = Kit::new(9).await;
    let (buyer, _) = kit.account("Ada").await;
    let at_most = kit.config.mails_to_others_per_day as usize;
    let guest = |number: usize| (format!("Guest {number}"), format!("guest{number}@example.net"));
    let guests: Vec<_> = (0..at_most + 2).map(guest).collect();
    let tickets = guests.iter().map(|(name, email)| ticket(name, email, "1")).collect();
    let confirmed = order(buyer, tickets);
    kit.hears(&confirmed).await;
    let mut off = called_off(buyer, guests.iter().map(|(name, email)| holder(name, email)).collect());
    off.order_id = confirmed.order_id;
    kit.hears(&off).await;
    let sent = async |kind: &str| {
        let sql = format!("SELECT recipient FROM notifications WHERE kind = '{kind}' AND user_id IS NULL");
        let backend = kit.database.reads.get_database_backend();
        let rows = kit.database.reads.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "recipient").unwrap()).collect::<BTreeSet<_>>()
    };
    let have_tickets = sent("TICKETS_RECEIVED").await;
    assert_eq!(have_tickets.len(), at_most);
    assert_eq!(sent("EVENT_CANCELLED").await, have_tickets);
}

#[tokio::test]
async fn a_payment_that_was_returned_is_told_once_with_amount_and_order_whatever_is_heard_first() {
    for end_first in [true, false] {
        let mailbox = Mailbox::open().await;
        let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
        let (buyer, email) = kit.account("Ada").await;
        let (order_id, event_id) = (OrderId::new(), EventId::new());
        let mut event = event_changed(event_id, 2, "Die Zauberflöte");
        (event.change, event.event.status) = (EventChange::Cancelled, EventStatus::Cancelled);
        kit.hears(&event).await;
        placed(&kit, buyer, order_id, event_id).await;
        let at = at("2027-01-01T00:00:00Z");
        let end = OrderEnded {
            order_id,
            event_id,
            buyer_id: buyer,
            how: OrderEnd::Refunded,
            called_off: false,
            at,
        };
        let refund = refunded(buyer, order_id, event_id);
        if end_first {
            kit.hears(&end).await;
            kit.hears(&refund).await;
        } else {
            kit.hears(&refund).await;
            kit.hears(&end).await;
        }
        while kit.notifications.send_mails().await.unwrap() {}
        let mails = mailbox.mails(&email, 1).await;
        assert_eq!(mailbox.count().await, 1);
        assert_eq!(mails[0]["subject"], "Your money goes back: Die Zauberflöte (order ODY-7F3K2M)");
        let text = mails[0]["text"].as_str().unwrap();
        assert!(text.contains("the event was called off") && text.contains("49.50 EUR"), "{text}");
        assert_eq!(in_app(&kit, buyer).await.len(), 1);
    }
}

#[tokio::test]
async fn each_part_that_is_returned_is_told() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let (order_id, event_id) = (OrderId::new(), EventId::new());
    placed(&kit, buyer, order_id, event_id).await;
    for in_all in [1000, 2500] {
        let mut part = refunded(buyer, order_id, event_id);
        (part.whole, part.made_at_provider) = (false, true);
        part.amount = Money::new(if in_all == 1000 { 1000 } else { 1500 }, Currency::EUR);
        part.refunded_in_all = Money::new(in_all, Currency::EUR);
        kit.hears(&part).await;
    }
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 2).await;
    let told = |amount: &str| mails.iter().any(|mail| mail["text"].as_str().unwrap().contains(amount));
    assert!(told("10.00 EUR") && told("15.00 EUR"), "{mails:?}");
    let says =
        |mail: &Value| mail["text"].as_str().unwrap().contains("This changes nothing about your tickets.");
    assert!(mails.iter().all(says), "{mails:?}");

    let mut rest = refunded(buyer, order_id, event_id);
    (rest.amount, rest.made_at_provider) = (Money::new(2450, Currency::EUR), true);
    kit.hears(&rest).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 3).await;
    let rest = mails.iter().find(|mail| mail["text"].as_str().unwrap().contains("24.50 EUR")).unwrap();
    assert!(rest["text"].as_str().unwrap().contains("admit nobody any more"), "{rest}");
    assert!(!says(rest), "{rest}");
}

#[tokio::test]
async fn strangers_get_so_many_mails_from_one_account_a_day_and_then_the_buyer_alone_has_the_tickets() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    for part in 0..6 {
        let tickets =
            (0..10).map(|n| ticket("Guest", &format!("g{part}-{n}@example.net"), &n.to_string())).collect();
        kit.hears(&order(buyer, tickets)).await;
    }
    kit.hears(&called_off(buyer, vec![holder("Guest", "stranger@example.net")])).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let to_buyer = mailbox.mails(&email, 7).await;
    assert_eq!(mailbox.count().await, 50 + 7, "fifty to strangers, and each order to the buyer");
    let told = |mail: &&Value| mail["text"].as_str().unwrap().contains("hand them their tickets yourself");
    assert_eq!(to_buyer.iter().filter(told).count(), 1, "the last order");

    let (other, _) = kit.account("Bea").await;
    kit.hears(&order(other, vec![ticket("Guest", "another@example.net", "1")])).await;
    while kit.notifications.send_mails().await.unwrap() {}
    mailbox.mails("another@example.net", 1).await;
}
