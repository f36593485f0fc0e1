//! Notices what a full stream has forgotten before a consumer had it.

use std::time::Duration;

use async_nats::jetstream::{
    Context,
    consumer::{Info, PullConsumer},
};
use tokio::time::Instant;

use super::streams;

/// How often is looked. A consumer that reads stands behind the loss as soon as it asks for more.
const LOOK: Duration = Duration::from_secs(10);

/// What one consumer has lost of one stream, as far as it is known here.
pub(super) struct Losses<'a> {
    consumer: &'static str,
    owner: &'a str,
    next_look: Instant,
    /// Up to which of the stream's numbers losses were told.
    told: u64,
}

impl<'a> Losses<'a> {
    pub(super) fn new(consumer: &'static str, owner: &'a str) -> Self {
        Self { consumer, owner, next_look: Instant::now(), told: 0 }
    }

    /// Looks, if it is time, and tells of what is lost. Who cannot be asked just now is asked next time.
    pub(super) async fn look(&mut self, context: &Context, consumer: &PullConsumer) {
        if Instant::now() < self.next_look {
            return;
        }
        self.next_look = Instant::now() + LOOK;
        // The consumer first: what it gets meanwhile is not to be taken for lost.
        let Ok(stands) = consumer.get_info().await else { return };
        let Ok(stream) = context.get_stream(streams::name(self.owner)).await else { return };
        let first = stream.cached_info().state.first_sequence;
        let lost = lost(first, has(&stands), self.told);
        metrics::counter!("bus_messages_lost_total", "consumer" => self.consumer).increment(lost);
        if lost > 0 {
            self.told = first - 1;
            tracing::error!(
                consumer = self.consumer,
                stream = streams::name(self.owner),
                lost,
                remedy = format!("odysseus republish {}", self.owner),
                "a stream has forgotten messages that were not read yet; outboxes have them for a week"
            );
        }
    }
}

/// Up to which of the stream's numbers the consumer has all; none when it has just come to be.
fn has(stands: &Info) -> Option<u64> {
    if stands.delivered.consumer_sequence == 0 {
        return None;
    }
    // What is in hand and comes again has to be there still.
    Some(if stands.num_ack_pending > 0 {
        stands.ack_floor.stream_sequence
    } else {
        stands.delivered.stream_sequence
    })
}

/// How many numbers are missing between what the consumer has and what the stream begins with; at most so many messages
/// were for it.
fn lost(first: u64, has: Option<u64>, told: u64) -> u64 {
    has.map_or(0, |has| first.saturating_sub(has.max(told) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stream_no_longer_has_and_a_consumer_has_not_had_is_lost_once() {
        assert_eq!(lost(1, Some(0), 0), 0, "nothing was forgotten");
        assert_eq!(lost(101, Some(100), 0), 0, "it has all that was forgotten");
        assert_eq!(lost(151, Some(100), 0), 50);
        assert_eq!(lost(151, Some(100), 150), 0, "it was told");
        assert_eq!(lost(161, Some(100), 150), 10, "only what is new");
        assert_eq!(lost(5_000, None, 0), 0, "a new consumer begins with what there is");
    }
}
