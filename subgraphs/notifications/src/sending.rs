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
        let rest = pace * u32::try_from(queued.len()).unwrap_or(AT_ONCE);
        for one in queued {
            let notifications = notifications.clone();
            flying.spawn(async move { notifications.bring(one, until).await });
        }
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = stop.cancelled() => {}
        }
        let look = wait.unwrap_or(LOOK).clamp(SHORTEST_LOOK, LOOK);
        let free = flying.len() < most;
        tokio::select! {
            Some(done) = flying.join_next() => note(channel, done),
            () = wake.notified(), if free => {}
            () = tokio::time::sleep(look), if free => {}
            () = stop.cancelled() => {}
        }
    }
    while let Some(done) = flying.join_next().await {
        note(channel, done);
    }
}

fn note(channel: Channel, done: Result<kernel::Result<()>, tokio::task::JoinError>) {
    match done {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::error!(channel = channel.as_str(), %error, "what came of a message could not be noted");
        }
        Err(broken) => tracing::error!(channel = channel.as_str(), %broken, "sending a message broke"),
    }
}
