//! The erasure of an account: its owner is out, everybody who keeps something of the person forgets them, and last of all this
//! service does.
//!
//! Nothing of it is undone. From its beginning nobody can log in, and the address is free for another account; what the person
//! is just buying, or getting back, comes to its end first, and they are told of that.

use std::time::Duration;

use kernel::{SagaId, UserId};
use saga::{Back, Line, Patience, Saga, Step, Whom};
use serde::{Deserialize, Serialize};

/// The erasure of one account. Its id is the account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {}

/// The steps of an erasure, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErasureStep {
    /// Every way into the account is shut, and a last mail says so.
    Close,
    /// Orders and tickets name the person no more.
    ForgetBuyer,
    /// Messages to the person are gone.
    ForgetReader,
    /// Nothing of the account is left but that it was there.
    Erase,
}

impl Step for ErasureStep {
    fn name(self) -> &'static str {
        match self {
            Self::Close => "CLOSE",
            Self::ForgetBuyer => "FORGET_BUYER",
            Self::ForgetReader => "FORGET_READER",
            Self::Erase => "ERASE",
        }
    }
}

/// How long is waited before who bought is asked about again. Orders that are under way take minutes.
const ORDERS_END: Duration = Duration::from_secs(10);
/// The same of messages: the last mail leaves within seconds.
const MAILS_LEAVE: Duration = Duration::from_secs(5);

const TABLE: [Line<ErasureStep>; 4] = {
    const fn line(step: ErasureStep, of: Whom, patience: Duration) -> Line<ErasureStep> {
        Line { step, of, back: Back::MustHappen, patience: Patience::For(patience) }
    }
    use ErasureStep::{Close, Erase, ForgetBuyer, ForgetReader};
    [
        line(Close, Whom::Itself, ORDERS_END),
        line(ForgetBuyer, Whom::Service("tickets"), ORDERS_END),
        line(ForgetReader, Whom::Service("notifications"), MAILS_LEAVE),
        line(Erase, Whom::Itself, ORDERS_END),
    ]
};

impl Saga for Erasure {
    const KIND: &'static str = "erasure";
    type Step = ErasureStep;
    type Given = ();

    fn table() -> &'static [Line<ErasureStep>] {
        &TABLE
    }
}

/// The saga of an account.
pub fn saga_of(user: UserId) -> SagaId {
    SagaId::from_uuid(user.uuid())
}

/// The account of a saga.
pub fn user_of(saga: SagaId) -> UserId {
    UserId::from_uuid(saga.uuid())
}

/// The step with this name.
pub fn step(name: &str) -> Option<ErasureStep> {
    TABLE.iter().map(|line| line.step).find(|step| step.name() == name)
}

#[cfg(test)]
mod tests {
    use saga::suite::{every_walk_ends_well, no_order_of_messages_breaks};

    use super::*;

    #[test]
    fn every_walk_over_its_table_ends_well() {
        every_walk_ends_well::<Erasure>(());
    }

    #[test]
    #[expect(
        clippy::print_stdout,
        reason = "how many states were walked is told to who reads what tests say"
    )]
    fn no_order_of_messages_breaks_it() {
        let states = no_order_of_messages_breaks::<Erasure>(());
        println!("an erasure: {states} states");
        assert!(states >= 4, "the model was walked: {states}");
    }

    #[test]
    fn steps_are_known_by_their_names() {
        for line in TABLE {
            assert_eq!(step(line.step.name()), Some(line.step));
        }
        assert_eq!(step("REMEMBER"), None);
    }
}
