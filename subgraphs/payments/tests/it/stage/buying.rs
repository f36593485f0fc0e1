//! Buyers, what the purchase asks for them, and what is told of it.

use std::time::Duration;

use contracts::{
    Contract,
    purchase::{IfPaid, Outcome, PurchaseReply, PurchaseStep, ReturnPayment, TakePayment, Way},
};
use kernel::OrderId;
use messaging::Message;
use payments::domain::entities::{Means, Payment, PaymentStatus};
use serde_json::Value;

use super::{PATIENCE, Stage, an_order, wish};

impl Stage {
    pub(crate) async fn ask<C: Contract>(&self, ask: &C) {
        let message = Message {
            id: OrderId::new().uuid(),
            subject: C::SUBJECT.to_owned(),
            about: ask.about(),
            version: 0,
            occurred_at: self.foundation.clock.now(),
            headers: std::collections::BTreeMap::default(),
            payload: serde_json::to_value(ask).unwrap(),
        };
        self.foundation.bus.publish(&message).await.unwrap();
    }

    /// An order of 42 euro that can be paid.
    pub(crate) async fn order(&self) -> TakePayment {
        let order = an_order(4200, "EUR");
        self.ask(&order).await;
        order
    }

    pub(crate) async fn end(&self, order: &TakePayment, if_paid: IfPaid) {
        let reason = "time ran out".to_owned();
        self.ask(&ReturnPayment { order_id: order.order_id, if_paid, reason }).await;
    }

    pub(crate) async fn pay(&self, order: &TakePayment, method: &str, key: &str) -> kernel::Result<Payment> {
        self.payments.pay(wish(order, Means::method(method), key)).await
    }

    /// The code with which paying is refused, and the bank's.
    pub(crate) async fn refusal(&self, order: &TakePayment, method: &str, key: &str) -> (String, String) {
        let refused = self.pay(order, method, key).await.unwrap_err();
        let refusal = refused.refusal().unwrap_or_else(|| panic!("{refused:?}"));
        let bank = refusal.details.get("declineCode").and_then(Value::as_str).unwrap_or_default();
        (refusal.code.to_string(), bank.to_owned())
    }

    /// The code and the words with which paying is refused.
    pub(crate) async fn refused(&self, order: &TakePayment, method: &str, key: &str) -> (String, String) {
        let refused = self.pay(order, method, key).await.unwrap_err();
        let refusal = refused.refusal().unwrap_or_else(|| panic!("{refused:?}"));
        (refusal.code.to_string(), refusal.message.clone())
    }

    pub(crate) async fn payment(&self, order: &TakePayment) -> Payment {
        self.payments.payment_of_order(order.order_id, Some(order.buyer_id)).await.unwrap().unwrap()
    }

    /// Waits until the payment is so far.
    pub(crate) async fn becomes(&self, order: &TakePayment, status: PaymentStatus) -> Payment {
        let reached = async {
            loop {
                let payment = self.payment(order).await;
                if payment.status() == status {
                    return payment;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if let Ok(payment) = tokio::time::timeout(PATIENCE, reached).await {
            return payment;
        }
        panic!("not {status:?}: {:?}", self.payment(order).await)
    }

    /// Waits until the purchase has this many replies, and returns all there are.
    pub(crate) async fn replies(&self, order: &TakePayment, at_least: usize) -> Vec<(Way, Outcome)> {
        let replies = self.facts::<PurchaseReply>(at_least, |reply| reply.order_id == order.order_id).await;
        assert!(replies.iter().all(|reply| reply.step == PurchaseStep::TakePayment));
        replies.into_iter().map(|reply| (reply.way, reply.outcome)).collect()
    }

    /// Waits until this many such facts were told, and returns all there are.
    pub(crate) async fn facts<C: Contract>(&self, at_least: usize, is: impl Fn(&C) -> bool) -> Vec<C> {
        let mut news = self.told.news.subscribe();
        let enough = async {
            loop {
                let found = self.told_already(&is);
                if found.len() >= at_least {
                    return found;
                }
                news.changed().await.unwrap();
            }
        };
        if let Ok(found) = tokio::time::timeout(PATIENCE, enough).await {
            return found;
        }
        panic!("{} was told {} times only", C::SUBJECT, self.told_already(&is).len())
    }

    /// Waits until everything that was committed was told.
    pub(crate) async fn all_is_told(&self) {
        let quiet = async {
            while self.number("SELECT COUNT(*) AS n FROM outbox WHERE sent_at IS NULL").await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, quiet).await.unwrap();
    }

    fn told_already<C: Contract>(&self, is: impl Fn(&C) -> bool) -> Vec<C> {
        // What one process has left in the outbox may arrive behind what another tells at once.
        let mut messages = self.told.messages.lock().unwrap().clone();
        messages.sort_by_key(|message| message.occurred_at);
        let read = messages.iter().filter_map(|message| message.read::<C>().unwrap());
        read.filter(|fact| is(fact)).collect()
    }
}
