//! What the domain needs of the world.

mod earlier_sales;
mod health;
mod kept_events;
mod ledger;
mod payout_gateway;
mod payouts;
mod provider;
mod reconciling;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{Announcement, payments::RefundPayment};
use kernel::{Fault, OrderId, Page, PageAsk, PaymentId, RefundId, UserId};
use tracing::Span;
use uuid::Uuid;

pub use earlier_sales::{EarlierSales, Taken};
pub use health::{
    HealthReads, Latest, MoneyHealth, OpenDifference, OwedRefunds, ParkedWebhook, PayoutsInState,
    Understands, UnexplainedMovement, Unfinished, UnfinishedPayments,
};
pub use kept_events::{KeptEvent, KeptEvents};
pub use ledger::{Booking, Ledger, Members, OrderOf};
pub use payout_gateway::{
    Moved, NewPayout, PayoutGateway, ProviderPayout, ProviderPayoutStatus, ProviderTransfer,
};
pub use payouts::{Claimed, Counted, PayoutStore, PayoutTx, Roles};
pub use provider::{
    Confirmed, Decline, FromAccount, GivenBack, Intent, IntentStatus, NewIntent, NewPage, NewRefund, News,
    Offered, Opened, Origin, PageSeen, PageStatus, PaymentGateway, ProviderDispute, ProviderEvent,
    ProviderRefund, RefundStatus, ToAccount,
};
pub use reconciling::{Difference, FeeDue, Movement, ProviderBooks, Read, Reconciling};

use super::entities::{Declines, NotPayable, Payment, Suspicion};

/// What is to be asked of the provider.
#[derive(Clone, Debug)]
pub struct DueNow {
    /// Payments for which the provider is to be asked, as they stood at `now`.
    pub payments: Vec<Payment>,
    /// When they were taken.
    pub now: DateTime<Utc>,
    /// How long until there is one more, as far as is known.
    pub next: Option<Duration>,
}

/// Which payment is meant.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// The one with this id.
    Payment(PaymentId),
    /// That of an order; if it is this buyer's, where one is named.
    Order(OrderId, Option<UserId>),
    /// The one that the provider knows by this name; or, if it knows none by it, the one that it says it is.
    Intent(&'a str, Option<PaymentId>),
}

/// What is known of an order that something is asked about. It is locked until the commit, so that the order's
/// payment and its end cannot miss each other.
#[derive(Clone, Debug)]
pub enum Known {
    /// It has no payment, and was not ended.
    Nothing,
    /// It costs nothing, and needs no payment.
    Free,
    /// It was ended before its payment began, for this reason.
    Ended(String),
    /// Its payment.
    Payment(Box<Payment>),
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
    /// Begins a transaction in which a payment is locked until the commit; none if there is no such payment.
    async fn begin_on(&self, which: Which<'_>) -> Result<Option<(Box<dyn Tx>, Payment)>, Fault>;
    /// The same for a buyer who wants to pay an order from an address, with what was declined lately.
    async fn begin_paying(
        &self,
        which: (OrderId, UserId),
        client: Option<&str>,
        most: Declines,
    ) -> Result<Option<(Box<dyn Tx>, Payment, Suspicion)>, Fault>;
    /// What was declined lately of a buyer, and from an address.
    async fn declined_lately(
        &self,
        buyer: UserId,
        client: Option<&str>,
        most: Declines,
    ) -> Result<Suspicion, Fault>;
    /// When the oldest of as many declines of this card was as are let in an hour, if there were as many.
    async fn card_declined(&self, card: &str, most: u32) -> Result<Option<DateTime<Utc>>, Fault>;
    /// Begins a transaction in which a message of the bus about an order is handled; none when it was handled before.
    async fn begin_handling(
        &self,
        message: Uuid,
        order: OrderId,
    ) -> Result<Option<(Box<dyn Tx>, Known)>, Fault>;
    /// The same for an ask for a refund, and why that refund was refused before, if it was.
    async fn begin_refunding(
        &self,
        message: Uuid,
        ask: &RefundPayment,
    ) -> Result<Option<(Box<dyn Tx>, Known, Option<String>)>, Fault>;
    /// Begins a transaction in which an event of the provider's is heard, with the payment it is about locked, if there
    /// is one; none when it was heard before.
    async fn begin_hearing(
        &self,
        event: &ProviderEvent,
        about: Option<Which<'_>>,
    ) -> Result<Option<(Box<dyn Tx>, Option<Payment>)>, Fault>;
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
    /// An order is another buyer's from now on, with its payment. Doing it twice is once.
    async fn hand_over(&self, order: OrderId, to: UserId) -> Result<(), Fault>;
    /// A buyer's payments, newest first. How many there are in all is not counted.
    async fn payments_of_buyer(&self, buyer: UserId, ask: &PageAsk) -> kernel::Result<Page<Payment>>;
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
    /// Forgets the idempotency keys of attempts begun before `before`, and from where they came, at most `limit` of them; how
    /// many. The attempts stay.
    async fn forget_keys(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, Fault>;
}

/// A transaction; dropping it undoes everything.
#[async_trait]
pub trait Tx: Send {
    /// When it was begun, or had what it locks, by the database's clock: the one that decides about expiry.
    fn now(&self) -> DateTime<Utc>;
    /// Notes that the order was ended before its payment began.
    async fn note_return(&mut self, order: OrderId, reason: &str) -> Result<(), Fault>;
    /// Notes whose an order is that was ended before its payment began.
    async fn note_buyer(&mut self, order: OrderId, buyer: UserId) -> Result<(), Fault>;
    /// Notes why a refund is refused, so that it always is. What is noted already stays as it is.
    async fn note_refused(&mut self, refund: RefundId, reason: &str) -> Result<(), Fault>;
    /// Saves the payment with its attempts and refunds, what it has to tell, and what is to be booked.
    async fn save_payment(&mut self, payment: &mut Payment) -> Result<(), Fault>;
    /// The attempt that a buyer made with this idempotency key.
    async fn attempt_with_key(
        &mut self,
        buyer: UserId,
        key: &str,
    ) -> Result<Option<(PaymentId, u32, String)>, Fault>;
    /// Notes that a card was declined on the provider's page of an attempt, as this event of the provider's tells.
    async fn note_page_decline(
        &mut self,
        event: &ProviderEvent,
        payment: &Payment,
        attempt: u32,
        card: Option<&str>,
    ) -> Result<(), Fault>;
    /// Answers an ask that no payment can answer.
    async fn answer(&mut self, reply: Announcement) -> Result<(), Fault>;
    /// Puts aside what the provider told and nobody here understands, for a person to look at.
    async fn park(&mut self, event: &ProviderEvent, reason: &str) -> Result<(), Fault>;
    /// Makes it all true.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}
