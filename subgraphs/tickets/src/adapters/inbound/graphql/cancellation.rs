use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use service::graphql::Money;

use crate::domain::ports::CancellationView;

/// How far everything is given back of an event that was called off.
#[derive(Clone, SimpleObject)]
pub(crate) struct EventCancellation {
    /// When the refunds began.
    started_at: DateTime<Utc>,
    /// When the last of them was done; null until then.
    finished_at: Option<DateTime<Utc>>,
    /// How many orders there are to give back.
    orders: i32,
    /// Of how many the money went back.
    refunded: i32,
    /// Of how many it could not go back: their tickets are as they were, and somebody has to look.
    failed: i32,
    /// How much went back.
    amount_refunded: Money,
}

impl From<CancellationView> for EventCancellation {
    fn from(view: CancellationView) -> Self {
        let count = |many: u64| i32::try_from(many).unwrap_or(i32::MAX);
        Self {
            started_at: view.started_at,
            finished_at: view.finished_at,
            orders: count(view.orders),
            refunded: count(view.refunded),
            failed: count(view.failed),
            amount_refunded: view.amount.into(),
        }
    }
}
