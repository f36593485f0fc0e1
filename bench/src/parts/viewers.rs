use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use e2e::{Live, anybody};
use futures::{StreamExt as _, stream};
use hdrhistogram::Histogram;
use tokio::time::Instant;

use super::holding::buyer;
use crate::{load::open, report::Figure, stage::Stage};

/// How many watch one map.
const VIEWERS: usize = 1_000;
/// How many holds a second they see.
const HOLDS: f64 = 20.0;

/// When holds were answered, by their seats, and how late viewers saw them.
struct Watched {
    held: Mutex<HashMap<String, Instant>>,
    late: Mutex<Histogram<u64>>,
    gaps: Mutex<u64>,
}

pub(super) async fn viewers(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let watched = Arc::new(Watched {
        held: Mutex::default(),
        late: Mutex::new(Histogram::new(3)?),
        gaps: Mutex::default(),
    });
    let visitor = anybody(stage.address());
    let joins =
        stream::iter(0..VIEWERS).map(|_| visitor.watches_seat_map(&stage.show.event)).buffer_unordered(32);
    let lives: Vec<Live> = joins.collect().await;
    let followers: Vec<_> =
        lives.into_iter().map(|live| tokio::spawn(follow(live, watched.clone()))).collect();
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
    tokio::time::sleep(Duration::from_secs(1)).await; // for the last frames
    followers.iter().for_each(tokio::task::JoinHandle::abort);
    let (late, gaps) = (lock(&watched.late), *lock(&watched.gaps));
    let seen = late.len();
    anyhow::ensure!(held.refused.is_empty(), "holds were refused meanwhile: {}", held.refusals());
    anyhow::ensure!(seen > 0, "nobody saw anything");
    let millis =
        |percentile: f64| u32::try_from(late.value_at_percentile(percentile)).map_or(f64::MAX, f64::from);
    let what = format!("from the hold's request to {VIEWERS} viewers at {HOLDS:.0} holds/s");
    Ok(vec![
        Figure::new(format!("{what}, p50"), millis(50.0), "ms"),
        Figure::new(format!("{what}, p99"), millis(99.0), "ms")
            .with_note(format!("{gaps} gaps, all seen by their versions")),
        Figure::new("a hold meanwhile, p99", held.millis(99.0), "ms"),
    ])
}

async fn follow(mut live: Live, watched: Arc<Watched>) {
    let mut version = None;
    while let Ok(frame) = live.next().await {
        let now = Instant::now();
        if version.is_some_and(|version| frame["previousVersion"] != version) {
            *lock(&watched.gaps) += 1;
        }
        version = Some(frame["version"].clone());
        for change in
            frame["changes"].as_array().into_iter().flatten().filter(|change| change["status"] == "HELD")
        {
            let begun = change["seatId"].as_str().and_then(|seat| lock(&watched.held).get(seat).copied());
            if let Some(begun) = begun {
                let late = u64::try_from((now - begun).as_millis()).unwrap_or(u64::MAX);
                lock(&watched.late).saturating_record(late);
            }
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
