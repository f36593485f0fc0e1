//! The cancellation of an event: nobody buys any more, and whoever bought gets their money back, however many they are.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{EventId, OrderId, SagaId};
use saga::{Back, Line, Patience, Progress, Running, Saga, Step, Whom};
use serde::{Deserialize, Serialize};

/// The cancellation of an event. Its id is the event's. It ends each order that nobody has paid, and begins a refund for each
/// other, some at a time: its cursor is the last order for which it has done so in its present step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellation {}

/// The steps of a cancellation, in order. There is no way back: an event is called off once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancellationStep {
    /// Nothing is set aside any more.
    ReleaseHolds,
    /// Orders that nobody has paid end.
    EndOrders,
    /// The money of each order goes back.
    RefundOrders,
}

impl Step for CancellationStep {
    fn name(self) -> &'static str {
        match self {
            Self::ReleaseHolds => "RELEASE_HOLDS",
            Self::EndOrders => "END_ORDERS",
            Self::RefundOrders => "REFUND_ORDERS",
        }
    }
}

/// How long until is looked how far the refunds are, when none of them says so before.
const LOOK: Duration = Duration::from_secs(2);

const TABLE: [Line<CancellationStep>; 3] = {
    const fn line(step: CancellationStep, patience: Duration) -> Line<CancellationStep> {
        Line { step, of: Whom::Itself, back: Back::MustHappen, patience: Patience::For(patience) }
    }
    [
        line(CancellationStep::ReleaseHolds, LOOK),
        // Nobody is waited for: the next are ended at once.
        line(CancellationStep::EndOrders, Duration::ZERO),
        line(CancellationStep::RefundOrders, LOOK),
    ]
};

impl Saga for Cancellation {
    const KIND: &'static str = "cancellation";
    type Step = CancellationStep;
    type Given = ();

    fn table() -> &'static [Line<CancellationStep>] {
        &TABLE
    }
}

/// The saga of an event.
pub fn saga_of(event: EventId) -> SagaId {
    SagaId::from_uuid(event.uuid())
}

/// The cancellation of an event that was just called off: the clock begins with it at once.
pub fn of(event: EventId, now: DateTime<Utc>) -> Running<Cancellation> {
    Running { deadline: Some(now), version: 1, ..Running::new(saga_of(event), event.uuid(), None, now) }
}

/// What a look at the next orders of an event has come to. Whoever looked may have been slow, and others faster: it says in
/// which step it was, and counts for that step alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Looked {
    during: Progress<CancellationStep>,
    through: Option<OrderId>,
    all_done: bool,
}

impl Looked {
    /// So far nothing was looked at, of a saga that stands so.
    pub fn nowhere(during: Progress<CancellationStep>) -> Self {
        Self { during, through: None, all_done: false }
    }

    /// All orders up to this one are in hand; `all_done` when no order is left, and nothing is under way.
    pub fn through(during: Progress<CancellationStep>, last: Option<OrderId>, all_done: bool) -> Self {
        Self { during, through: last, all_done }
    }

    /// Takes note of it where the saga stands at `step`. True when that step is done.
    pub fn note(&self, saga: &mut Running<Cancellation>, step: CancellationStep) -> bool {
        if self.during != (Progress::Forward { step }) {
            return false;
        }
        saga.cursor = self.through.map(OrderId::uuid).or(saga.cursor);
        if self.all_done && step == CancellationStep::EndOrders {
            // The next step begins with the first order.
            saga.cursor = None;
        }
        self.all_done
    }
}

#[cfg(test)]
mod tests {
    use saga::suite::{every_walk_ends_well, no_order_of_messages_breaks};

    use super::*;

    #[test]
    fn every_walk_over_its_table_ends_well() {
        every_walk_ends_well::<Cancellation>(());
    }

    #[test]
    #[expect(
        clippy::print_stdout,
        reason = "how many states were walked is told to who reads what tests say"
    )]
    fn no_order_of_messages_breaks_it() {
        let states = no_order_of_messages_breaks::<Cancellation>(());
        println!("a cancellation: {states} states");
        assert!(states >= 2, "the model was walked: {states}");
    }
}
