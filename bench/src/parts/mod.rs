//! What is measured, a file for each kind.

mod crowd;
mod holding;
mod memory;
mod outbox;
mod purchases;
mod reading;
mod search;
mod viewers;

use std::time::Duration;

use clap::ValueEnum;

pub(crate) use outbox::outbox;
pub(crate) use search::search;

use crate::{StackName, report::Figure, stage::Stage};

/// How many clients ask at a time where nothing else is said.
const CLIENTS: usize = 32;
/// How many people a crowd is.
const CROWD: usize = 1_000;
/// How many buy where there is none.
const FEW: usize = 64;

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Two seats of a big house at a time, beside plain PostgreSQL.
    Holds,
    /// Places to stand, beside a plain counter.
    Standing,
    /// A thousand people want the same seat.
    OneSeat,
    /// People ask for what is gone.
    SoldOut,
    /// From the hold to the ticket.
    Purchases,
    /// The page of an event.
    EventPage,
    /// The map of 20,000 seats.
    Map,
    /// A thousand people watch one map.
    Viewers,
    /// A thousand clients on one event, and ordinary buyers of another beside them.
    Crowd,
    /// What a thousand purchases and two hundred maps leave in memory.
    Memory,
    /// The relay's look and the sweep's batch beside millions of messages that were sent; on PostgreSQL alone.
    Outbox,
    /// What an index of a million events answers; it is the same on both stacks.
    Search,
}

impl Part {
    pub(crate) const ALL: &[Self] = &[
        Self::Holds,
        Self::Standing,
        Self::OneSeat,
        Self::SoldOut,
        Self::Purchases,
        Self::EventPage,
        Self::Map,
        Self::Viewers,
        Self::Crowd,
        Self::Memory,
        Self::Outbox,
        Self::Search,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Standing => "standing",
            Self::OneSeat => "one seat",
            Self::SoldOut => "sold out",
            Self::Purchases => "purchases",
            Self::EventPage => "event page",
            Self::Map => "map",
            Self::Viewers => "viewers",
            Self::Crowd => "crowd",
            Self::Memory => "memory",
            Self::Outbox => "outbox",
            Self::Search => "search",
        }
    }

    /// Whether there is something to measure on that stack.
    pub(crate) fn is_on(self, stack: StackName) -> bool {
        !matches!(self, Self::Outbox | Self::Search) || stack == StackName::Production
    }

    /// How many people there are to buy; crowds besides the few that nobody minds.
    pub(crate) fn people(self) -> usize {
        match self {
            Self::Holds | Self::Standing | Self::OneSeat | Self::Crowd | Self::Memory => CROWD + FEW,
            _ => FEW,
        }
    }

    /// Whether mails follow at their usual rate, and not at once, so that nobody waits for them before and after.
    pub(crate) fn mails_follow(self) -> bool {
        self == Self::Purchases
    }

    /// Measures it on this stage, for about so long each.
    pub(crate) async fn measure(self, stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
        match self {
            Self::Holds => Box::pin(holding::holds(stage, length)).await,
            Self::Standing => Box::pin(holding::standing(stage, length)).await,
            Self::OneSeat => Box::pin(holding::one_seat(stage)).await,
            Self::SoldOut => Box::pin(holding::sold_out(stage, length)).await,
            Self::Purchases => Box::pin(purchases::purchases(stage, length)).await,
            Self::EventPage => Box::pin(reading::event_page(stage, length)).await,
            Self::Map => Box::pin(reading::map(stage, length)).await,
            Self::Viewers => Box::pin(viewers::viewers(stage, length)).await,
            Self::Crowd => Box::pin(crowd::crowd(stage, length)).await,
            Self::Memory => Box::pin(memory::memory(stage)).await,
            Self::Outbox | Self::Search => anyhow::bail!("this needs no platform"),
        }
    }
}
