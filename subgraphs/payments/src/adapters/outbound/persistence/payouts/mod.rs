//! Organizations' accounts and payouts in the service's database.
//!
//! Locks are taken in one order: an account before its payouts, and those before what the account is known to hold. Whoever
//! books for a payout adds lines to the books behind all of them.

mod claiming;
mod rows;
mod store;
mod transaction;

use chrono::{DateTime, Utc};
use kernel::{Currency, to_millis};
use service::{Database, database::Write};

use crate::domain::entities::PaymentSnapshot;

/// Accounts and payouts in the service's database.
#[derive(Clone)]
pub struct SeaPayouts {
    database: Database,
}

impl SeaPayouts {
    /// Those in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The same on the database's connections for what no request waits for.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { database: self.database.background() }
    }
}

/// The account to which a payment's money goes gained so much, for what the books of organizations call so. It is counted once
/// they have heard of that.
pub(super) fn gained(
    is: &PaymentSnapshot,
    cause: &str,
    (minor, currency): (i64, Currency),
    now: DateTime<Utc>,
) -> Write {
    let columns = "account_movements (payment_id, cause, order_id, organization_id, currency, amount_minor, at, counted)";
    let values = [
        is.id.uuid().into(),
        cause.into(),
        is.order_id.uuid().into(),
        is.seller.map(|seller| seller.organization.uuid()).into(),
        currency.code().into(),
        minor.into(),
        to_millis(now).into(),
        false.into(),
    ];
    Write::insert("noting what came to an account", columns, "ON CONFLICT DO NOTHING", values)
}
