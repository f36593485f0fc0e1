//! Notices what a stream has forgotten before a consumer had it.

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{Info, PullConsumer},
    stream,
};
use chrono::{DateTime, Utc};
use kernel::{Fault, to_millis};
use tokio::{sync::Notify, time::Instant};

use super::{
    Inner,
    streams::{self, instant},
};
use crate::gaps::{Gap, Gaps};

/// How often is looked at a stream that has room, and at a full one that is about to forget what was not read.
const LOOK: (Duration, Duration) = (Duration::from_secs(10), Duration::from_millis(250));
/// A consumer that is so many numbers away from what is forgotten next is looked after more often.
const NEAR: i64 = 10_000;

/// What one consumer has lost of one stream, as far as it is known here.
pub(super) struct Losses {
    consumer: &'static str,
    owner: String,
    gaps: Gaps,
    next_look: Instant,
    /// Since when the stream has been there, and up to which of its numbers nothing can be lost any more: all of it was
    /// read, or is a gap that was written down.
    seen: Option<(DateTime<Utc>, i64)>,
    /// Whether the stream is full, and about to forget what was not read.
    near: bool,
}

impl Losses {
    pub(super) fn new(consumer: &'static str, owner: &str, gaps: Gaps) -> Self {
        Self { consumer, owner: owner.to_owned(), gaps, next_look: Instant::now(), seen: None, near: false }
    }

    /// Looks at the next occasion, whenever it was looked before: the stream or its consumer may be new.
    pub(super) fn look_soon(&mut self) {
        self.next_look = Instant::now();
    }

    /// Looks before a message is handled that came from a stream which is about to overtake its reader: once it is
    /// acknowledged, the consumer stands behind what it has not got, and a process that was killed could not tell.
    pub(super) async fn look_before_handling(
        &mut self,
        bus: &Inner,
        consumer: &PullConsumer,
        lost: &Notify,
    ) -> Result<(), Fault> {
        if self.near {
            self.look_soon();
        }
        self.look(bus, consumer, lost).await
    }

    /// Looks, if it is time, writes down what is lost, and wakes whoever gets it again. Who cannot be asked just now is
    /// asked next time. However seldom is looked nothing goes unnoticed: what was forgotten since the last look, and had
    /// not been read then, may be lost, although the consumer stands behind it now.
    pub(super) async fn look(
        &mut self,
        bus: &Inner,
        consumer: &PullConsumer,
        lost: &Notify,
    ) -> Result<(), Fault> {
        if Instant::now() < self.next_look {
            return Ok(());
        }
        // The consumer first: what it gets meanwhile is not to be taken for lost.
        let Ok(stands) = consumer.get_info().await else { return Ok(()) };
        let Ok(stream) = bus.context.get_stream(streams::name(&self.owner)).await else { return Ok(()) };
        let stream = stream.cached_info();
        let since = instant(stream.created.unix_timestamp_nanos());
        let first = number(stream.state.first_sequence);
        let has = has(&stands);
        let had = match self.seen {
            Some((of, seen)) if of == since => seen,
            _ => {
                self.gaps.only_of(&self.owner, since).await?;
                has
            }
        };
        if let Some(gap) = forgotten(first, had, begins_at(&stream.state))
            && let Some(new) = self.gaps.note(&self.owner, since, gap).await?
        {
            metrics::counter!("bus_messages_lost_total", "consumer" => self.consumer).increment(new.width());
            tracing::error!(
                consumer = self.consumer,
                stream = streams::name(&self.owner),
                first = new.first,
                last = new.last,
                "a stream has forgotten messages that were not read yet; the outboxes are asked for them"
            );
            lost.notify_one();
        }
        self.seen = Some((since, has.max(first - 1)));
        self.near = is_full(stream) && has < first.saturating_add(NEAR);
        self.next_look = Instant::now() + if self.near { LOOK.1 } else { LOOK.0 };
        Ok(())
    }
}

/// Up to which of the stream's numbers the consumer has all.
fn has(stands: &Info) -> i64 {
    // What is in hand and comes again has to be there still.
    number(if stands.num_ack_pending > 0 {
        stands.ack_floor.stream_sequence
    } else {
        stands.delivered.stream_sequence
    })
}

/// The numbers between what a consumer had and what the stream begins with; at most so many messages were for it.
fn forgotten(first: i64, had: i64, begins_at: DateTime<Utc>) -> Option<Gap> {
    (first > had + 1).then(|| Gap { first: had + 1, last: first - 1, before: to_millis(begins_at) })
}

/// By when everything had been published that a stream has forgotten.
fn begins_at(state: &stream::State) -> DateTime<Utc> {
    let oldest = if state.messages > 0 { state.first_timestamp } else { state.last_timestamp };
    instant(oldest.unix_timestamp_nanos())
}

/// Whether what comes makes a stream forget.
fn is_full(stream: &stream::Info) -> bool {
    let (config, state) = (&stream.config, &stream.state);
    let nearly =
        |limit: i64, has: u64| u64::try_from(limit).is_ok_and(|limit| limit > 0 && has >= limit / 10 * 9);
    nearly(config.max_bytes, state.bytes) || nearly(config.max_messages, state.messages)
}

fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stream_no_longer_has_and_a_consumer_has_not_had_is_lost() {
        let lost = |first, had| forgotten(first, had, DateTime::UNIX_EPOCH).map(|gap| (gap.first, gap.last));
        assert_eq!(lost(1, 0), None, "nothing was forgotten");
        assert_eq!(lost(101, 100), None, "it has all that was forgotten");
        assert_eq!(lost(90, 100), None, "and more than that");
        assert_eq!(lost(151, 100), Some((101, 150)));
        assert_eq!(lost(2, 0), Some((1, 1)));
    }
}
