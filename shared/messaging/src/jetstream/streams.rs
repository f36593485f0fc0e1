//! The streams: one for each service, made by whoever needs it first.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use async_nats::jetstream::{
    Context,
    context::CreateStreamErrorKind,
    stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType},
};
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use kernel::{Fault, from_millis};

use super::Settings;
use crate::{bus::Store, tables::SENT_KEPT};

/// The largest message, in bytes: a layout of 20,000 seats has a tenth of it. `max_payload` in
/// `deploy/nats/nats.conf` is the same.
const LARGEST: i32 = 8 * 1024 * 1024;
/// How long a stream knows the ids of what it took: far longer than a relay takes to publish something again that it
/// could not mark. What comes later is known by inboxes.
const KNOWN: Duration = Duration::from_mins(2);
/// What all our streams begin with.
const PREFIX: &str = "odysseus-";

/// How streams are kept, and which of them this process has seen to.
pub(super) struct Streams {
    context: Context,
    replicas: usize,
    bytes: i64,
    updated: Mutex<BTreeSet<String>>,
}

/// The service whose stream keeps a subject: `tickets` of `odysseus.tickets.order.placed.v1`, and of what is
/// addressed to tickets.
pub(super) fn owner(subject: &str) -> Result<String, Fault> {
    let mut parts = subject.split('.');
    let (root, first) = (parts.next(), parts.next());
    let owner = match first {
        Some("ask" | "reply" | "replay") => parts.next(),
        first => first,
    };
    match owner {
        Some(owner)
            if root == Some("odysseus")
                && owner != "live"
                && !owner.is_empty()
                && owner.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') =>
        {
            Ok(owner.to_owned())
        }
        _ => Err(Fault::new("finding the stream of a subject", format!("{subject} names no service"))),
    }
}

/// The stream of a service.
pub(super) fn name(owner: &str) -> String {
    format!("{PREFIX}{owner}")
}

/// An instant of which NATS tells the nanoseconds.
pub(super) fn instant(nanoseconds: i128) -> DateTime<Utc> {
    from_millis(i64::try_from(nanoseconds / 1_000_000).unwrap_or(i64::MAX))
}

/// What a service's stream keeps: facts, asks, replies, and dead letters that are replayed.
pub(super) fn kinds(owner: &str) -> [String; 4] {
    [
        format!("odysseus.{owner}."),
        format!("odysseus.ask.{owner}."),
        format!("odysseus.reply.{owner}."),
        format!("odysseus.replay.{owner}."),
    ]
}

impl Streams {
    pub(super) fn new(context: Context, settings: &Settings) -> Self {
        Self { context, replicas: settings.replicas, bytes: settings.stream_bytes, updated: Mutex::default() }
    }

    /// Makes the stream of a service where there is none; one that is kept differently is changed, once in the life
    /// of this process.
    pub(super) async fn declare(&self, owner: &str) -> Result<(), Fault> {
        let wanted = self.config(owner);
        let known = self.updated.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(owner);
        let fault = |cause| Fault::passing(format!("declaring the stream of {owner}"), cause);
        match self.context.get_stream(&wanted.name).await {
            Ok(stream) if known || alike(&stream.cached_info().config, &wanted) => {}
            Ok(stream) => {
                // What an operator has chosen besides stays.
                let changed = keeping(stream.cached_info().config.clone(), wanted);
                self.context.update_stream(&changed).await.map_err(|cause| {
                    Fault::passing(format!("changing how the stream of {owner} is kept"), cause)
                })?;
            }
            Err(_) => match self.context.create_stream(wanted).await {
                Ok(_) => tracing::info!(stream = name(owner), "a stream was made"),
                // By another process, with other settings, just now.
                Err(error) if is_there(&error.kind()) => {}
                Err(error) => return Err(fault(error)),
            },
        }
        let mut updated = self.updated.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        updated.insert(owner.to_owned());
        Ok(())
    }

    /// All of ours that there are.
    pub(super) async fn all(&self) -> Result<Vec<Store>, Fault> {
        let streams: Vec<Info> = self
            .context
            .streams()
            .try_collect()
            .await
            .map_err(|cause| Fault::passing("listing the streams", cause))?;
        let ours = streams.into_iter().filter_map(|info| {
            let owner = info.config.name.strip_prefix(PREFIX)?.to_owned();
            Some(Store { kinds: kinds(&owner).to_vec(), since: instant(info.created.unix_timestamp_nanos()) })
        });
        Ok(ours.collect())
    }

    fn config(&self, owner: &str) -> Config {
        Config {
            name: name(owner),
            description: Some(format!("what is told about {owner} and asked of it")),
            subjects: kinds(owner).map(|kind| format!("{kind}>")).to_vec(),
            storage: StorageType::File,
            // What was handled stays: a consumer that is lost, or new, reads it all.
            retention: RetentionPolicy::Limits,
            max_age: SENT_KEPT,
            max_bytes: self.bytes,
            max_message_size: LARGEST,
            // A full stream forgets its oldest, which consumers have handled days ago, rather than refusing the
            // newest, which would stop all sales. A consumer that lags so far behind gets the rest from outboxes.
            discard: DiscardPolicy::Old,
            duplicate_window: KNOWN,
            num_replicas: self.replicas,
            ..Config::default()
        }
    }
}

/// A stream's configuration with what we want of it.
fn keeping(there: Config, wanted: Config) -> Config {
    Config {
        subjects: wanted.subjects,
        max_age: wanted.max_age,
        max_bytes: wanted.max_bytes,
        max_message_size: wanted.max_message_size,
        duplicate_window: wanted.duplicate_window,
        num_replicas: wanted.num_replicas,
        discard: wanted.discard,
        ..there
    }
}

/// Whether a stream is kept as it should be. Which server defaults it has besides is none of our business.
fn alike(one: &Config, other: &Config) -> bool {
    let kept = |config: &Config| {
        (
            config.subjects.clone(),
            config.max_age,
            config.max_bytes,
            config.max_message_size,
            config.duplicate_window,
            config.num_replicas,
            config.discard,
        )
    };
    kept(one) == kept(other)
}

fn is_there(kind: &CreateStreamErrorKind) -> bool {
    use async_nats::jetstream::ErrorCode;
    matches!(kind, CreateStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NAME_EXIST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_is_kept_by_the_stream_of_one_service() {
        for (subject, expected) in [
            ("odysseus.tickets.order.placed.v1", "tickets"),
            ("odysseus.ask.payments.take_payment.v1", "payments"),
            ("odysseus.reply.tickets.purchase.v1", "tickets"),
            ("odysseus.replay.analytics.message", "analytics"),
            ("odysseus.users.>", "users"),
        ] {
            assert_eq!(owner(subject).unwrap(), expected);
            assert!(kinds(expected).iter().any(|kind| subject.starts_with(kind)), "{subject}");
        }
        for homeless in
            ["odysseus.live.seats.1", "odysseus.*.done", "odysseus.>", "other.users.x", "odysseus"]
        {
            assert!(owner(homeless).is_err(), "{homeless}");
        }
    }
}
