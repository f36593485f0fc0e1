use std::time::Duration;

use contracts::saga::{Outcome, Way};
use kernel::Fault;
use serde::{Deserialize, Serialize};

use crate::{Back, Line, Patience, Saga, Step, Whom};

/// How long an undo is waited for before it is asked again.
pub const ASK_AGAIN: Duration = Duration::from_secs(30);

/// Where a saga stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Progress<S> {
    /// The step is asked.
    Forward {
        /// Which.
        step: S,
    },
    /// The step's undo is asked.
    Backward {
        /// Which.
        step: S,
        /// Why.
        why: Why,
    },
    /// All of it is done.
    Done,
    /// Nothing of it is left.
    Undone {
        /// Why.
        why: Why,
    },
}

/// Why a saga goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Why {
    /// Nobody answered in time.
    Expired,
    /// Somebody gave it up.
    Cancelled,
    /// A step before the pivot was refused.
    Refused,
    /// The pivot was refused, when everything before it was done.
    PivotRefused,
}

/// What is asked of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask<S> {
    /// To do the step.
    Do(S),
    /// To undo it, and why.
    Undo(S, Why),
}

/// What moves a saga on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<S> {
    /// Whoever was asked has answered.
    Reply(S, Way, Outcome),
    /// Nobody has answered in time.
    TimedOut,
    /// Somebody gives it up.
    Cancel,
}

impl<S: Step> Progress<S> {
    /// True when nothing will happen any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Undone { .. })
    }

    /// What is asked where the saga stands, if anything.
    pub fn ask(self) -> Option<Ask<S>> {
        match self {
            Self::Forward { step } => Some(Ask::Do(step)),
            Self::Backward { step, why } => Some(Ask::Undo(step, why)),
            Self::Done | Self::Undone { .. } => None,
        }
    }

    /// Reads where a saga stands, as [`Progress::text`] says it.
    pub fn parse<A: Saga<Step = S>>(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text)
            .map_err(|cause| Fault::new(format!("reading where a {} stands", A::KIND), cause))
    }

    /// As it is kept: JSON.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("where a saga stands is plain data, which JSON can hold")
    }

    /// The first step is asked.
    pub fn start<A: Saga<Step = S>>() -> Self {
        Self::Forward { step: A::table()[0].step }
    }

    /// How long the answer is waited for.
    pub fn patience<A: Saga<Step = S>>(self) -> Option<Patience> {
        match self {
            Self::Forward { step } => Some(line::<A>(step).patience),
            Self::Backward { .. } => Some(Patience::For(ASK_AGAIN)),
            Self::Done | Self::Undone { .. } => None,
        }
    }

    /// What it waits for, as metrics say it; nothing when it is over.
    pub fn waits_for<A: Saga<Step = S>>(self) -> Option<&'static str> {
        self.ask().map(Ask::name::<A>)
    }
}

impl<S: Step> Ask<S> {
    /// Which step.
    pub fn step(self) -> S {
        let (Self::Do(step) | Self::Undo(step, _)) = self;
        step
    }

    /// Its doing or its undoing.
    pub fn way(self) -> Way {
        match self {
            Self::Do(_) => Way::Do,
            Self::Undo(..) => Way::Undo,
        }
    }

    /// True when it is asked of the service in which the saga runs.
    pub fn is_own<A: Saga<Step = S>>(self) -> bool {
        line::<A>(self.step()).of == Whom::Itself
    }

    /// What is asked, by name.
    pub fn name<A: Saga<Step = S>>(self) -> &'static str {
        name_of::<A>(self.step(), self.way())
    }

    /// The answer to it, as what moves the saga on.
    pub fn answered(self, outcome: Outcome) -> Input<S> {
        Input::Reply(self.step(), self.way(), outcome)
    }
}

impl<S: Step> Input<S> {
    /// What it says in a history, such as `TAKE_PAYMENT_DONE`, and why.
    pub fn told<A: Saga<Step = S>>(&self) -> (String, Option<String>) {
        match self {
            Self::Cancel => ("CANCEL_REQUESTED".to_owned(), None),
            Self::TimedOut => ("TIMED_OUT".to_owned(), None),
            Self::Reply(step, way, outcome) => {
                let name = name_of::<A>(*step, *way);
                match outcome {
                    Outcome::Done => (format!("{name}_DONE"), None),
                    Outcome::Refused { reason } => (format!("{name}_REFUSED"), Some(reason.clone())),
                    Outcome::Stands => (format!("{name}_STANDS"), None),
                }
            }
        }
    }
}

/// Moves a saga on: where it stands then, and what is to be asked, if anything; asking the same again is right after a
/// time-out. An input that does not belong to where the saga stands changes nothing: it is late, or a repetition, or was
/// overtaken by an undo.
///
/// A refusal before the pivot undoes what was done, from the last step back, and so does a refusal of the pivot itself.
/// Past the pivot each step is asked again until it is done.
pub fn advance<A: Saga>(
    at: Progress<A::Step>,
    input: &Input<A::Step>,
    given: A::Given,
) -> (Progress<A::Step>, Option<Ask<A::Step>>) {
    let next = match (at, input) {
        (Progress::Forward { step }, Input::Reply(about, Way::Do, outcome)) if *about == step => {
            match (outcome, line::<A>(step).back) {
                (Outcome::Done, _) => forward_from::<A>(step, given),
                (Outcome::Refused { .. }, Back::By(_)) => undo_before::<A>(step, Why::Refused, given),
                (Outcome::Refused { .. }, Back::Pivot) => undo_before::<A>(step, Why::PivotRefused, given),
                // It is asked again when its time is over.
                (Outcome::Refused { .. }, Back::MustHappen) | (Outcome::Stands, _) => return (at, None),
            }
        }
        (Progress::Forward { step }, Input::TimedOut) => match line::<A>(step).back {
            // Silence may hide success, so the step itself is undone as well.
            Back::By(_) => Progress::Backward { step, why: Why::Expired },
            Back::Pivot | Back::MustHappen => at,
        },
        (Progress::Forward { step }, Input::Cancel) if matches!(line::<A>(step).back, Back::By(_)) => {
            Progress::Backward { step, why: Why::Cancelled }
        }
        (Progress::Backward { step, why }, Input::Reply(about, Way::Undo, outcome)) if *about == step => {
            match (outcome, why) {
                (Outcome::Done, _) => undo_before::<A>(step, why, given),
                // It had been done in time, as it turns out: the saga goes on.
                (Outcome::Stands, Why::Expired) => forward_from::<A>(step, given),
                (Outcome::Stands | Outcome::Refused { .. }, _) => return (at, None),
            }
        }
        (Progress::Backward { .. }, Input::TimedOut) => at,
        _ => return (at, None),
    };
    (next, next.ask())
}

pub(crate) fn line<A: Saga>(step: A::Step) -> &'static Line<A::Step> {
    A::table().iter().find(|line| line.step == step).expect("the table has every step")
}

fn name_of<A: Saga>(step: A::Step, way: Way) -> &'static str {
    match (way, line::<A>(step).back) {
        (Way::Undo, Back::By(name)) => name,
        _ => step.name(),
    }
}

fn steps<A: Saga>(given: A::Given) -> impl DoubleEndedIterator<Item = A::Step> {
    A::table().iter().map(|line| line.step).filter(move |step| !A::leaves_out(*step, given))
}

fn forward_from<A: Saga>(step: A::Step, given: A::Given) -> Progress<A::Step> {
    let next = steps::<A>(given).find(|next| *next > step);
    next.map_or(Progress::Done, |step| Progress::Forward { step })
}

fn undo_before<A: Saga>(step: A::Step, why: Why, given: A::Given) -> Progress<A::Step> {
    let before = steps::<A>(given).rfind(|before| *before < step);
    before.map_or(Progress::Undone { why }, |step| Progress::Backward { step, why })
}
