use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use e2e::{Live, anybody};
use futures::{StreamExt as _, stream};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::holding::buyer;
use crate::{
    cpu::Meter,
    load::{Times, open},
    report::Figure,
    stage::Stage,
};

/// How many watch one map.
const VIEWERS: usize = 1_000;
/// How many holds a second they see.
const HOLDS: f64 = 20.0;
/// How many join at a time.
const JOINING: usize = 32;
/// How long the last frames may take.
const LAST: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);

/// When holds were asked for, by their seats, and how late viewers saw them.
struct Watched {
    held: Mutex<HashMap<String, Instant>>,
    late: Mutex<Times>,
    viewers: Mutex<Vec<Seen>>,
}

/// What a viewer saw.
#[derive(Clone, Default)]
struct Seen {
    version: Option<Value>,
    seats: HashSet<String>,
    gaps: u32,
}

/// Holds, and how late those who watch see them.
pub(super) async fn viewers(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let watched = Arc::new(Watched {
        held: Mutex::default(),
        late: Mutex::new(Times::new()),
        viewers: Mutex::new(vec![Seen::default(); VIEWERS]),
    });
    let visitor = anybody(stage.address());
    let joins = stream::iter(0..VIEWERS)
        .map(|_| async {
            let mut live = visitor.watches_seat_map(&stage.show.event).await;
            // The first frame says where the stream begins; what is held later is to be seen.
            let first = live.next().await;
            (live, first)
        })
        .buffer_unordered(JOINING);
    let lives: Vec<_> = joins.collect().await;
    let mut followers = Vec::new();
    for (viewer, (live, first)) in lives.into_iter().enumerate() {
        let first = first.map_err(|refused| anyhow::anyhow!("a viewer was refused: {refused:?}"))?;
        watched.sees(viewer, &first, Instant::now());
        followers.push(tokio::spawn(follow(viewer, live, watched.clone())));
    }
    let meter = Meter::start();
    let held = open(HOLDS, length * 2, |number| {
        let watched = watched.clone();
        async move {
            // Each seat once: what is seen of it is this hold.
            let place = usize::try_from(number).unwrap_or(0) * 7 % stage.seats.len();
            let seat = &stage.seats[place];
            lock(&watched.held).insert(seat.clone(), Instant::now());
            buyer(stage, place).holds(&stage.show.event, std::slice::from_ref(seat)).await.map(drop)
        }
    })
    .await;
    let limits = meter.limits();
    anyhow::ensure!(held.refused.is_empty(), "holds were refused meanwhile: {}", held.refusals());
    let missed = watched.missed_at_last(usize::try_from(held.done)?).await;
    followers.iter().for_each(tokio::task::JoinHandle::abort);
    anyhow::ensure!(missed == 0, "{missed} viewers missed holds, and were not told of a gap");
    let gaps: u32 = lock(&watched.viewers).iter().map(|seen| seen.gaps).sum();
    let late = lock(&watched.late).clone();
    anyhow::ensure!(!late.is_empty(), "nobody saw anything");
    let [usual, long] =
        late.figures(&format!("from the hold's request to {VIEWERS} viewers at {HOLDS:.0} holds/s"));
    Ok(vec![
        usual,
        long.with_note(format!("{gaps} gaps, all told by their versions")).with_note(limits),
        Figure::new("a hold meanwhile, p99", held.times.millis(99.0), "ms"),
    ])
}

impl Watched {
    /// Takes note of a frame.
    fn sees(&self, viewer: usize, frame: &Value, now: Instant) {
        let mut viewers = lock(&self.viewers);
        let seen = &mut viewers[viewer];
        if seen.version.as_ref().is_some_and(|version| frame["previousVersion"] != *version) {
            seen.gaps += 1;
        }
        seen.version = Some(frame["version"].clone());
        let changes = frame["changes"].as_array().into_iter().flatten();
        for seat in
            changes.filter(|change| change["status"] == "HELD").filter_map(|change| change["seatId"].as_str())
        {
            let Some(begun) = lock(&self.held).get(seat).copied() else { continue };
            if seen.seats.insert(seat.to_owned()) {
                lock(&self.late).note(now - begun);
            }
        }
    }

    /// How many have not seen all of so many holds though they saw no gap, once the last frames have had their time.
    async fn missed_at_last(&self, holds: usize) -> usize {
        let end = Instant::now() + LAST;
        loop {
            let viewers = lock(&self.viewers).clone();
            let missed = viewers.iter().filter(|seen| seen.gaps == 0 && seen.seats.len() < holds).count();
            if missed == 0 || Instant::now() > end {
                return missed;
            }
            sleep(LOOK).await;
        }
    }
}

async fn follow(viewer: usize, mut live: Live, watched: Arc<Watched>) {
    while let Ok(frame) = live.next().await {
        watched.sees(viewer, &frame, Instant::now());
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
