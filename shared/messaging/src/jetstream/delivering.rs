//! One delivery of one message.

use std::{collections::BTreeMap, time::Duration};

use async_nats::jetstream::{self, AckKind};
use fail::fail_point;
use kernel::from_millis;
use serde_json::Value;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::consuming::SILENCE;
use crate::{
    Consumer, Message,
    bus::MAX_PASSING_DELIVERIES,
    handling::{self, Failure},
};

/// How long another replica, which perhaps knows the subject, is given to take it.
const NOT_OURS: Duration = Duration::from_secs(2);

type Pause = fn(u32) -> Duration;

/// Handles a message, and tells the server what became of it.
pub(super) async fn deliver(
    consumer: &Consumer,
    handlers: &Semaphore,
    pause: Pause,
    raw: &jetstream::Message,
) {
    let delivery = raw.info().map_or(1, |info| u32::try_from(info.delivered).unwrap_or(u32::MAX));
    let outcome = match read(consumer, raw) {
        Ok(message) => while_telling_of_progress(raw, handle(consumer, handlers, &message, delivery)).await,
        // Nobody will ever be able to read it.
        Err(message) => bury(consumer, &message, delivery, "it is no message").await,
    };
    let answer = match outcome {
        Outcome::Handled => {
            fail_point!("consumer-committed");
            AckKind::Ack
        }
        Outcome::Buried => AckKind::Term,
        Outcome::NotOurs => AckKind::Nak(Some(NOT_OURS)),
        Outcome::Failed => AckKind::Nak(Some(pause(delivery))),
    };
    if let Err(error) = raw.ack_with(answer).await {
        // The connection is gone: it comes again, and the inbox knows it.
        tracing::debug!(consumer = consumer.name, %error, "an acknowledgement was not sent");
    }
}

enum Outcome {
    Handled,
    Buried,
    NotOurs,
    Failed,
}

async fn handle(consumer: &Consumer, handlers: &Semaphore, message: &Message, delivery: u32) -> Outcome {
    let Some(message) = consumer.meant_by(message) else { return Outcome::NotOurs };
    // Whoever gets it so late has perhaps never lived to tell how it failed.
    if delivery > MAX_PASSING_DELIVERIES {
        return bury(consumer, &message, delivery, "it was never handled to its end").await;
    }
    let handled = {
        let _handler = handlers.acquire().await;
        handling::attempt(consumer, &message, delivery).await
    };
    match handled {
        Ok(()) => Outcome::Handled,
        Err(failure) if delivery >= failure.patience() => {
            bury(consumer, &message, delivery, &failure.error).await
        }
        Err(Failure { error, .. }) => {
            handling::tell_of_failure(consumer, &message, delivery, &error);
            Outcome::Failed
        }
    }
}

/// Keeps it as a dead letter; where that cannot be done, it comes again.
async fn bury(consumer: &Consumer, message: &Message, delivery: u32, error: &str) -> Outcome {
    match consumer.dead_letters.bury(consumer.name, message, delivery, error).await {
        Ok(()) => Outcome::Buried,
        Err(fault) => {
            tracing::warn!(consumer = consumer.name, id = %message.id, error = fault.chain(), "a dead letter could not be kept");
            Outcome::Failed
        }
    }
}

/// Says again and again that the message is in hand, so that the server does not give it to somebody else.
async fn while_telling_of_progress(raw: &jetstream::Message, work: impl Future<Output = Outcome>) -> Outcome {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(SILENCE / 3, &mut work).await {
            Ok(done) => return done,
            // Without a connection nobody can be told.
            Err(_) => drop(raw.ack_with(AckKind::Progress).await),
        }
    }
}

/// The message inside; as an error, something that a person can look at.
fn read(consumer: &Consumer, raw: &jetstream::Message) -> Result<Message, Box<Message>> {
    serde_json::from_slice(&raw.payload).map_err(|error| {
        tracing::error!(consumer = consumer.name, subject = %raw.subject, %error, "something that is no message was published");
        let sequence = raw.info().map_or(0, |info| info.stream_sequence);
        let name = format!("{}/{sequence}", raw.subject);
        Box::new(Message {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()),
            subject: raw.subject.to_string(),
            about: Uuid::nil(),
            version: 0,
            occurred_at: from_millis(0),
            headers: BTreeMap::new(),
            payload: Value::String(String::from_utf8_lossy(&raw.payload).into_owned()),
        })
    })
}
