//! Who sees to waiting lists.

use std::{ops::RangeInclusive, time::Duration};

use service::{news::News, workers::Worker};
use tokio_util::sync::CancellationToken;

use crate::{adapters::outbound::persistence::WAITLISTS_TOPIC, domain::use_cases::Tickets};

/// Sees to waiting lists when something came free for them, which is announced by whoever freed it, on whichever replica;
/// when one of their times comes; and now and then, should an announcement have been lost. Several of them get in nobody's way:
/// they follow each other on the event's row.
pub(crate) fn worker(tickets: Tickets, news: News, pauses: RangeInclusive<Duration>) -> Worker {
    Worker::new("waiting lists", async move |stop: CancellationToken| {
        let mut watch = news.watch(WAITLISTS_TOPIC).await;
        while !stop.is_cancelled() {
            let pause = match tickets.see_to_waitlists().await {
                Ok(Duration::ZERO) => continue,
                Ok(until) => until.max(*pauses.start()).min(*pauses.end()),
                Err(error) => {
                    tracing::warn!(%error, "waiting lists cannot be seen to");
                    *pauses.end()
                }
            };
            tokio::select! {
                _ = watch.changed(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    })
}
