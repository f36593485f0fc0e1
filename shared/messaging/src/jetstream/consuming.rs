//! From a stream to the handler: a loop for each stream that a service reads.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_nats::jetstream::{
    self, AckKind,
    consumer::{
        AckPolicy, DeliverPolicy, PullConsumer,
        pull::{Batch, Config},
    },
};
use futures::StreamExt as _;
use kernel::Fault;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::{Inner, closing::Closing, delivering, losses::Losses, streams};
use crate::{Consumer, bus::back_off, gaps::Gaps};

/// Silence after which the server delivers to somebody else, since whoever had the message is dead. Who lives says so
/// three times as often, for as long as a delivery may take.
pub(super) const SILENCE: Duration = Duration::from_secs(6);
/// How many messages all replicas together may have in hand, those that wait to come again included.
const IN_HAND: i64 = 256;
/// How long a request for messages waits with the server. Short, since a stop waits for it.
const WAIT: Duration = Duration::from_secs(3);

/// A service as it reads one stream.
struct Reader {
    consumer: Arc<Consumer>,
    /// Whose stream it is.
    owner: String,
    subjects: Vec<String>,
    /// Room for messages that were received from this stream.
    room: Arc<Semaphore>,
    /// Room for handlers, the same for all streams that the service reads.
    handlers: Arc<Semaphore>,
    /// Wakes whoever gets again what was lost.
    lost: Arc<Notify>,
}

/// Starts to read everything that a consumer is to read; the server may come later.
pub(super) fn start(bus: &Arc<Inner>, consumer: Consumer) -> Result<(), Fault> {
    let mut streams: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for subject in consumer.subjects.iter().map(|subject| (*subject).to_owned()).chain([consumer.replays()]) {
        streams.entry(streams::owner(&subject)?).or_default().push(subject);
    }
    let at_once = consumer.handler.at_once();
    let handlers = Arc::new(Semaphore::new(at_once));
    let consumer = Arc::new(consumer);
    let gaps = Gaps::new(consumer.dead_letters.database().clone(), consumer.name);
    let lost = Arc::new(Notify::new());
    for (owner, subjects) in streams {
        let (consumer, handlers, lost) = (consumer.clone(), handlers.clone(), lost.clone());
        let room = Arc::new(Semaphore::new(at_once));
        let losses = Losses::new(consumer.name, &owner, gaps.clone());
        let reader = Reader { consumer, owner, subjects, room, handlers, lost };
        bus.tasks.spawn(read_on(bus.clone(), reader, losses));
    }
    let closing = Closing { bus: bus.clone(), consumer, gaps, handlers, lost };
    bus.tasks.spawn(closing.run());
    Ok(())
}

/// Reads until told to stop, whatever happens to the server.
async fn read_on(bus: Arc<Inner>, reader: Reader, mut losses: Losses) {
    let mut open = bus.open.subscribe();
    tokio::select! {
        _ = open.wait_for(|open| *open) => {}
        () = bus.stop.cancelled() => return,
    }
    let mut failures = 0;
    let mut changes = true;
    loop {
        let mut connections = bus.connections.clone();
        connections.mark_unchanged();
        let fault = match read(&bus, &reader, &mut losses, &mut changes, &mut failures).await {
            Ok(()) if bus.stop.is_cancelled() => return,
            Ok(()) => continue,
            Err(fault) => fault,
        };
        failures += 1;
        // Once in so many: it is known by then.
        if failures % 20 == 1 {
            tracing::warn!(
                consumer = reader.consumer.name,
                stream = reader.owner,
                error = fault.chain(),
                "the stream cannot be read just now"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(back_off(failures)) => {}
            _ = connections.changed() => {}
            () = bus.stop.cancelled() => return,
        }
    }
}

/// Declares the stream and its consumer, and reads until the connection is another one.
async fn read(
    bus: &Arc<Inner>,
    reader: &Reader,
    losses: &mut Losses,
    changes: &mut bool,
    failures: &mut u32,
) -> Result<(), Fault> {
    let mut connections = bus.connections.clone();
    connections.mark_unchanged();
    bus.connected()?;
    bus.streams.declare(&reader.owner).await?;
    let consumer = declare(bus, reader, *changes).await?;
    *changes = false;
    losses.look_soon();
    loop {
        // Before more is asked for: afterwards the consumer stands behind what it has not got.
        losses.look(bus, &consumer, &reader.lost).await?;
        let room = tokio::select! {
            room = free(&reader.room) => room,
            () = bus.stop.cancelled() => return Ok(()),
        };
        let batch = consumer
            .batch()
            .max_messages(room.num_permits())
            .expires(WAIT)
            .messages()
            .await
            .map_err(|cause| Fault::passing("asking for messages", cause))?;
        let going_on = tokio::select! {
            taken = take(bus, reader, losses, &consumer, batch, room) => { taken?; true }
            _ = connections.changed() => false,
        };
        *failures = 0;
        if !going_on || bus.stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// As much room as there is, and at least for one.
async fn free(room: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    let mut permits = room.clone().acquire_owned().await.expect("this semaphore is never closed");
    while let Ok(more) = room.clone().try_acquire_owned() {
        permits.merge(more);
    }
    permits
}

/// Takes what comes in answer to one request.
async fn take(
    bus: &Arc<Inner>,
    reader: &Reader,
    losses: &mut Losses,
    from: &PullConsumer,
    mut batch: Batch,
    mut room: OwnedSemaphorePermit,
) -> Result<(), Fault> {
    let mut first = true;
    while let Some(message) = batch.next().await {
        let message = message.map_err(|cause| Fault::passing("receiving messages", cause.to_string()))?;
        if bus.stop.is_cancelled() {
            // For another replica, or the next start.
            drop(message.ack_with(AckKind::Nak(None)).await);
            continue;
        }
        if std::mem::take(&mut first) {
            losses.look_before_handling(bus, from, &reader.lost).await?;
        }
        let place = room.split(1).expect("no more comes than there was room for");
        let (consumer, handlers, pause) = (reader.consumer.clone(), reader.handlers.clone(), bus.pause);
        bus.tasks.spawn(async move {
            delivering::deliver(&consumer, &handlers, pause, &message).await;
            drop(place);
        });
    }
    Ok(())
}

/// The durable consumer of this service on this stream; made where there is none. One that reads other subjects is
/// changed when the process starts, and not later: after a reconnection an old replica would undo what a new one did.
async fn declare(bus: &Inner, reader: &Reader, changes: bool) -> Result<PullConsumer, Fault> {
    let (name, stream) = (reader.consumer.name, streams::name(&reader.owner));
    if !changes && let Ok(consumer) = bus.context.get_consumer_from_stream(name, &stream).await {
        return Ok(consumer);
    }
    let config = Config {
        durable_name: Some(name.to_owned()),
        description: Some(format!("what {name} reads about {}", reader.owner)),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: SILENCE,
        // The server would drop without a word what was delivered too often; we bury it.
        max_deliver: -1,
        max_ack_pending: IN_HAND,
        filter_subjects: reader.subjects.clone(),
        ..Config::default()
    };
    let made: Result<jetstream::consumer::Consumer<Config>, _> =
        bus.context.create_consumer_on_stream(config, &stream).await;
    made.map_err(|cause| Fault::passing(format!("declaring the consumer {name} of {stream}"), cause))
}
