//! A refund: tickets of an order stop admitting, their money goes back, and their places are free again; or nothing changes.

use std::time::Duration;

use kernel::{RefundId, SagaId};
use saga::{Back, Line, Patience, Saga, Step, Whom};
use serde::{Deserialize, Serialize};

/// The refund of tickets of one order. Its id is the refund's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refunding {}

/// The steps of a refund, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundStep {
    /// The tickets do not admit any more.
    SetAside,
    /// The money goes back.
    GiveBack,
    /// The tickets are void, and their places can be had.
    TakeBack,
}

impl Step for RefundStep {
    fn name(self) -> &'static str {
        match self {
            Self::SetAside => "SET_ASIDE",
            Self::GiveBack => "GIVE_BACK",
            Self::TakeBack => "TAKE_BACK",
        }
    }
}

/// Nothing was paid for the tickets, so that no money goes back.
pub type Free = bool;

const HALF_A_MINUTE: Duration = Duration::from_secs(30);
const TEN_MINUTES: Duration = Duration::from_mins(10);

const TABLE: [Line<RefundStep>; 3] = {
    const fn line(step: RefundStep, of: Whom, back: Back, patience: Duration) -> Line<RefundStep> {
        Line { step, of, back, patience: Patience::For(patience) }
    }
    use RefundStep::{GiveBack, SetAside, TakeBack};
    [
        line(SetAside, Whom::Itself, Back::By("RESTORE"), HALF_A_MINUTE),
        // A provider that is away gives back when it is there again: payments owes it until then.
        line(GiveBack, Whom::Service("payments"), Back::Pivot, TEN_MINUTES),
        line(TakeBack, Whom::Itself, Back::MustHappen, HALF_A_MINUTE),
    ]
};

impl Saga for Refunding {
    const KIND: &'static str = "refund";
    type Step = RefundStep;
    type Given = Free;

    fn table() -> &'static [Line<RefundStep>] {
        &TABLE
    }

    fn leaves_out(step: RefundStep, free: Free) -> bool {
        free && step == RefundStep::GiveBack
    }
}

/// The saga of a refund.
pub fn saga_of(refund: RefundId) -> SagaId {
    SagaId::from_uuid(refund.uuid())
}

/// The refund of a saga.
pub fn refund_of(saga: SagaId) -> RefundId {
    RefundId::from_uuid(saga.uuid())
}

/// The step with this name.
pub fn step(name: &str) -> Option<RefundStep> {
    TABLE.iter().map(|line| line.step).find(|step| step.name() == name)
}

#[cfg(test)]
mod tests {
    use saga::suite::{every_walk_ends_well, no_order_of_messages_breaks};

    use super::*;

    #[test]
    fn every_walk_over_its_table_ends_well() {
        for free in [false, true] {
            every_walk_ends_well::<Refunding>(free);
        }
    }

    #[test]
    #[expect(
        clippy::print_stdout,
        reason = "how many states were walked is told to who reads what tests say"
    )]
    fn no_order_of_messages_breaks_it() {
        let states = [false, true].map(no_order_of_messages_breaks::<Refunding>);
        println!("a refund: {} states, {} where nothing was paid", states[0], states[1]);
        assert!(states[0] >= 7 && states[1] >= 2, "the model was walked: {states:?}");
    }

    #[test]
    fn steps_are_known_by_their_names() {
        for line in TABLE {
            assert_eq!(step(line.step.name()), Some(line.step));
        }
        assert_eq!(step("RESTORE"), None);
    }
}
