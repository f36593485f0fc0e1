use std::{fmt::Debug, time::Duration};

use contracts::saga::Step;

/// A kind of business transaction.
pub trait Saga: Clone + Debug + Eq + Send + Sync + 'static {
    /// What it is called in its rows, in asks and in metrics, such as `refund`. It never changes.
    const KIND: &'static str;
    /// Its steps.
    type Step: Step;
    /// What is known of it from its beginning and decides which of its steps there are, such as that nothing is to be paid.
    type Given: Copy + Debug + Default + Send + Sync;

    /// Its steps, in order: first those that are undone when a later one cannot be done, then at most one pivot, then
    /// those that must happen.
    fn table() -> &'static [Line<Self::Step>];

    /// True when this saga has no such step.
    fn leaves_out(_step: Self::Step, _given: Self::Given) -> bool {
        false
    }
}

/// A line of a saga's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<S> {
    /// What is asked.
    pub step: S,
    /// Of whom.
    pub of: Whom,
    /// What if a later one cannot be done.
    pub back: Back,
    /// How long an answer is waited for.
    pub patience: Patience,
}

/// Of whom a step is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Of the service in which the saga runs: it is done in the saga's own transaction.
    Itself,
    /// Of another service, by this name.
    Service(&'static str),
}

/// What happens to a step when a later one cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// It is undone, by what has this name.
    By(&'static str),
    /// There is no way back once it is done.
    Pivot,
    /// It comes after the pivot: it is asked again until it is done.
    MustHappen,
}

/// How long an answer is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// So long.
    For(Duration),
    /// Until what the saga is about runs out, such as an order.
    UntilItExpires,
}
