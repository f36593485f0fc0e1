use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use kernel::{Refusal, Result, reasons};

use super::{Payments, hear_provider::Heard};
use crate::domain::ports::{KeptEvent, KeptEvents, Understands};

/// For how many days the provider keeps what it has told.
const KEPT_DAYS: i64 = 30;

/// Reads what the payment provider has told since an instant and hears it, for webhooks that nobody was there to hear.
#[derive(Clone)]
pub struct CatchUp {
    kept: Arc<dyn KeptEvents>,
    understands: Arc<dyn Understands>,
    payments: Payments,
}

/// What was caught up with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// How many events were read.
    pub read: u64,
    /// How many of them had not been heard before.
    pub new: u64,
    /// How many had, or change nothing here.
    pub known: u64,
    /// How many were put aside for a person to look at.
    pub parked: u64,
    /// How many could not be heard. They are read again the next time.
    pub failed: u64,
    /// When the oldest of them happened, and when the newest.
    pub between: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl CatchUp {
    /// Over these ports; what is read is heard by these use cases.
    pub fn new(kept: Arc<dyn KeptEvents>, understands: Arc<dyn Understands>, payments: Payments) -> Self {
        Self { kept, understands, payments }
    }

    /// Hears what the provider has told since then, the oldest first, each event as if its webhook came now; `told` hears from
    /// time to time how far that is. It may be repeated, and beside services that run: what was heard changes nothing.
    ///
    /// # Errors
    /// A refusal of an instant of which the provider knows no more, and of one that is still to come. A fault when the provider
    /// cannot be read; what was heard by then stays heard.
    #[tracing::instrument(skip(self, told))]
    pub async fn since(&self, since: DateTime<Utc>, mut told: impl FnMut(&CaughtUp)) -> Result<CaughtUp> {
        let now = self.payments.now().await?;
        if since < now - Duration::days(KEPT_DAYS) {
            let problem =
                format!("may be {KEPT_DAYS} days ago at most: the payment provider keeps nothing longer");
            return Err(Refusal::bad_input("since", problem).because(reasons::OUT_OF_RANGE).into());
        }
        if since > now {
            let problem = "lies in the future; choose an instant before which everything was heard";
            return Err(Refusal::bad_input("since", problem).because(reasons::OUT_OF_RANGE).into());
        }
        let (mut so_far, mut after) = (CaughtUp::default(), None::<String>);
        loop {
            let page = self.kept.kept(since, after.as_deref()).await?;
            let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(so_far) };
            so_far.between = Some((so_far.between.map_or(first.at, |(oldest, _)| oldest), last.at));
            self.hear(&page, &mut so_far).await;
            told(&so_far);
            after = Some(last.id.clone());
        }
    }

    /// Hears these, and what fails once more after the others: what happened within one second may be in any order.
    async fn hear(&self, page: &[KeptEvent], so_far: &mut CaughtUp) {
        let mut again = Vec::new();
        for kept in page {
            so_far.read += 1;
            let event = self.understands.understood(&kept.body);
            match self.payments.take_note(&event).await {
                Ok(heard) => so_far.count(heard),
                Err(_) => again.push(event),
            }
        }
        for event in again {
            match self.payments.take_note(&event).await {
                Ok(heard) => so_far.count(heard),
                Err(error) => {
                    tracing::error!(event = event.id, kind = event.kind, %error, "an event could not be heard");
                    so_far.failed += 1;
                }
            }
        }
    }
}

impl CaughtUp {
    fn count(&mut self, heard: Heard) {
        match heard {
            Heard::Now => self.new += 1,
            Heard::Before | Heard::Unheeded => self.known += 1,
            Heard::Parked => self.parked += 1,
        }
    }
}
