//! How sagas ask services, and how they are answered.
//!
//! Asks may come twice, late, and after their own undo; whoever is asked answers each with the outcome that stands. An
//! undo wins over a late do.

use std::{fmt::Debug, hash::Hash};

use kernel::SagaId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::contract;

/// A step of a saga.
pub trait Step:
    Copy + Debug + Eq + Ord + Hash + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// As asks, histories and metrics say it, such as `TAKE_PAYMENT`. It never changes.
    fn name(self) -> &'static str;
}

/// Which way an ask goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Way {
    /// Do the step.
    Do,
    /// Undo it.
    Undo,
}

/// What came of an ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// It is done.
    Done,
    /// It cannot be done, and was not.
    Refused {
        /// Why, for the history of what the saga is about.
        reason: String,
    },
    /// Only to an undo: what was to be undone happened before, and is kept.
    Stands,
}

/// Which step of which saga an ask is. Whoever is asked says it back, and needs to know no more of the saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Asked {
    /// Of which saga.
    pub saga_id: SagaId,
    /// Of which kind it is, such as `refund`.
    pub kind: String,
    /// Which step.
    pub step: String,
    /// Its doing or its undoing.
    pub way: Way,
}

impl Asked {
    /// The answer.
    pub fn answer(&self, outcome: Outcome) -> SagaReply {
        let Self { saga_id, kind, step, way } = self.clone();
        SagaReply { saga_id, kind, step, way, outcome }
    }
}

/// The answer to a saga's ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SagaReply {
    /// To which saga.
    pub saga_id: SagaId,
    /// Of which kind it is.
    pub kind: String,
    /// To which step.
    pub step: String,
    /// To its doing or its undoing.
    pub way: Way,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}
contract!(SagaReply, "odysseus.reply.tickets.saga.v1", saga_id);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_back_what_was_asked_and_survives_the_journey() {
        let asked = Asked {
            saga_id: SagaId::new(),
            kind: "refund".to_owned(),
            step: "GIVE_BACK".to_owned(),
            way: Way::Do,
        };
        for outcome in [Outcome::Done, Outcome::Refused { reason: "gone".to_owned() }, Outcome::Stands] {
            let reply = asked.answer(outcome);
            assert_eq!((reply.saga_id, reply.step.as_str()), (asked.saga_id, "GIVE_BACK"));
            let text = serde_json::to_string(&reply).unwrap();
            assert_eq!(serde_json::from_str::<SagaReply>(&text).unwrap(), reply);
        }
    }
}
