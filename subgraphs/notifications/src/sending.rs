//! The workers that send what is queued.

use std::{sync::Arc, time::Duration};

use machine::Machine;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    Notifications,
    adapters::outbound::persistence::SeaStore,
    domain::{entities::Channel, ports::Claimed, use_cases::AT_ONCE},
};

/// The longest time until a queue is looked at again when nobody wakes its worker: wakes get lost, and another
/// replica's wake only that one.
const LOOK: Duration = Duration::from_secs(2);
/// The shortest one: so long a server that is left alone is not looked after.
const SHORTEST_LOOK: Duration = Duration::from_millis(100);

/// How many times as long lies between two while the machine is full: who has bought sees the ticket on their page, and
/// those who still buy need the machine.
const LONGER_WHEN_FULL: u32 = 5;

/// How much time lies between one and the next, on average.
pub(crate) struct Pace {
    usual: Duration,
    is_full: Box<dyn Fn() -> bool + Send>,
}

impl Pace {
    /// So many in a second at most, and fewer while this machine is full.
    pub(crate) fn on(machine: Machine, per_second: u32) -> Self {
        Self::with(per_second, move || machine.is_full())
    }

    fn with(per_second: u32, is_full: impl Fn() -> bool + Send + 'static) -> Self {
        Self { usual: Duration::from_secs(1) / per_second.max(1), is_full: Box::new(is_full) }
    }

    /// After so many.
    fn rest(&self, sent: u32) -> Duration {
        let usual = self.usual * sent;
        if sent > 0 && (self.is_full)() { usual * LONGER_WHEN_FULL } else { usual }
    }
}

/// Sends what goes by a channel until told to stop; what is being sent then is sent to its end. One that takes long
/// takes a place and holds up no other. What comes while the pace is kept is claimed together.
pub(crate) async fn run(
    notifications: Notifications,
    store: SeaStore,
    channel: Channel,
    pace: Pace,
    wake: Arc<Notify>,
    stop: CancellationToken,
) {
    if let Err(fault) = store.forget_claims(channel).await {
        tracing::error!(channel = channel.as_str(), error = fault.chain(), "a queue cannot be read");
    }
    let most = usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    let mut flying = JoinSet::new();
    while !stop.is_cancelled() {
        let free = AT_ONCE - u32::try_from(flying.len()).unwrap_or(AT_ONCE);
        let Claimed { queued, until, wait } =
            notifications.claim(channel, free).await.unwrap_or_else(|error| {
                tracing::error!(channel = channel.as_str(), %error, "what is to be sent could not be claimed");
                Claimed::default()
            });
        let took = u32::try_from(queued.len()).unwrap_or(AT_ONCE);
        let rest = pace.rest(took);
        for one in queued {
            let notifications = notifications.clone();
            flying.spawn(async move { notifications.bring(one, until).await });
        }
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = stop.cancelled() => {}
        }
        // What is over by now has given its place back: the next ones are claimed together.
        let mut more = took == free;
        while let Some(done) = flying.try_join_next() {
            more |= note(channel, done);
        }
        if more && flying.len() < most {
            continue;
        }
        let look = wait.unwrap_or(LOOK).clamp(SHORTEST_LOOK, LOOK);
        let look = tokio::time::sleep(look);
        tokio::pin!(look);
        loop {
            let places = flying.len() < most;
            tokio::select! {
                // A place is free. Where there were enough, nothing has waited for it.
                Some(done) = flying.join_next() => if note(channel, done) || took == free { break },
                () = wake.notified(), if places => break,
                () = &mut look, if places => break,
                () = stop.cancelled() => break,
            }
        }
    }
    while let Some(done) = flying.join_next().await {
        note(channel, done);
    }
}

/// True when there is something to look after: what was not sent is due again some time.
fn note(channel: Channel, done: Result<kernel::Result<bool>, tokio::task::JoinError>) -> bool {
    match done {
        Ok(Ok(again)) => again,
        Ok(Err(error)) => {
            tracing::error!(channel = channel.as_str(), %error, "what came of a message could not be noted");
            true
        }
        Err(broken) => {
            tracing::error!(channel = channel.as_str(), %broken, "sending a message broke");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_give_way_while_the_machine_is_full() {
        let (idle, full) = (Pace::with(25, || false), Pace::with(25, || true));
        assert_eq!(idle.rest(8), Duration::from_millis(320));
        assert_eq!(full.rest(8), Duration::from_millis(1_600));
    }

    #[test]
    fn what_was_not_sent_needs_no_rest() {
        assert_eq!(Pace::with(25, || true).rest(0), Duration::ZERO);
        assert_eq!(Pace::with(0, || false).rest(1), Duration::from_secs(1), "never without end");
    }
}
