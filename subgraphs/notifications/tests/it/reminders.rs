//! Whoever has tickets is reminded of the event once, a day before it begins, by the clocks of the place.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    events::EventChanged,
    purchase::SendConfirmation,
    settings::{Branding, OrganizationSettings, OrganizationSettingsChanged},
    users::OrganizationChanged,
};
use kernel::{Clock as _, SystemClock, UserId};
use sea_orm::ConnectionTrait as _;
use serde_json::Value;
use testbed::OwnDatabase;

use crate::{
    kit::{Kit, Mailbox, event_changed, order, refund, ticket, until},
    samples::transferred,
};

/// Half a minute from now it is a day before that: nobody is reminded yet, and a minute later they are.
pub(crate) fn soon() -> DateTime<Utc> {
    SystemClock.now() + TimeDelta::days(1) + TimeDelta::seconds(30)
}

/// To reminders it is a minute later than it was.
async fn a_minute_passes(kit: &Kit) {
    let sooner = "UPDATE reminders SET due_at = due_at - 60000 WHERE due_at IS NOT NULL";
    kit.database.writes.execute_unprepared(sooner).await.unwrap();
}

/// What is told of an event that begins then, and an order for it: Ada's ticket, and two of Bob's.
pub(crate) fn sold(buyer: UserId, email: &str, starts_at: DateTime<Utc>) -> (EventChanged, SendConfirmation) {
    let tickets = vec![
        ticket("Ada", &email.to_uppercase(), "104"),
        ticket("Bob", "bob@example.net", "105"),
        ticket("Bob", "Bob@example.net", "106"),
    ];
    let mut order = order(buyer, tickets);
    let mut event = event_changed(order.event.event_id, 1, &order.event.title);
    // No clocks go on or back there.
    event.event.timezone = "Asia/Tokyo".parse().unwrap();
    at(&mut event, starts_at);
    order.event.timezone = event.event.timezone;
    (order.event.starts_at, order.event.ends_at) = (event.event.starts_at, event.event.ends_at);
    order.event.doors_at = None;
    (event, order)
}

fn at(event: &mut EventChanged, starts_at: DateTime<Utc>) {
    (event.event.starts_at, event.event.ends_at) = (starts_at, starts_at + TimeDelta::hours(3));
}

/// The time has come: sends what is due, and what was queued before.
pub(crate) async fn remind(kit: &Kit) {
    a_minute_passes(kit).await;
    while kit.notifications.remind().await.unwrap() == Some(std::time::Duration::ZERO) {}
    while kit.notifications.send_mails().await.unwrap() {}
}

fn reminders(mails: &[Value]) -> Vec<&Value> {
    mails.iter().filter(|mail| mail["subject"].as_str().unwrap().starts_with("Soon: ")).collect()
}

#[tokio::test]
async fn a_day_before_each_holder_is_reminded_once_of_all_their_tickets() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let (event, order) = sold(ada, &email, soon());
    kit.hears(&event).await;
    kit.hears(&order).await;
    assert!(kit.notifications.remind().await.unwrap().is_some_and(|wait| !wait.is_zero()), "not before");
    a_minute_passes(&kit).await;
    // Two replicas, of which one is enough.
    let other = Kit::on(OwnDatabase { database: kit.database.clone(), place: kit.place.clone() }, 9).await;
    let both = || async {
        let (one, two) = tokio::join!(kit.notifications.remind(), other.notifications.remind());
        (one.unwrap(), two.unwrap()) == (None, None)
    };
    until("all are reminded", both).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let (to_ada, to_bob) = (mailbox.mails(&email, 2).await, mailbox.mails("bob@example.net", 2).await);
    let (to_ada, to_bob) = (reminders(&to_ada), reminders(&to_bob));
    assert_eq!((to_ada.len(), to_bob.len()), (1, 1), "once each");
    assert!(to_ada[0]["text"].as_str().unwrap().contains("You have a ticket for it"), "{to_ada:?}");
    assert!(to_bob[0]["text"].as_str().unwrap().contains("You have 2 tickets for it"), "{to_bob:?}");
    assert!(to_bob[0]["text"].as_str().unwrap().contains("JST"), "{to_bob:?}");
    let list = "{ notifications(channel: IN_APP) { nodes { kind url event { id } } } }";
    let list = kit.graph(Some(ada), list).await["data"]["notifications"]["nodes"].clone();
    let listed = list.as_array().unwrap().iter().find(|one| one["kind"] == "EVENT_REMINDER").unwrap();
    assert_eq!(listed["event"]["id"], order.event.event_id.public().to_string());
    let page = format!("http://127.0.0.1:4000/orders/{}", order.order_id.public());
    assert_eq!(listed["url"], page);
}

#[tokio::test]
async fn tickets_that_went_back_or_to_somebody_else_remind_nobody() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let (event, order) = sold(ada, &email, soon());
    kit.hears(&event).await;
    // It is heard of the refund, and of what Carol was given, before it is heard of the purchase.
    kit.hears(&refund(&order, &order.tickets[..1])).await;
    let given = transferred(&order, &order.tickets[1], "Carol", "carol@example.com");
    kit.hears(&given).await;
    kit.hears(&order).await;
    remind(&kit).await;
    let carols = mailbox.mails("carol@example.com", 2).await;
    assert_eq!(reminders(&carols).len(), 1);
    let bobs = mailbox.mails("bob@example.net", 1).await;
    let bobs = reminders(&bobs);
    assert!(bobs[0]["text"].as_str().unwrap().contains("You have a ticket for it"), "one is left: {bobs:?}");
    assert!(reminders(&mailbox.mails(&email, 1).await).is_empty());
}

#[tokio::test]
async fn who_has_moved_with_the_event_is_reminded_of_its_new_time_alone() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let (mut event, order) = sold(ada, &email, soon());
    kit.hears(&event).await;
    kit.hears(&order).await;
    event.version = 2;
    at(&mut event, soon() + TimeDelta::days(7));
    kit.hears(&event).await;
    remind(&kit).await;
    assert!(reminders(&mailbox.mails(&email, 1).await).is_empty(), "the old time is over");
    event.version = 3;
    at(&mut event, soon());
    kit.hears(&event).await;
    remind(&kit).await;
    let mails = mailbox.mails(&email, 2).await;
    assert_eq!(reminders(&mails).len(), 1);
    event.version = 4;
    event.event.title = "Another title".to_owned();
    kit.hears(&event).await;
    remind(&kit).await;
    assert_eq!(mailbox.mails(&email, 2).await.len(), 2, "another title reminds nobody again");
}

#[tokio::test]
async fn reminders_of_several_organizations_look_each_as_its_own_does() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let mut readers = Vec::new();
    for (name, colour) in [("Theater an der Brücke", "#c8102e"), ("Jazz Club", "#0a5c36"), ("", "")] {
        let (reader, email) = kit.account("Ada").await;
        let (event, mut order) = sold(reader, &email, soon());
        order.tickets.truncate(1);
        let organization_id = event.event.organization_id;
        if !name.is_empty() {
            kit.hears(&OrganizationChanged {
                organization_id,
                version: 1,
                slug: "house".to_owned(),
                name: name.to_owned(),
            })
            .await;
            let branding = Branding { colour: Some(colour.to_owned()), ..Branding::default() };
            let settings = OrganizationSettings { branding, ..OrganizationSettings::default() };
            kit.hears(&OrganizationSettingsChanged { organization_id, version: 1, settings }).await;
        }
        kit.hears(&event).await;
        kit.hears(&order).await;
        readers.push((email, name, colour));
    }
    remind(&kit).await;
    for (email, name, colour) in &readers {
        let mails = mailbox.mails(email, 2).await;
        let reminder = reminders(&mails)[0]["html"].as_str().unwrap();
        for (_, other, others) in readers.iter().filter(|other| !other.1.is_empty()) {
            assert_eq!(reminder.contains(other), other == name, "{other} in the mail of {name}");
            assert_eq!(reminder.contains(others), others == colour, "{others} in the mail of {name}");
        }
    }
}

#[tokio::test]
async fn of_an_event_that_is_off_nobody_is_reminded() {
    let kit = Kit::new(9).await;
    let (ada, email) = kit.account("Ada").await;
    let (mut event, order) = sold(ada, &email, soon());
    kit.hears(&event).await;
    kit.hears(&order).await;
    event.version = 2;
    event.event.status = contracts::events::EventStatus::Cancelled;
    kit.hears(&event).await;
    assert_eq!(kit.notifications.remind().await.unwrap(), None);
}

#[tokio::test]
async fn forty_who_are_reminded_cost_as_many_statements_as_one() {
    let mut counts = Vec::new();
    for people in [1, 40] {
        let kit = Kit::new(9).await;
        let (ada, email) = kit.account("Ada").await;
        let (event, mut order) = sold(ada, &email, soon());
        order.tickets.truncate(1);
        for number in 1..people {
            order.tickets.push(ticket("Guest", &format!("guest-{number}@example.net"), &number.to_string()));
        }
        kit.hears(&event).await;
        kit.hears(&order).await;
        a_minute_passes(&kit).await;
        let before = kit.database.statements();
        kit.notifications.remind().await.unwrap();
        counts.push(kit.database.statements() - before);
    }
    assert_eq!(counts[0], counts[1]);
}
