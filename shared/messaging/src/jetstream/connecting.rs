use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use kernel::Fault;
use rand::RngExt as _;
use tokio::sync::watch;

use super::{ANSWER, Settings};

/// How long an attempt to connect may take.
const ATTEMPT: Duration = Duration::from_secs(3);
/// How often an idle connection is tried; one that misses two answers is given up.
const PING: Duration = Duration::from_secs(5);
/// How many messages a subscription keeps for who reads it, before it skips.
const WAITING: usize = 1_024;

/// A client that connects in the background, again and again, and a count of its connections.
pub(super) async fn connect(settings: &Settings) -> Result<(Client, watch::Receiver<u64>), Fault> {
    let servers = settings.servers.split(',').map(|server| server.trim().parse::<ServerAddr>());
    let servers = servers
        .collect::<Result<Vec<_>, _>>()
        .map_err(|cause| Fault::new("reading the addresses of NATS", cause))?;
    let (count, connections) = watch::channel(0);
    let mut options = ConnectOptions::new()
        .name(&settings.name)
        .retry_on_initial_connect()
        .max_reconnects(None)
        .connection_timeout(ATTEMPT)
        .request_timeout(Some(ANSWER))
        .ping_interval(PING)
        .subscription_capacity(WAITING)
        .reconnect_delay_callback(pause)
        .event_callback(move |event| {
            told(&event);
            if event == Event::Connected {
                count.send_modify(|count| *count += 1);
            }
            std::future::ready(())
        });
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        options = options.user_and_password(user.clone(), password.clone());
    }
    let client = options.connect(servers).await.map_err(|cause| Fault::new("connecting to NATS", cause))?;
    Ok((client, connections))
}

/// Up to half a second, at random, so that many processes do not come back in step.
fn pause(attempts: usize) -> Duration {
    let longest = Duration::from_millis(50 << attempts.min(6)).min(Duration::from_millis(500));
    longest.mul_f64(rand::rng().random_range(0.5..1.0))
}

fn told(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => tracing::warn!("the connection to NATS is lost; trying to connect again"),
        Event::SlowConsumer(_) => metrics::counter!("bus_announcements_skipped_total").increment(1),
        Event::ServerError(error) => tracing::warn!(%error, "NATS complains"),
        // Each failed attempt to connect is one.
        Event::ClientError(error) => tracing::debug!(%error, "the connection to NATS is in trouble"),
        Event::LameDuckMode | Event::Draining | Event::Closed => tracing::info!(%event, "NATS"),
    }
}
