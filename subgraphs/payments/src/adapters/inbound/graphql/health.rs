//! How it stands with the money, for those who run the platform.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use service::graphql::Money;

use crate::domain::{
    entities::payout,
    ports::{self, Unfinished},
};

/// How it stands with the money.
#[derive(SimpleObject)]
pub(super) struct MoneyHealth {
    /// Payments that are not finished, by how far they are.
    unfinished_payments: Vec<UnfinishedPayments>,
    /// Refunds that the payment provider has not accepted yet, one for each currency.
    refunds_owed: Vec<RefundsOwed>,
    /// Payouts to organizations that are not finished, and those of the last week that failed or were refused, by how far they
    /// are and by currency; with what is moved between the platform and an organization's account before it is paid out.
    payouts: Vec<PayoutsInState>,
    /// Payments of which the payment provider has another amount than our books say: the latest, at most a hundred.
    differences: Vec<ReconciliationDifference>,
    /// How many of them there are.
    difference_count: u64,
    /// What moved at the payment provider, and nobody here knows what for: the latest of a year, at most a hundred.
    unexplained_movements: Vec<UnexplainedMovement>,
    /// How many of them there are.
    unexplained_movement_count: u64,
    /// How many sales from before there were books are not booked yet. They wait until it is known whose event they were for,
    /// and until a day has passed in which their money might still go back by itself.
    unbooked_sale_count: u64,
    /// What the payment provider told and nobody here understood: the latest, at most a hundred.
    parked_webhooks: Vec<ParkedWebhook>,
    /// How many of them there are.
    parked_webhook_count: u64,
}

impl From<ports::MoneyHealth> for MoneyHealth {
    fn from(is: ports::MoneyHealth) -> Self {
        Self {
            unfinished_payments: is.payments.into_iter().map(UnfinishedPayments::from).collect(),
            refunds_owed: is.owed.into_iter().map(RefundsOwed::from).collect(),
            payouts: is.payouts.into_iter().map(PayoutsInState::from).collect(),
            difference_count: is.differences.count,
            differences: is.differences.items.into_iter().map(ReconciliationDifference::from).collect(),
            unexplained_movement_count: is.unexplained.count,
            unexplained_movements: is.unexplained.items.into_iter().map(UnexplainedMovement::from).collect(),
            unbooked_sale_count: is.unbooked_sales,
            parked_webhook_count: is.parked.count,
            parked_webhooks: is.parked.items.into_iter().map(ParkedWebhook::from).collect(),
        }
    }
}

/// Payments that are as far as each other.
#[derive(SimpleObject)]
struct UnfinishedPayments {
    /// How far.
    state: UnfinishedState,
    /// How many.
    count: u64,
    /// Of them, those that became payable more than an hour ago.
    older_than_an_hour: u64,
    /// When the oldest became payable.
    oldest: DateTime<Utc>,
}

impl From<ports::UnfinishedPayments> for UnfinishedPayments {
    fn from(is: ports::UnfinishedPayments) -> Self {
        let ports::UnfinishedPayments { state, count, older_than_an_hour, oldest } = is;
        let state = match state {
            Unfinished::Pending => UnfinishedState::Pending,
            Unfinished::RequiresAction => UnfinishedState::RequiresAction,
            Unfinished::Failed => UnfinishedState::Failed,
            Unfinished::Cancelling => UnfinishedState::Cancelling,
        };
        Self { state, count, older_than_an_hour, oldest }
    }
}

/// How far a payment is that is not finished.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum UnfinishedState {
    /// Nothing is decided.
    Pending,
    /// The buyer has to confirm it at the bank.
    RequiresAction,
    /// The last card was declined; another may be tried.
    Failed,
    /// It is to end, and the payment provider is asked.
    Cancelling,
}

/// Refunds that are owed.
#[derive(SimpleObject)]
struct RefundsOwed {
    /// How many.
    count: u64,
    /// How much together.
    amount: Money,
    /// When the oldest was decided.
    oldest: DateTime<Utc>,
}

impl From<ports::OwedRefunds> for RefundsOwed {
    fn from(is: ports::OwedRefunds) -> Self {
        Self { count: is.count, amount: is.amount.into(), oldest: is.oldest }
    }
}

/// Payouts that are as far as each other.
#[derive(SimpleObject)]
struct PayoutsInState {
    /// How far.
    state: PayoutState,
    /// How many.
    count: u64,
    /// How much together.
    amount: Money,
    /// When the oldest was decided.
    oldest: DateTime<Utc>,
}

impl From<ports::PayoutsInState> for PayoutsInState {
    fn from(is: ports::PayoutsInState) -> Self {
        let state = match is.state {
            payout::PayoutState::Asked => PayoutState::Asked,
            payout::PayoutState::Sent => PayoutState::Sent,
            payout::PayoutState::Paid => PayoutState::Paid,
            payout::PayoutState::Failed => PayoutState::Failed,
            payout::PayoutState::Refused => PayoutState::Refused,
        };
        Self { state, count: is.count, amount: is.amount.into(), oldest: is.oldest }
    }
}

/// How far a payout is. More may come: have a default.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum PayoutState {
    /// The payment provider is asked for it, and has not answered yet.
    Asked,
    /// It is on its way to the bank.
    Sent,
    /// It is there.
    Paid,
    /// The bank did not take it. The organization is owed it again.
    Failed,
    /// The payment provider did not do it, mostly because the account has not so much yet. The organization is owed it again.
    Refused,
}

/// A payment of which the payment provider has another amount than our books say.
#[derive(SimpleObject)]
struct ReconciliationDifference {
    /// The payment's id at the payment provider.
    payment: ID,
    /// What the provider has of it, by its own books.
    at_provider: Money,
    /// What it has by ours.
    in_ledger: Money,
    /// When it was first found.
    found_at: DateTime<Utc>,
}

impl From<ports::OpenDifference> for ReconciliationDifference {
    fn from(is: ports::OpenDifference) -> Self {
        Self {
            payment: is.difference.intent.into(),
            at_provider: is.difference.provider.into(),
            in_ledger: is.difference.ledger.into(),
            found_at: is.found_at,
        }
    }
}

/// What moved at the payment provider, and nobody here knows what for.
#[derive(SimpleObject)]
struct UnexplainedMovement {
    /// Its id at the payment provider: that of a balance transaction.
    id: ID,
    /// Of what kind it is, as the provider says.
    kind: String,
    /// How much came; less, where it begins with a minus, went. Null for what cannot be counted in a currency that is known here.
    amount: Option<Money>,
    /// When it was read.
    seen_at: DateTime<Utc>,
}

impl From<ports::UnexplainedMovement> for UnexplainedMovement {
    fn from(is: ports::UnexplainedMovement) -> Self {
        let ports::UnexplainedMovement { id, kind, amount, seen_at } = is;
        Self { id: id.into(), kind, amount: amount.map(Money::from), seen_at }
    }
}

/// What the payment provider told and nobody here understood.
#[derive(SimpleObject)]
pub(super) struct ParkedWebhook {
    /// Its id at the payment provider.
    id: ID,
    /// Of what kind it is, as the provider says.
    kind: String,
    /// Why it was put aside.
    reason: String,
    /// When.
    parked_at: DateTime<Utc>,
}

impl From<ports::ParkedWebhook> for ParkedWebhook {
    fn from(is: ports::ParkedWebhook) -> Self {
        let ports::ParkedWebhook { id, kind, reason, parked_at } = is;
        Self { id: id.into(), kind, reason, parked_at }
    }
}

/// What came of hearing a webhook once more.
#[derive(SimpleObject)]
pub(super) struct ReplayWebhookPayload {
    /// The webhook, if it still is not understood and stays aside; null when it was heard.
    pub(super) still_parked: Option<ParkedWebhook>,
}
