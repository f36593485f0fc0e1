//! The payment provider: what it is asked, what it answers, and what it tells by itself.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::payments::DisputeState;
use kernel::{Fault, Money, OrderId, PaymentId, RefundId};

use crate::domain::entities::{Means, PaidBy, ProviderAmount};

/// Where the money comes from. Each call may be repeated with the same key and then does nothing new;
/// a [`Fault`] means that it is not known whether it was carried out.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// True while it fails and is left alone: what would be asked now would be refused unasked.
    fn rests(&self) -> bool;
    /// Opens a payment at the provider. No money moves.
    async fn open(&self, ask: &NewIntent) -> Result<Opened, Fault>;
    /// Tries to take the money with a card.
    async fn confirm(&self, intent: &str, means: &Means, key: &str) -> Result<Confirmed, Fault>;
    /// The payment as the provider sees it; none when it knows none of this name.
    async fn look(&self, intent: &str) -> Result<Option<Intent>, Fault>;
    /// Ends the payment, or tells what it has become instead.
    async fn cancel(&self, intent: &str) -> Result<Intent, Fault>;
    /// Makes a page of the provider's on which the buyer can pay.
    async fn offer(&self, ask: &NewPage) -> Result<Offered, Fault>;
    /// Lets nobody pay on a page any more, or tells what it has become instead.
    async fn close(&self, page: &str) -> Result<PageSeen, Fault>;
    /// A page as the provider sees it; none when it knows none of this name.
    async fn look_at_page(&self, page: &str) -> Result<Option<PageSeen>, Fault>;
    /// What the provider knows the card by that would be tried; none for what is no card, and for what it does not know.
    async fn card_of(&self, means: &Means) -> Result<Option<String>, Fault>;
    /// Gives money back.
    async fn refund(&self, ask: &NewRefund) -> Result<GivenBack, Fault>;
    /// Everything that was given back of a payment, or was to be, oldest first; the last hundred of it.
    async fn refunds(&self, intent: &str) -> Result<Vec<ProviderRefund>, Fault>;
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
    /// Which one of this payment it is, from 0: each before it was ended.
    pub opening: u32,
    /// To whose account the money goes, if not to the platform's.
    pub to: Option<ToAccount>,
}

/// An account of the provider's to which a payment's money goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToAccount {
    /// What the provider calls it.
    pub account: String,
    /// How much of the money the platform keeps.
    pub fee: ProviderAmount,
}

/// The provider's answer when a payment is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// There it is.
    Intent(Box<Intent>),
    /// Nothing can be sent to that account.
    AccountRefused {
        /// What the provider said.
        message: String,
    },
}

/// A page on which a payment is to be made.
#[derive(Clone, Debug)]
pub struct NewPage {
    /// The idempotency key.
    pub key: String,
    /// How much.
    pub amount: ProviderAmount,
    /// What is bought, as the page and the buyer's receipt say.
    pub description: String,
    /// Our payment.
    pub payment_id: PaymentId,
    /// Its order.
    pub order_id: OrderId,
    /// The order's number, as people say it.
    pub number: String,
    /// Which try of the payment it is.
    pub attempt: u32,
    /// Where the buyer goes once it is paid.
    pub success_url: String,
    /// Where the buyer goes who gives up.
    pub cancel_url: String,
    /// Until when the provider keeps it, if it is not closed before.
    pub kept_until: DateTime<Utc>,
    /// To whose account the money goes, if not to the platform's.
    pub to: Option<ToAccount>,
}

/// The provider's answer to the wish for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offered {
    /// There it is.
    Page(Box<PageSeen>),
    /// It makes none, for what the buyer sent.
    Rejected {
        /// What the provider said.
        message: String,
        /// Which field of the buyer's input it means.
        field: String,
    },
    /// Nothing can be sent to that account.
    AccountRefused {
        /// What the provider said.
        message: String,
    },
}

/// A page as the provider sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSeen {
    /// What the provider calls it.
    pub id: String,
    /// Where it is, while somebody can pay on it.
    pub url: Option<String>,
    /// How far it is.
    pub status: PageStatus,
    /// What was paid on it, where the provider tells so with it.
    pub intent: Option<Intent>,
    /// Which of our payments it says it is for.
    pub payment_id: Option<PaymentId>,
    /// And which try of it.
    pub attempt: Option<u32>,
}

/// How far a page is at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStatus {
    /// Somebody can pay on it.
    Open,
    /// Somebody has; whether the money is there, the payment says.
    Complete,
    /// Nobody has, and nobody can any more.
    Expired,
}

/// How a payment came to be at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was opened for cards: which one of our payment it is, from 0.
    Opening(u32),
    /// It was made on the page of this try.
    Page(u32),
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
    /// How the buyer paid, where it says so with the money.
    pub paid_by: Option<PaidBy>,
    /// Which of our payments it says it is.
    pub payment_id: Option<PaymentId>,
    /// Which order it says it pays.
    pub order_id: Option<OrderId>,
    /// How it came to be.
    pub origin: Origin,
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
    /// What the provider knows the card by, if it is one; the same for the same number.
    pub card: Option<String>,
}

/// The provider's answer to a try with a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// It went on; how far, the payment says.
    Answer(Intent),
    /// The bank said no.
    Declined(Decline),
    /// It does not take what the buyer sent.
    Rejected {
        /// What the provider said.
        message: String,
        /// Which field of the buyer's input it means, where it is not that with which is paid.
        field: Option<String>,
    },
    /// Nothing can be sent to the account to which the payment was to go. The card was not tried.
    AccountRefused {
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
    /// From whose account the money is taken, if not from the platform's.
    pub from: FromAccount,
}

/// What an account gives for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromAccount {
    /// Nothing.
    Nothing,
    /// As much as goes back; the platform keeps its fee.
    All,
    /// As much as goes back, and the platform gives its whole fee to the account: all that was paid goes back.
    AllButTheFee,
}

/// The provider's answer to a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenBack {
    /// It gives the money back; how far that is, the refund says.
    Answer(ProviderRefund),
    /// It does not, and by the same key never will: less is left, or the buyer's bank has the money.
    Refused {
        /// What the provider said.
        message: String,
    },
    /// It does not take the money from the account, and by the same key never will.
    AccountRefused {
        /// What the provider said.
        message: String,
    },
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
    /// Until when the bank may be answered, if it takes an answer.
    pub respond_by: Option<DateTime<Utc>>,
    /// How far it is.
    pub state: DisputeState,
}

/// What the provider tells by a webhook whose signature was right.
#[derive(Clone, Debug)]
pub struct ProviderEvent {
    /// The provider's name for it; it may come many times.
    pub id: String,
    /// Of which kind, in the provider's words.
    pub kind: String,
    /// The idempotency key of the call that made it happen, if one did.
    pub key: Option<String>,
    /// What happened.
    pub news: News,
    /// The whole message, to be kept where it is not understood.
    pub body: String,
}

/// What the provider tells.
#[derive(Clone, Debug)]
pub enum News {
    /// A payment was decided, or the buyer has to do something.
    Payment(Intent),
    /// A try was declined.
    Declined(Intent, Decline),
    /// Something became of a page.
    Page(PageSeen),
    /// Something became of a refund.
    Refund(ProviderRefund),
    /// The buyer's bank wants money back, or has decided.
    Dispute(ProviderDispute),
    /// Something became of the account of this name.
    Account(String),
    /// Something became of a payout.
    Payout(super::ProviderPayout),
    /// Something that changes nothing here.
    Nothing,
    /// A message that cannot be read.
    Unreadable,
}
