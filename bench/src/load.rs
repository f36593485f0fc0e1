//! Clients, and what they saw.

use std::{collections::BTreeMap, time::Duration};

use e2e::Refused;
use futures::{StreamExt as _, stream::FuturesUnordered};
use hdrhistogram::Histogram;
use tokio::time::{Instant, sleep_until};

/// What came of many requests.
pub(crate) struct Sample {
    /// How many were answered as they should be.
    pub(crate) done: u64,
    /// The codes of those that were not.
    pub(crate) refused: BTreeMap<String, u64>,
    /// How long the answered ones took, in microseconds.
    latency: Histogram<u64>,
    /// How long all of it took.
    seconds: f64,
}

impl Sample {
    fn new() -> Self {
        let latency = Histogram::new_with_bounds(1, 120_000_000, 3).expect("these bounds are in order");
        Self { done: 0, refused: BTreeMap::new(), latency, seconds: 0.0 }
    }

    fn note(&mut self, outcome: Result<(), Refused>, took: Duration) {
        match outcome {
            Ok(()) => {
                self.done += 1;
                self.latency.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
            }
            Err(refused) => *self.refused.entry(refused.code).or_default() += 1,
        }
    }

    /// How many a second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "some millions at most")]
        let done = self.done as f64;
        done / self.seconds
    }

    /// Within how many milliseconds so many of a hundred were answered.
    pub(crate) fn millis(&self, percentile: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "two minutes at most")]
        let micros = self.latency.value_at_percentile(percentile) as f64;
        micros / 1_000.0
    }

    /// How many were refused, and why, in words.
    pub(crate) fn refusals(&self) -> String {
        let told: Vec<_> = self.refused.iter().map(|(code, count)| format!("{count} {code}")).collect();
        told.join(", ")
    }
}

/// So many clients, each of which asks again as soon as it is answered.
pub(crate) async fn closed<F>(clients: usize, length: Duration, call: impl Fn(usize, u64) -> F) -> Sample
where
    F: Future<Output = Result<(), Refused>>,
{
    let mut sample = Sample::new();
    let begun = Instant::now();
    let (end, call) = (begun + length, &call);
    let ask = |client: usize, turn: u64| async move {
        let begun = Instant::now();
        (client, turn, call(client, turn).await, begun.elapsed())
    };
    let mut under_way: FuturesUnordered<_> = (0..clients).map(|client| ask(client, 0)).collect();
    while let Some((client, turn, outcome, took)) = under_way.next().await {
        sample.note(outcome, took);
        if Instant::now() < end {
            under_way.push(ask(client, turn + 1));
        }
    }
    sample.seconds = begun.elapsed().as_secs_f64();
    sample
}

/// So many requests a second, each when its time has come; the time from then on counts.
pub(crate) async fn open<F>(rate: f64, length: Duration, call: impl Fn(u64) -> F) -> Sample
where
    F: Future<Output = Result<(), Refused>>,
{
    let mut sample = Sample::new();
    let begun = Instant::now();
    let mut under_way = FuturesUnordered::new();
    let mut number: u64 = 0;
    loop {
        #[expect(clippy::cast_precision_loss, reason = "some millions at most")]
        let due = begun + Duration::from_secs_f64(number as f64 / rate.max(0.1));
        if due >= begun + length {
            break;
        }
        tokio::select! {
            () = sleep_until(due) => {
                let asked = call(number);
                under_way.push(async move { (asked.await, due.elapsed()) });
                number += 1;
            }
            Some((outcome, took)) = under_way.next(), if !under_way.is_empty() => sample.note(outcome, took),
        }
    }
    while let Some((outcome, took)) = under_way.next().await {
        sample.note(outcome, took);
    }
    sample.seconds = begun.elapsed().as_secs_f64();
    sample
}
