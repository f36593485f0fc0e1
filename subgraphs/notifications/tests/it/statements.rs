//! A hundred messages cost as many statements as one, and waiting for one costs few.

use std::time::Duration;

use contracts::tickets::{OrderEnd, OrderEnded};
use futures::StreamExt as _;
use kernel::{EventId, OrderId, UserId};

use crate::kit::{Kit, Mailbox, at, order, ticket, to_pay};

async fn told(kit: &Kit, buyer_id: UserId, messages: usize) {
    for _ in 0..messages {
        let (order_id, event_id, how) = (OrderId::new(), EventId::new(), OrderEnd::Expired);
        kit.hears(&OrderEnded {
            order_id,
            event_id,
            buyer_id,
            how,
            called_off: false,
            at: at("2027-01-01T00:00:00Z"),
        })
        .await;
    }
}

#[tokio::test]
async fn a_list_of_a_hundred_costs_as_many_statements_as_a_list_of_one() {
    let kit = Kit::new(9).await;
    let (user, _) = kit.account("Ada").await;
    told(&kit, user, 100).await;
    let all = "id kind channel subject body createdAt readAt status";
    for (most, fields) in [
        (1, format!("nodes {{ {all} }}")),
        (1, format!("edges {{ cursor node {{ {all} }} }} pageInfo {{ hasNextPage endCursor }}")),
        (2, format!("totalCount nodes {{ {all} }}")),
    ] {
        let mut counts = Vec::new();
        for first in [1, 100] {
            let before = kit.database.statements();
            let page =
                kit.graph(Some(user), &format!("{{ notifications(first: {first}) {{ {fields} }} }}")).await;
            counts.push(kit.database.statements() - before);
            assert!(page["errors"].is_null(), "{page}");
        }
        assert_eq!(counts, [most, most], "{fields}");
    }
}

#[tokio::test]
async fn preferences_are_read_once_however_often_they_are_asked_for() {
    let kit = Kit::new(9).await;
    let (user, _) = kit.account("Ada").await;
    let one = format!("{{ __typename: \"User\", id: \"{user}\" }}");
    for asked in [1, 100] {
        let of = vec![one.as_str(); asked].join(", ");
        let before = kit.database.statements();
        let entries = "notificationPreferences { entries { kind channel enabled } }";
        let found = kit
            .graph(
                Some(user),
                &format!("{{ _entities(representations: [{of}]) {{ ... on User {{ {entries} }} }} }}"),
            )
            .await;
        assert_eq!(kit.database.statements() - before, 1, "{asked}");
        assert_eq!(found["data"]["_entities"].as_array().map(Vec::len), Some(asked), "{found}");
    }
}

#[tokio::test]
async fn who_waits_for_a_message_is_woken_and_looks_once() {
    let kit = Kit::new(9).await;
    let (user, _) = kit.account("Ada").await;
    let mut heard = kit.notifications.watch_notifications(user).await.unwrap();
    let before = kit.database.statements();
    told(&kit, user, 1).await;
    let telling = kit.database.statements() - before;
    let woken = tokio::time::timeout(Duration::from_secs(1), heard.next()).await;
    assert!(woken.expect("woken, and not only by the clock").unwrap().is_ok());
    assert!(kit.database.statements() - before - telling <= 2, "one look for each of at most two wakes");
}

impl Kit {
    /// How many statements were sent so far.
    fn sent(&self) -> u64 {
        self.database.statements() + self.database.background().statements()
    }
}

#[tokio::test]
async fn a_purchase_costs_few_statements_until_its_mails_are_sent() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer_id, email) = kit.account("Ada").await;
    let confirmation =
        order(buyer_id, vec![ticket("Ada", &email, "A-1"), ticket("Bob", "bob@example.org", "A-2")]);
    let event_id = confirmation.event.event_id;
    let placed = to_pay(confirmation.order_id, event_id, buyer_id, confirmation.total);
    let before = kit.sent();
    kit.handle(&placed).await.unwrap();
    assert_eq!(kit.sent() - before, 1, "kept");
    let before = kit.sent();
    kit.handle(&confirmation).await.unwrap();
    assert_eq!(
        kit.sent() - before,
        4,
        "noted; who it is, and how many mails to others there were; and what is written"
    );
    let before = kit.sent();
    kit.notifications.send_mails().await.unwrap();
    assert_eq!(kit.sent() - before, 4, "looked, claimed, and a note of each of two mails");
    for address in [email.as_str(), "bob@example.org"] {
        assert_eq!(mailbox.mails(address, 1).await.len(), 1);
    }
    let before = kit.sent();
    kit.notifications.send_mails().await.unwrap();
    assert_eq!(kit.sent() - before, 1, "an idle look writes nothing");
}
