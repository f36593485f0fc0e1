//! Clients, and what they saw.

use std::{collections::BTreeMap, time::Duration};

use e2e::Refused;
use futures::{StreamExt as _, stream::FuturesUnordered};
use hdrhistogram::Histogram;
use tokio::time::{Instant, sleep_until};

use crate::report::Figure;

/// How long many things took: from a microsecond to two minutes, to three digits. What takes longer counts as the longest.
#[derive(Clone)]
pub(crate) struct Times(Histogram<u64>);

impl Times {
    pub(crate) fn new() -> Self {
        // With its bounds: one that grows clamps what it is to take anyway to what it has grown to.
        Self(Histogram::new_with_bounds(1, 120_000_000, 3).expect("these bounds are in order"))
    }

    pub(crate) fn note(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Within how many milliseconds so many of a hundred were done.
    pub(crate) fn millis(&self, percentile: f64) -> f64 {
        u32::try_from(self.0.value_at_percentile(percentile)).map_or(f64::MAX, f64::from) / 1_000.0
    }

    /// The usual one and a long one.
    pub(crate) fn figures(&self, what: &str) -> [Figure; 2] {
        [50.0, 99.0]
            .map(|percentile| Figure::new(format!("{what}, p{percentile:.0}"), self.millis(percentile), "ms"))
    }
}

/// What came of many requests.
pub(crate) struct Sample {
    /// How many were answered as they should be.
    pub(crate) done: u64,
    /// The codes of those that were not.
    pub(crate) refused: BTreeMap<String, u64>,
    /// How long the answered ones took.
    pub(crate) times: Times,
    /// How long all of it took.
    seconds: f64,
}

impl Sample {
    fn new() -> Self {
        Self { done: 0, refused: BTreeMap::new(), times: Times::new(), seconds: 0.0 }
    }

    fn note(&mut self, outcome: Result<(), Refused>, took: Duration) {
        match outcome {
            Ok(()) => {
                self.done += 1;
                self.times.note(took);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_counts_in_full() {
        let mut times = Times::new();
        times.note(Duration::from_millis(20));
        times.note(Duration::from_secs(30));
        assert!((19.9..20.1).contains(&times.millis(50.0)), "{}", times.millis(50.0));
        assert!((29_900.0..30_100.0).contains(&times.millis(99.0)), "{}", times.millis(99.0));
    }

    #[tokio::test]
    async fn requests_begin_when_their_time_has_come_however_slow_those_before_are() {
        let all_there = tokio::sync::Barrier::new(5);
        let sample = open(100.0, Duration::from_millis(50), async |_| {
            // Whoever waited for the one before would wait for ever.
            all_there.wait().await;
            Ok(())
        })
        .await;
        assert_eq!(sample.done, 5);
        assert!(
            sample.times.millis(99.0) >= 40.0,
            "the first waited for the last: {}",
            sample.times.millis(99.0)
        );
    }
}
