//! A platform that was started for one part, with a big house on sale and people who may buy.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use e2e::{Address, Person, Platform, Production, Settings, Shape, Show, amphitheatre, invariants, seat_ids};
use futures::{StreamExt as _, stream};
use tempfile::TempDir;
use testbed::Postgres;

use crate::{StackName, parts::Part};

/// How many rows of 200 seats there are.
const ROWS: u16 = 100;
/// How many may stand.
const STANDING: u32 = 250_000;
/// How many rows another event's hall has.
const QUIET_ROWS: u16 = 10;
/// How many mails a second are sent where they are not measured.
const MAILS: u32 = 1_000;
/// How long the platform may take to come to rest.
const REST: Duration = Duration::from_mins(2);

/// The platform, and who is there.
pub(crate) struct Stage {
    stack: Stack,
    /// What is on sale: 20,000 seats and a floor.
    pub(crate) show: Show,
    /// Another event, which nobody talks about.
    pub(crate) quiet: Show,
    /// The ids of its seats, in order.
    pub(crate) seats: Vec<String>,
    /// Who may buy.
    pub(crate) buyers: Vec<Person>,
    /// How many pairs of seats were handed out to be tried.
    tried: AtomicUsize,
}

enum Stack {
    Embedded(Box<Platform>),
    Production { platform: Box<Production>, _place: TempDir },
}

impl Stage {
    /// Starts everything for a part, and waits until it is at rest.
    pub(crate) async fn set(stack: StackName, program: &Path, part: Part) -> anyhow::Result<Self> {
        anyhow::ensure!(program.exists(), "{} is not there: build it first", program.display());
        let program = std::path::absolute(program)?;
        let stack = match stack {
            StackName::Embedded => {
                Stack::Embedded(Box::new(Box::pin(Platform::start(program, settings(part))).await))
            }
            StackName::Production => {
                let place = tempfile::Builder::new().prefix("odysseus-bench-").tempdir()?;
                let shape = Shape { own_postgres: true, ..Shape::default() };
                let started =
                    Box::pin(Production::start(program, settings(part), shape, place.path().to_owned()))
                        .await;
                Stack::Production { platform: Box::new(started), _place: place }
            }
        };
        let organizer = Person::registers(stack.address(), "Olga Organizer").await?;
        let show = organizer.puts_on_in("The whole town comes", amphitheatre(ROWS, STANDING)).await?;
        let quiet = organizer.puts_on_in("A reading", amphitheatre(QUIET_ROWS, STANDING)).await?;
        let seats = seat_ids(&organizer.sees_seat_map(&show.event).await?);
        let address = stack.address();
        let people = stream::iter(0..part.people())
            .map(|number| async move { Person::registers(address, &format!("Buyer {number}")).await });
        let people: Vec<_> = people.buffered(32).collect().await;
        let buyers = people.into_iter().collect::<Result<_, _>>()?;
        let stage = Self { stack, show, quiet, seats, buyers, tried: AtomicUsize::new(0) };
        Box::pin(stage.is_right()).await?;
        Ok(stage)
    }

    /// Where the platform is.
    pub(crate) fn address(&self) -> &Address {
        self.stack.address()
    }

    /// How many pairs of seats nobody has tried.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn pairs_left(&self) -> f64 {
        (self.seats.len() / 2).saturating_sub(self.tried.load(Ordering::Relaxed)) as f64
    }

    /// Two seats beside each other that nobody has tried; once all have been tried, from the front again.
    pub(crate) fn next_two(&self) -> (usize, &[String]) {
        let turn = self.tried.fetch_add(1, Ordering::Relaxed);
        let first = turn * 2 % (self.seats.len() - 1);
        (turn, &self.seats[first..first + 2])
    }

    /// The server of the stack in production shape.
    pub(crate) fn postgres(&self) -> Option<&Postgres> {
        match &self.stack {
            Stack::Embedded(_) => None,
            Stack::Production { platform, .. } => Some(&platform.postgres),
        }
    }

    /// An error when, once everything is at rest, what was kept is wrong.
    pub(crate) async fn is_right(&self) -> anyhow::Result<()> {
        let stores = match &self.stack {
            Stack::Embedded(platform) => Box::pin(platform.stores()).await?,
            Stack::Production { platform, .. } => Box::pin(platform.stores()).await?,
        };
        let wrong = Box::pin(invariants::wrong_after(&stores, REST)).await?;
        anyhow::ensure!(wrong.is_empty(), "what was kept is wrong:\n  {}", wrong.join("\n  "));
        Ok(())
    }
}

impl Stack {
    fn address(&self) -> &Address {
        match self {
            Self::Embedded(platform) => platform.address(),
            Self::Production { platform, .. } => platform.address(),
        }
    }
}

/// All clients come from one address here, and may do what many would.
fn settings(part: Part) -> Settings {
    let settings = Settings::default()
        .with("TICKETS__OPEN_PLACES", &STANDING)
        .with("TICKETS__HOLDS_BY_ACCOUNT__BURST", &STANDING)
        .with("TICKETS__HOLDS_BY_ADDRESS__BURST", &STANDING);
    if part.mails_follow() { settings } else { settings.with("NOTIFICATIONS__SENT_PER_SECOND", &MAILS) }
}
