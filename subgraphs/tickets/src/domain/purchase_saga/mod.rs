//! The purchase, as a table.
//!
//! Each step is asked of a service and answered. A refusal before the pivot undoes what was done, from the
//! last step back; from the pivot on, steps are asked again until they are done. [`advance`] is the whole
//! logic, and pure: the runner (`use_cases::run_purchase`) only loads, advances, and saves the new progress
//! together with the next ask. What is asked of `tickets` itself is done and answered in the same transaction.

use std::time::Duration;

use contracts::purchase::{Outcome, PurchaseStep, Way};
use serde::{Deserialize, Serialize};

/// What happens when a later step cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is undone.
    Undoable,
    /// There is no way back once it is done.
    Pivot,
    /// It is asked again until it is done.
    MustHappen,
}

/// How long an answer is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// So long.
    For(Duration),
    /// Until the order runs out.
    UntilTheOrderExpires,
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is asked.
    pub step: PurchaseStep,
    /// What if a later one fails.
    pub kind: Kind,
    /// How long to wait.
    pub patience: Patience,
}

const fn step(step: PurchaseStep, kind: Kind, patience: Patience) -> Step {
    Step { step, kind, patience }
}

/// How long an undo, and anything that is asked again, is waited for.
pub const ASK_AGAIN: Duration = Duration::from_secs(30);

/// The purchase. `ReleaseSeats` undoes the first step and `ReturnPayment` the second.
pub const PURCHASE: [Step; 4] = [
    // Nobody gains by giving up sooner: a bus that was away brings the answer when it is back.
    step(PurchaseStep::SecureSeats, Kind::Undoable, Patience::UntilTheOrderExpires),
    step(PurchaseStep::TakePayment, Kind::Undoable, Patience::UntilTheOrderExpires),
    step(PurchaseStep::IssueTickets, Kind::Pivot, Patience::For(ASK_AGAIN)),
    step(PurchaseStep::SendConfirmation, Kind::MustHappen, Patience::For(Duration::from_mins(10))),
];

/// Why a purchase goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ending {
    /// Time ran out before the money came.
    Expired,
    /// The buyer gave it up.
    Cancelled,
    /// A step before the tickets was refused.
    Refused,
    /// The money came when the seats had gone to somebody else.
    SeatsGone,
}

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Progress {
    /// The step is asked.
    Forward {
        /// Which.
        step: PurchaseStep,
    },
    /// The step's undo is asked.
    Backward {
        /// Which.
        step: PurchaseStep,
        /// Why.
        why: Ending,
    },
    /// The buyer has the tickets and knows it.
    Bought,
    /// Nothing of it is left.
    Undone {
        /// Why.
        why: Ending,
    },
}

impl Progress {
    /// The first step is asked.
    pub const fn start() -> Self {
        Self::Forward { step: PURCHASE[0].step }
    }

    /// True when nothing will happen any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Bought | Self::Undone { .. })
    }

    /// What is to be asked where the purchase stands, if anything.
    pub fn ask(self) -> Option<Ask> {
        match self {
            Self::Forward { step } => Some(Ask::Do(step)),
            Self::Backward { step, why } => Some(Ask::Undo(step, why)),
            Self::Bought | Self::Undone { .. } => None,
        }
    }

    /// How long the answer is waited for.
    pub fn patience(self) -> Option<Patience> {
        match self {
            Self::Forward { step } => Some(line(step).patience),
            Self::Backward { .. } => Some(Patience::For(ASK_AGAIN)),
            Self::Bought | Self::Undone { .. } => None,
        }
    }
}

/// What is asked of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// To do the step.
    Do(PurchaseStep),
    /// To undo it, and why.
    Undo(PurchaseStep, Ending),
}

impl Ask {
    /// True when `tickets` itself is asked: it has seats and tickets, and does it at once.
    pub const fn is_own(self) -> bool {
        let (Self::Do(step) | Self::Undo(step, _)) = self;
        matches!(step, PurchaseStep::SecureSeats | PurchaseStep::IssueTickets)
    }
}

/// What moves a purchase on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A service has answered.
    Reply(PurchaseStep, Way, Outcome),
    /// Nobody has answered in time.
    TimedOut,
    /// The buyer gives up.
    Cancel,
}

/// Moves a purchase on. What is to be asked next, if anything; asking the same again is right after a
/// time-out. An input that does not belong to where the purchase stands changes nothing: it is late,
/// or a repetition, or was overtaken by an undo. `free`: nothing is to be paid, so that step is left out.
pub fn advance(at: Progress, input: &Input, free: bool) -> (Progress, Option<Ask>) {
    let next = match (at, input) {
        (Progress::Forward { step }, Input::Reply(about, Way::Do, outcome)) if *about == step => {
            match outcome {
                Outcome::Done => forward_from(step, free),
                Outcome::Refused { .. } => match line(step).kind {
                    Kind::Undoable => undo_before(step, Ending::Refused, free),
                    Kind::Pivot => undo_before(step, Ending::SeatsGone, free),
                    Kind::MustHappen => return (at, None), // asked again when its time is over
                },
                Outcome::Stands => return (at, None),
            }
        }
        (Progress::Forward { step }, Input::TimedOut) => match line(step).kind {
            // Silence may hide success, so the step itself is undone as well.
            Kind::Undoable => Progress::Backward { step, why: Ending::Expired },
            Kind::Pivot | Kind::MustHappen => at,
        },
        (Progress::Forward { step }, Input::Cancel) if line(step).kind == Kind::Undoable => {
            Progress::Backward { step, why: Ending::Cancelled }
        }
        (Progress::Backward { step, why }, Input::Reply(about, Way::Undo, outcome)) if *about == step => {
            match (outcome, why) {
                (Outcome::Done, _) => undo_before(step, why, free),
                // The money came in before the time was over, as it turns out: the purchase goes on.
                (Outcome::Stands, Ending::Expired) => forward_from(step, free),
                (Outcome::Stands | Outcome::Refused { .. }, _) => return (at, None),
            }
        }
        (Progress::Backward { .. }, Input::TimedOut) => at,
        _ => return (at, None),
    };
    (next, next.ask())
}

/// True when the input makes `tickets` itself do something, for which the event must be locked.
pub fn needs_the_event(at: Progress, input: &Input, free: bool) -> bool {
    advance(at, input, free).1.is_some_and(Ask::is_own)
}

fn line(step: PurchaseStep) -> &'static Step {
    PURCHASE.iter().find(|line| line.step == step).expect("the table has every step")
}

fn is_left_out(step: PurchaseStep, free: bool) -> bool {
    free && step == PurchaseStep::TakePayment
}

fn forward_from(step: PurchaseStep, free: bool) -> Progress {
    PURCHASE
        .iter()
        .map(|line| line.step)
        .find(|next| *next > step && !is_left_out(*next, free))
        .map_or(Progress::Bought, |step| Progress::Forward { step })
}

fn undo_before(step: PurchaseStep, why: Ending, free: bool) -> Progress {
    PURCHASE
        .iter()
        .map(|line| line.step)
        .rfind(|before| *before < step && !is_left_out(*before, free))
        .map_or(Progress::Undone { why }, |step| Progress::Backward { step, why })
}

#[cfg(test)]
mod tests;
