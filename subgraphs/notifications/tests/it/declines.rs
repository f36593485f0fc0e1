//! Who wants to pay and cannot is told why, until when there is time, and where to pay; once by mail, and not afterwards.

use contracts::{
    payments::PaymentDeclined,
    tickets::{OrderEnd, OrderEnded},
};
use kernel::{Currency, EventId, Money, OrderId, PaymentId, UserId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::kit::{Kit, Mailbox, at, event_changed, order, ticket, to_pay};

struct Try {
    order: OrderId,
    event: EventId,
    buyer: UserId,
    payment: PaymentId,
}

impl Try {
    fn of(buyer: UserId) -> Self {
        Self { order: OrderId::new(), event: EventId::new(), buyer, payment: PaymentId::new() }
    }

    fn declined(&self, attempt: u32, code: &str) -> PaymentDeclined {
        PaymentDeclined {
            payment_id: self.payment,
            order_id: self.order,
            event_id: self.event,
            buyer_id: self.buyer,
            attempt,
            decline_code: code.to_owned(),
            at: at("2027-01-01T00:00:00Z"),
        }
    }

    /// The event is known, and what is to be paid for it.
    async fn is_known(&self, kit: &Kit, amount: Money) {
        let mut event = event_changed(self.event, 1, "東京フィル & Friends");
        event.event.timezone = "Asia/Tokyo".parse().unwrap();
        kit.hears(&event).await;
        kit.hears(&to_pay(self.order, self.event, self.buyer, amount)).await;
    }
}

async fn mails_that_wait(kit: &Kit) -> i64 {
    let reads = &kit.database.reads;
    let count = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM notifications WHERE kind = 'PAYMENT_DECLINED' \
                 AND channel = 'EMAIL' AND status = 'QUEUED'";
    let row = reads.query_one_raw(Statement::from_string(reads.get_database_backend(), count)).await;
    row.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn in_app(kit: &Kit, user: UserId) -> Vec<Value> {
    let list = "{ notifications(channel: IN_APP) { nodes { kind subject body } } }";
    kit.graph(Some(user), list).await["data"]["notifications"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_buyer_reads_why_until_when_by_the_clocks_of_the_event_and_where_to_pay() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let tried = Try::of(buyer);
    tried.is_known(&kit, Money::new(9800, Currency::JPY)).await;
    kit.hears(&tried.declined(1, "insufficient_funds")).await;
    kit.hears(&tried.declined(2, "expired_card")).await;
    kit.notifications.send_mails().await.unwrap();
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(mailbox.count().await, 1, "who goes on trying sees what comes of it");
    assert_eq!(mails[0]["subject"], "Your card was declined: 東京フィル & Friends (order ODY-7F3K2M)");
    let link = format!("{}/orders/{}", kit.config.public_url, tried.order.public());
    for (part, ampersand) in [("text", "&"), ("html", "&amp;")] {
        let said = mails[0][part].as_str().unwrap();
        let of = format!(
            "your payment of 9,800 JPY for order ODY-7F3K2M, 東京フィル {ampersand} Friends, did not"
        );
        for words in [
            "Hello Ada,",
            of.as_str(),
            "there is not enough money on the account. Nothing was charged.",
            "yours until Saturday, 14 March 2037, 04:00 JST",
            "Pay for the order",
            link.as_str(),
        ] {
            assert!(said.contains(words), "{words:?} is missing in {said}");
        }
    }
    let listed = in_app(&kit, buyer).await;
    assert_eq!(listed.len(), 2, "each try is in the list: {listed:?}");
}

#[tokio::test]
async fn what_was_not_sent_of_a_decline_is_never_sent_once_the_order_is_paid_or_over() {
    for paid in [true, false] {
        let kit = Kit::new(9).await; // nobody takes mails there
        let (buyer, email) = kit.account("Ada").await;
        let (tried, other) = (Try::of(buyer), Try::of(buyer));
        for one in [&tried, &other] {
            kit.hears(&one.declined(1, "generic_decline")).await;
        }
        assert_eq!(mails_that_wait(&kit).await, 2);
        if paid {
            let mut confirmed = order(buyer, vec![ticket("Ada", &email, "104")]);
            confirmed.order_id = tried.order;
            kit.hears(&confirmed).await;
        } else {
            let Try { order: order_id, event: event_id, buyer: buyer_id, .. } = tried;
            let (how, at) = (OrderEnd::Expired, at("2027-01-01T00:00:00Z"));
            kit.hears(&OrderEnded { order_id, event_id, buyer_id, how, called_off: false, at }).await;
        }
        assert_eq!(mails_that_wait(&kit).await, 1, "that of the other order");
    }
}

#[tokio::test]
async fn who_hears_of_a_decline_when_the_time_is_over_gets_no_mail() {
    let kit = Kit::new(9).await;
    let (buyer, _) = kit.account("Ada").await;
    let tried = Try::of(buyer);
    let mut asked = to_pay(tried.order, tried.event, buyer, Money::new(1250, Currency::EUR));
    asked.expires_at = at("2026-01-01T00:00:00Z");
    kit.hears(&asked).await;
    kit.hears(&tried.declined(1, "expired_card")).await;
    assert_eq!((mails_that_wait(&kit).await, in_app(&kit, buyer).await.len()), (0, 1));
}

#[tokio::test]
async fn who_wants_no_mails_about_declined_cards_gets_none() {
    let kit = Kit::new(9).await;
    let (buyer, _) = kit.account("Ada").await;
    let chosen = "mutation { setNotificationPreferences(input: { entries: \
                  [{ kind: PAYMENT_DECLINED, channel: EMAIL, enabled: false }] }) { entries { kind } } }";
    let answer = kit.graph(Some(buyer), chosen).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    kit.hears(&Try::of(buyer).declined(1, "expired_card")).await;
    assert_eq!((mails_that_wait(&kit).await, in_app(&kit, buyer).await.len()), (0, 1));
}
