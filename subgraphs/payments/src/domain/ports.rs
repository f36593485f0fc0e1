//! What the domain needs of the world.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{payments::DisputeState, purchase::PurchaseReply};
use kernel::{Fault, Money, OrderId, PaymentId, RefundId, UserId};
use tracing::Span;
use uuid::Uuid;

use super::entities::{NotPayable, Payment, ProviderAmount};

/// What is to be asked of the provider.
#[derive(Clone, Debug)]
pub struct DueNow {
    /// Payments for which the provider is to be asked.
    pub payments: Vec<PaymentId>,
    /// How long until there is one more, as far as is known.
    pub next: Option<Duration>,
}

/// What is known of an order that somebody wants to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payable {
    /// This is its payment.
    Payment(PaymentId),
    /// It has none, and never will.
    Never(NotPayable),
}

/// Hears of what becomes of an order's payment.
#[async_trait]
pub trait Watch: Send {
    /// Returns when something was committed since the last time, or after that long.
    async fn changed(&mut self, at_most: Duration);
}

/// Keeps payments.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction; dropping it undoes everything.
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault>;
    /// The database's clock: the one that all replicas agree on.
    async fn now(&self) -> Result<DateTime<Utc>, Fault>;
    /// Those of these payments that there are, as they stand, without locking them.
    async fn payments(&self, ids: &[PaymentId]) -> Result<Vec<Payment>, Fault>;
    /// The payments of those of these orders that have one, as they stand.
    async fn payments_of_orders(&self, orders: &[OrderId]) -> Result<Vec<Payment>, Fault>;
    /// What is known of an order of this buyer's; of anybody else's nothing. What is on its way here is waited for, for
    /// a moment.
    async fn payable(&self, order: OrderId, buyer: UserId) -> Result<Option<Payable>, Fault>;
    /// True when the money of the payment that the provider knows by `intent` has been noted.
    async fn is_captured(&self, intent: &str) -> Result<bool, Fault>;
    /// Notes that an order of this buyer's will never have a payment. What ended it counts for more than that it is
    /// free, in whichever order that comes.
    async fn note_not_payable(&self, order: OrderId, buyer: UserId, why: NotPayable) -> Result<(), Fault>;
    /// Hears of an order's payment from now on.
    async fn watch(&self, order: OrderId) -> Box<dyn Watch>;
    /// Returns when something was committed for which the provider is to be asked at once, or after that long.
    async fn something_due(&self, at_most: Duration);
    /// In which to work on a payment, whoever does: a part of the trace of its purchase.
    fn span_of(&self, payment: &Payment) -> Span;
    /// Takes payments for which the provider is to be asked now. Who takes them has them for the lease;
    /// whoever comes after a crash finds them again.
    async fn claim_due(&self, limit: u64, lease: Duration) -> Result<DueNow, Fault>;
    /// Where no other process shares the database: what the last one had claimed or begun is due now.
    async fn hasten(&self) -> Result<(), Fault>;
    /// Forgets the idempotency keys of attempts begun before `before`, at most `limit` of them; how many. The
    /// attempts stay.
    async fn forget_keys(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, Fault>;
}

/// A transaction.
#[async_trait]
pub trait Tx: Send {
    /// The database's clock: the one that decides about expiry. Read once, and again by whatever waited for a lock.
    async fn now(&mut self) -> Result<DateTime<Utc>, Fault>;
    /// Takes the order for this transaction, so that its payment and its end cannot miss each other.
    /// Answers why it was ended, if it was before its payment began.
    async fn lock_order(&mut self, order: OrderId) -> Result<Option<String>, Fault>;
    /// Notes that the order was ended before its payment began.
    async fn note_return(&mut self, order: OrderId, reason: &str) -> Result<(), Fault>;
    /// Notes whose an order is that was ended before its payment began.
    async fn note_buyer(&mut self, order: OrderId, buyer: UserId) -> Result<(), Fault>;
    /// Locks a payment until the commit.
    async fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, Fault>;
    /// Locks the payment of an order until the commit.
    async fn payment_of_order(&mut self, order: OrderId) -> Result<Option<Payment>, Fault>;
    /// Locks the payment that the provider knows by `intent` until the commit.
    async fn payment_of_intent(&mut self, intent: &str) -> Result<Option<Payment>, Fault>;
    /// Saves the payment with its attempts and refunds, what it has to tell, and what is to be booked.
    async fn save_payment(&mut self, payment: &mut Payment) -> Result<(), Fault>;
    /// The attempt that a buyer made with this idempotency key.
    async fn attempt_with_key(
        &mut self,
        buyer: UserId,
        key: &str,
    ) -> Result<Option<(PaymentId, u32, String)>, Fault>;
    /// Answers an ask that no payment can answer.
    async fn answer(&mut self, reply: &PurchaseReply) -> Result<(), Fault>;
    /// False when this message of the bus was handled before.
    async fn first_time(&mut self, message: Uuid) -> Result<bool, Fault>;
    /// False when this event of the provider was handled before.
    async fn first_time_told(&mut self, event: &str, kind: &str) -> Result<bool, Fault>;
    /// Puts aside what the provider told and nobody here understands, for a person to look at.
    async fn park(&mut self, event: &str, kind: &str, body: &str, reason: &str) -> Result<(), Fault>;
    /// Makes it all true.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// Where the money comes from. Each call may be repeated with the same key and then does nothing new;
/// a [`Fault`] means that it is not known whether it was carried out.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// True while it fails and is left alone: what would be asked now would be refused unasked.
    fn rests(&self) -> bool;
    /// Opens a payment at the provider. No money moves.
    async fn open(&self, ask: &NewIntent) -> Result<Intent, Fault>;
    /// Tries to take the money with a card.
    async fn confirm(&self, intent: &str, method: &str, key: &str) -> Result<Confirmed, Fault>;
    /// The payment as the provider sees it; none when it knows none of this name.
    async fn look(&self, intent: &str) -> Result<Option<Intent>, Fault>;
    /// Ends the payment, or tells what it has become instead.
    async fn cancel(&self, intent: &str) -> Result<Intent, Fault>;
    /// Gives money back.
    async fn refund(&self, ask: &NewRefund) -> Result<ProviderRefund, Fault>;
}

/// A payment to be opened at the provider.
#[derive(Clone, Debug)]
pub struct NewIntent {
    /// The idempotency key.
    pub key: String,
    /// How much.
    pub amount: ProviderAmount,
    /// What the buyer's statement and receipt say.
    pub description: String,
    /// Our payment.
    pub payment_id: PaymentId,
    /// Its order.
    pub order_id: OrderId,
    /// The order's number, as people say it.
    pub number: String,
}

/// A payment as the provider sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// What the provider calls it.
    pub id: String,
    /// With this a buyer's browser may go on with it.
    pub client_secret: Option<String>,
    /// How far it is.
    pub status: IntentStatus,
    /// How much was taken, where it can be counted.
    pub received: Option<Money>,
    /// Which of our payments it says it is.
    pub payment_id: Option<PaymentId>,
    /// Which order it says it pays.
    pub order_id: Option<OrderId>,
}

/// How far a payment is at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentStatus {
    /// It waits for a card, perhaps after one was declined.
    Open(Option<Decline>),
    /// The buyer has to confirm at the bank.
    RequiresAction {
        /// Where.
        url: Option<String>,
    },
    /// The bank takes its time.
    Processing,
    /// The money is there.
    Succeeded,
    /// It has ended without money.
    Cancelled,
}

/// The bank's no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// Why, such as `insufficient_funds`.
    pub code: String,
    /// The charge that failed, if there was one.
    pub charge: Option<String>,
}

/// The provider's answer to a try with a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// It went on; how far, the payment says.
    Answer(Intent),
    /// The bank said no.
    Declined(Decline),
    /// There is no such payment method.
    UnknownMethod {
        /// What the provider said.
        message: String,
    },
}

/// Money to be given back.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// The idempotency key.
    pub key: String,
    /// From which payment at the provider.
    pub intent: String,
    /// How much.
    pub amount: ProviderAmount,
    /// Our payment.
    pub payment_id: PaymentId,
    /// Our refund.
    pub refund_id: RefundId,
    /// Which try of it.
    pub refund_number: u32,
}

/// A refund as the provider sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRefund {
    /// What the provider calls it.
    pub id: String,
    /// Of which payment at the provider.
    pub intent: Option<String>,
    /// Which of our refunds it says it is.
    pub refund_id: Option<RefundId>,
    /// And which try of it.
    pub refund_number: Option<u32>,
    /// How much, where it can be counted.
    pub amount: Option<Money>,
    /// How far it is.
    pub status: RefundStatus,
}

/// How far a refund is at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// The buyer has it.
    Succeeded,
    /// It came back.
    Failed,
}

/// A dispute as the provider sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderDispute {
    /// What the provider calls it.
    pub id: String,
    /// Of which payment at the provider.
    pub intent: Option<String>,
    /// How much, where it can be counted.
    pub amount: Option<Money>,
    /// Why, in the provider's words.
    pub reason: String,
    /// How far it is.
    pub state: DisputeState,
}
