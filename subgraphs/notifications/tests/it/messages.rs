//! What comes from the bus ends up in people's lists, once.

use contracts::{
    events::EventStatus,
    payments::PaymentDeclined,
    tickets::{OrderEnd, OrderEnded},
    users::AccountChanged,
};
use kernel::{EventId, OrderId, PaymentId, UserId};
use serde_json::{Value, json};

use crate::kit::{Kit, Mailbox, at, event_changed, order, ticket};

const LIST: &str = "{ notifications { totalCount nodes { kind channel subject body status } } }";

async fn list(kit: &Kit, user: UserId) -> Vec<Value> {
    let answer = kit.graph(Some(user), LIST).await;
    let nodes = answer["data"]["notifications"]["nodes"].as_array().expect("a list").clone();
    assert_eq!(answer["data"]["notifications"]["totalCount"], nodes.len());
    nodes
}

fn ended(buyer_id: UserId, event_id: EventId, how: OrderEnd) -> OrderEnded {
    OrderEnded {
        order_id: OrderId::new(),
        event_id,
        buyer_id,
        how,
        called_off: false,
        at: at("2027-01-01T00:00:00Z"),
    }
}

#[tokio::test]
async fn a_confirmed_order_is_in_the_buyers_list_once() {
    let kit = Kit::new(9).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email, "104")]);
    kit.hears(&order).await;
    kit.handle(&order).await.unwrap();
    let list = list(&kit, buyer).await;
    assert_eq!(list.len(), 2, "{list:?}");
    let in_app: Vec<_> = list.iter().filter(|one| one["channel"] == "IN_APP").collect();
    assert_eq!(in_app.len(), 1);
    assert_eq!(in_app[0]["kind"], "ORDER_CONFIRMED");
    assert_eq!(in_app[0]["status"], "DELIVERED");
    let mail = list.iter().find(|one| one["channel"] == "EMAIL").unwrap();
    assert_eq!(mail["status"], "QUEUED");
}

#[tokio::test]
async fn an_order_of_somebody_unknown_waits_until_the_account_has_arrived() {
    let kit = Kit::new(9).await;
    let order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    let message = crate::kit::message(&order);
    let error = kit.notifications.confirm_order(message.id, &order).await.unwrap_err();
    assert!(matches!(error, kernel::Error::Broken(fault) if fault.passing), "it will come again");
    assert!(kit.told("odysseus.reply.tickets.purchase.v1").await.is_empty(), "nothing is promised");

    kit.hears(&AccountChanged {
        user_id: order.buyer_id,
        version: 1,
        email: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        locale: "en".to_owned(),
        timezone: "UTC".to_owned(),
        phone: None,
        email_verified: false,
        guest: false,
        erased: false,
    })
    .await;
    kit.notifications.confirm_order(message.id, &order).await.unwrap();
    assert_eq!(kit.told("odysseus.reply.tickets.purchase.v1").await.len(), 1);
    assert_eq!(list(&kit, order.buyer_id).await.len(), 2);
}

#[tokio::test]
async fn a_declined_card_is_told_once_for_each_try() {
    let kit = Kit::new(9).await;
    let (buyer_id, _) = kit.account("Ada").await;
    let event_id = EventId::new();
    kit.hears(&event_changed(event_id, 1, "Die Zauberflöte")).await;
    let declined = |attempt, payment_id, code: &str| PaymentDeclined {
        payment_id,
        order_id: OrderId::new(),
        event_id,
        buyer_id,
        attempt,
        decline_code: code.to_owned(),
        at: at("2027-01-01T00:00:00Z"),
    };
    let payment = PaymentId::new();
    kit.hears(&declined(1, payment, "insufficient_funds")).await;
    kit.handle(&declined(1, payment, "insufficient_funds")).await.unwrap();
    kit.hears(&declined(2, payment, "stolen_card")).await;
    let list = list(&kit, buyer_id).await;
    let list: Vec<_> = list.iter().filter(|one| one["channel"] == "IN_APP").collect();
    assert_eq!(list.len(), 2, "{list:?}");
    assert_eq!(list[0]["subject"], "Your card was declined: Die Zauberflöte");
    assert!(list[1]["body"].as_str().unwrap().contains("not enough money"));
    assert!(!list[0]["body"].as_str().unwrap().contains("stolen"), "a thief is not told what is known");
}

#[tokio::test]
async fn an_expired_order_is_told_and_a_cancelled_one_is_not() {
    let kit = Kit::new(9).await;
    let (buyer, _) = kit.account("Ada").await;
    kit.hears(&ended(buyer, EventId::new(), OrderEnd::Expired)).await;
    kit.hears(&ended(buyer, EventId::new(), OrderEnd::Cancelled)).await;
    let list = list(&kit, buyer).await;
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(list[0]["kind"], "ORDER_EXPIRED");
}

#[tokio::test]
async fn an_order_that_ends_because_its_event_is_off_says_so_and_does_not_ask_to_order_again() {
    let kit = Kit::new(9).await;
    let (buyer, _) = kit.account("Ada").await;
    let mut event = event_changed(EventId::new(), 2, "Die Zauberflöte");
    event.event.status = EventStatus::Cancelled;
    kit.hears(&event).await;
    for how in [OrderEnd::Expired, OrderEnd::Cancelled] {
        kit.hears(&ended(buyer, event.event_id, how)).await;
    }
    let list = list(&kit, buyer).await;
    assert_eq!(list.len(), 2, "{list:?}");
    for told in list {
        assert_eq!(
            (&told["kind"], &told["subject"]),
            (&json!("EVENT_CANCELLED"), &json!("Called off: Die Zauberflöte"))
        );
        assert!(
            told["body"]
                .as_str()
                .unwrap()
                .ends_with("is called off, and your order for it has ended. Nothing was charged.")
        );
    }
}

#[tokio::test]
async fn who_paid_too_late_is_told_and_gets_a_mail() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let event = EventId::new();
    kit.hears(&event_changed(event, 1, "Old title")).await;
    kit.hears(&event_changed(event, 3, "Die Zauberflöte")).await;
    kit.hears(&event_changed(event, 2, "Late title")).await;
    kit.hears(&ended(buyer, event, OrderEnd::Refunded)).await;
    kit.notifications.send_mails().await.unwrap();
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(mailbox.count().await, 1);
    assert_eq!(mails[0]["subject"], "Your money goes back: Die Zauberflöte");
    assert!(mails[0]["text"].as_str().unwrap().contains("All of your money goes back"));
    assert_eq!(mails[0]["attachments"].as_array().unwrap().len(), 0);
    let list = list(&kit, buyer).await;
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|one| one["kind"] == "ORDER_REFUNDED"));
}

#[tokio::test]
async fn an_erased_person_leaves_nothing_behind_and_gets_nothing_any_more() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;
    kit.hears(&AccountChanged {
        user_id: buyer,
        version: 2,
        email: email.clone(),
        name: "Ada".to_owned(),
        locale: "en".to_owned(),
        timezone: "UTC".to_owned(),
        phone: None,
        email_verified: false,
        guest: false,
        erased: true,
    })
    .await;
    assert!(list(&kit, buyer).await.is_empty());
    kit.hears(&order(buyer, vec![ticket("Ada", &email, "104")])).await;
    kit.hears(&ended(buyer, EventId::new(), OrderEnd::Refunded)).await;
    kit.hears(&ended(buyer, EventId::new(), OrderEnd::Expired)).await;
    assert!(list(&kit, buyer).await.is_empty());
    kit.notifications.send_mails().await.unwrap();
    assert_eq!(mailbox.count().await, 0);
    assert_eq!(kit.told("odysseus.reply.tickets.purchase.v1").await.len(), 2, "the purchase still ends");
}
