use contracts::{
    events::EventChanged,
    payments::{PaymentDisputed, PaymentRefunded, RefundReturned},
    settings::OrganizationSettingsChanged,
    tickets::{OrderRefunded, TicketsIssued},
    users::MembershipChanged,
};
use kernel::{Fault, Money, Result};
use uuid::Uuid;

use super::Books;
use crate::domain::{
    entities::books::{Fact, Parts},
    ports::OrderOf,
};

impl Books {
    /// Tickets were issued: what was paid for them is the organization's from now on.
    #[tracing::instrument(skip_all)]
    pub async fn sold(&self, message: Uuid, told: &TicketsIssued) -> Result<()> {
        let of = OrderOf {
            order: told.order_id,
            event: told.event_id,
            organization: told.organization_id,
            currency: told.total.currency,
        };
        let parts = parts(told.total, told.fees, told.tax, told.absorbed)?;
        self.book(Some(message), of, &Fact::Sold(parts)).await
    }

    /// Tickets went back with their money.
    #[tracing::instrument(skip_all)]
    pub async fn took_back(&self, message: Uuid, told: &OrderRefunded) -> Result<()> {
        let of = OrderOf {
            order: told.order_id,
            event: told.event_id,
            organization: told.organization_id,
            currency: told.amount.currency,
        };
        let parts = parts(told.amount, told.fees, told.tax, told.absorbed)?;
        self.book(Some(message), of, &Fact::TookBack(told.refund_id, parts)).await
    }

    /// Money went back. Who asked for it knows what it means and tells it; what nobody here asked for counts.
    #[tracing::instrument(skip_all)]
    pub async fn given_back(&self, message: Uuid, told: &PaymentRefunded) -> Result<()> {
        if told.asked_for {
            return Ok(());
        }
        let of = OrderOf {
            order: told.order_id,
            event: told.event_id,
            organization: None,
            currency: told.amount.currency,
        };
        self.book(Some(message), of, &Fact::GivenBackElsewhere(told.refund_id, told.amount.minor)).await
    }

    /// Money that was given back at the provider came back there.
    #[tracing::instrument(skip_all)]
    pub async fn came_back(&self, message: Uuid, told: &RefundReturned) -> Result<()> {
        let of = OrderOf {
            order: told.order_id,
            event: told.event_id,
            organization: None,
            currency: told.amount.currency,
        };
        self.book(Some(message), of, &Fact::CameBack(told.refund_id)).await
    }

    /// A bank took money back, or has decided.
    #[tracing::instrument(skip_all)]
    pub async fn disputed(&self, message: Uuid, told: &PaymentDisputed) -> Result<()> {
        let of = OrderOf {
            order: told.order_id,
            event: told.event_id,
            organization: None,
            currency: told.amount.currency,
        };
        let fact = Fact::Disputed {
            dispute: told.dispute.clone(),
            version: told.version,
            state: told.state,
            minor: told.amount.minor,
        };
        self.book(Some(message), of, &fact).await
    }

    /// The provider keeps so much, in the order's currency, for a movement of its own. It may be told often.
    pub async fn charged(&self, of: OrderOf, movement: &str, minor: i64) -> Result<()> {
        self.book(None, of, &Fact::Charged(movement.to_owned(), minor)).await
    }

    /// An event was made or changed.
    pub async fn learn_event(&self, told: &EventChanged) -> Result<()> {
        Ok(self.ledger.note_event(told).await?)
    }

    /// The settings of an organization were changed.
    pub async fn learn_settings(&self, told: &OrganizationSettingsChanged) -> Result<()> {
        Ok(self.ledger.note_terms(told).await?)
    }

    /// Somebody's role in an organization was changed.
    pub async fn learn_member(&self, told: &MembershipChanged) -> Result<()> {
        Ok(self.ledger.note_member(told).await?)
    }

    pub(super) async fn book(&self, message: Option<Uuid>, of: OrderOf, fact: &Fact) -> Result<()> {
        let begun = self.ledger.begin_booking(message, of).await?;
        let Some((booking, mut book)) = begun else { return Ok(()) };
        let lines = book.hear(fact, of.currency)?;
        Ok(booking.book(&book, &fact.cause(), &lines).await?)
    }
}

/// What an amount is made of; what was not told is none.
fn parts(paid: Money, fees: Money, tax: Option<Money>, absorbed: Option<Money>) -> Result<Parts, Fault> {
    let none = Money::zero(paid.currency);
    // Of one currency, or a fault.
    let fees = none.plus(fees)?.plus(absorbed.unwrap_or(none))?;
    let tax = none.plus(tax.unwrap_or(none))?;
    Ok(Parts { paid: paid.minor, tax: tax.minor, fees: fees.minor })
}
