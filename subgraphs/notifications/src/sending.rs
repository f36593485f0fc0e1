//! The workers that send what is queued.

use std::{sync::Arc, time::Duration};

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

/// Sends what goes by a channel until told to stop; what is being sent then is sent to its end. One that takes long
/// takes a place and holds up no other. `pace` lies between one and the next, on average: what comes meanwhile is claimed
/// together.
pub(crate) async fn run(
    notifications: Notifications,
    store: SeaStore,
    channel: Channel,
    pace: Duration,
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
        let rest = pace * took;
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
