//! What moves sagas on whose time is over, and tells operators where they stand.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use kernel::{Error, Fault, Result};
use metrics::{counter, gauge};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    Database,
    database::{fault, now_millis},
};
use tracing::Instrument as _;

use crate::{
    Progress, Saga,
    rows::{self, Due},
};

/// How many are worked off before the worker looks at its stop signal again.
const AT_ONCE: u64 = 50;
/// How long rests what cannot go on, so that it keeps no other from going on.
pub const SET_ASIDE: Duration = Duration::from_mins(10);
/// The step of sagas of which cannot be read where they stand.
const UNREADABLE: &str = "UNREADABLE";

/// Whoever moves a service's sagas on.
#[async_trait]
pub trait MovesOn: Send + Sync {
    /// Nobody has answered this saga in time, if that is still so.
    async fn timed_out(&self, due: &Due) -> Result<()>;
}

/// Moves on the sagas whose time is over. One that cannot go on is logged, counted, rests for a while, and delays nobody. How
/// long it is until the next one's time is over; nothing when there may be more at once.
pub async fn tick(database: &Database, sagas: &dyn MovesOn) -> Result<Duration> {
    let due = rows::due(&database.reads, AT_ONCE).await?;
    let mut failed = None;
    for saga in &due {
        match sagas.timed_out(saga).instrument(saga.span.clone()).await {
            Ok(()) => {}
            // The next look meets what failed for a moment only.
            Err(Error::Broken(fault)) if fault.passing => failed = Some(fault),
            Err(error) => {
                counter!("sagas_set_aside_total", "saga" => saga.kind.clone()).increment(1);
                tracing::error!(saga = %saga.id, kind = saga.kind, about = %saga.about, %error,
                    "a saga cannot go on and is set aside for a while");
                rows::set_aside(&database.writes, saga.id, SET_ASIDE).await?;
            }
        }
    }
    if let Some(fault) = failed {
        return Err(fault.into());
    }
    if due.len() as u64 == AT_ONCE {
        return Ok(Duration::ZERO);
    }
    Ok(rows::until_next_due(&database.reads).await?.unwrap_or(Duration::MAX))
}

/// A kind of saga, to be measured.
#[derive(Clone, Debug)]
pub struct Kind {
    name: &'static str,
    steps: Vec<&'static str>,
    waits_for: fn(&str) -> Result<Option<&'static str>, Fault>,
}

impl Kind {
    /// This one.
    pub fn of<A: Saga>() -> Self {
        let steps = A::table().iter().flat_map(|line| {
            let undo = match line.back {
                crate::Back::By(name) => Some(name),
                crate::Back::Pivot | crate::Back::MustHappen => None,
            };
            std::iter::once(crate::Step::name(line.step)).chain(undo)
        });
        Self {
            name: A::KIND,
            steps: steps.chain([UNREADABLE]).collect(),
            waits_for: |text| Ok(Progress::parse::<A>(text)?.waits_for::<A>()),
        }
    }
}

/// Tells how many sagas stand where, and how old the oldest of them are. Every replica tells the same. Those of which that
/// cannot be read are counted as a step of their own.
pub async fn measure(database: &Database, kinds: &[Kind]) -> Result<(), Fault> {
    const DOING: &str = "measuring sagas";
    let backend = database.reads.get_database_backend();
    let sql = format!(
        "SELECT kind, progress, CAST(COUNT(*) AS BIGINT) AS n, CAST({} - MIN(created_at) AS BIGINT) AS age \
         FROM sagas WHERE ended_at IS NULL GROUP BY kind, progress",
        now_millis(backend)
    );
    let rows =
        database.reads.query_all_raw(Statement::from_string(backend, sql)).await.map_err(fault(DOING))?;
    let mut standing: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
    for row in rows {
        let text = |column| row.try_get::<String>("", column).map_err(fault(DOING));
        let number = |column| row.try_get::<i64>("", column).map_err(fault(DOING));
        let (kind, progress) = (text("kind")?, text("progress")?);
        let Some(kind) = kinds.iter().find(|known| known.name == kind) else { continue };
        let step = (kind.waits_for)(&progress).unwrap_or_else(|fault| {
            tracing::error!(kind = kind.name, error = fault.chain(), "where a saga stands cannot be read");
            Some(UNREADABLE)
        });
        let Some(step) = step else { continue };
        let (count, oldest) = standing.entry((kind.name, step)).or_default();
        *count += number("n")?;
        *oldest = (*oldest).max(number("age")?);
    }
    for kind in kinds {
        for step in &kind.steps {
            let (count, oldest) = standing.get(&(kind.name, *step)).copied().unwrap_or_default();
            #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds stay far below 2^52")]
            let (count, oldest) = (count as f64, oldest as f64 / 1000.0);
            gauge!("sagas_open", "saga" => kind.name, "step" => *step).set(count);
            gauge!("saga_oldest_seconds", "saga" => kind.name, "step" => *step).set(oldest);
        }
    }
    Ok(())
}
