use chrono::{DateTime, Utc};
use kernel::{Fault, Money, TicketTypeId};

use super::{EventCopy, Figures, TicketTypeSales};

/// How an event sells, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of which event.
    pub event: EventCopy,
    /// Rises with each change of what the report says.
    pub revision: i64,
    /// How many places there are; 0 before sales are opened.
    pub capacity: i64,
    /// What adds up.
    pub figures: Figures,
    /// By ticket type, in the order they were made.
    pub by_type: Vec<TicketTypeReport>,
}

/// How a ticket type sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketTypeReport {
    /// Which.
    pub id: TicketTypeId,
    /// Its name.
    pub name: String,
    /// What adds up.
    pub sales: TicketTypeSales,
}

impl Report {
    /// An amount of the event's money.
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.event.currency)
    }

    /// What went back to buyers, and did not come back.
    pub fn refunded(&self) -> Money {
        self.money(self.figures.refunded - self.figures.returned)
    }

    /// What is left of what was paid, after fees and refunds.
    pub fn net(&self) -> Result<Money, Fault> {
        let Figures { gross, fees, .. } = self.figures;
        gross
            .checked_sub(fees)
            .and_then(|rest| rest.checked_sub(self.refunded().minor))
            .map(|net| self.money(net))
            .ok_or_else(|| Fault::broken_rule("net revenue overflowed"))
    }
}

/// Sales of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SalesPoint {
    /// When the interval begins.
    pub at: DateTime<Utc>,
    /// Tickets that were issued in it.
    pub tickets: i64,
    /// What was paid for them.
    pub revenue: Money,
}
