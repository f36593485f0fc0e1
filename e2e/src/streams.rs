use anyhow::Context as _;
use async_nats::{
    ConnectOptions,
    jetstream::{
        self, Context, ErrorCode,
        context::{ConsumerInfoErrorKind, GetStreamErrorKind},
    },
};

use crate::SERVICES;

/// The streams of a NATS, to be looked at.
pub(crate) struct Streams(Context);

impl Streams {
    /// Connects, as one of the services.
    pub(crate) async fn at(url: &str, user: &str, password: &str) -> anyhow::Result<Self> {
        let options = ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned());
        let client = options.connect(url).await.with_context(|| format!("connecting to {url}"))?;
        Ok(Self(jetstream::new(client)))
    }

    /// What services have not acknowledged yet of each other's streams, each in a few words.
    pub(crate) async fn unheard(&self) -> anyhow::Result<Vec<String>> {
        let mut unheard = Vec::new();
        for teller in SERVICES {
            let stream = match self.0.get_stream(format!("odysseus-{teller}")).await {
                Ok(stream) => stream,
                // After NATS has lost its store, until somebody makes it anew.
                Err(error) if is_missing(&error.kind()) => {
                    unheard.push(format!("there is no stream of {teller}"));
                    continue;
                }
                Err(error) => return Err(error).context("looking at a stream"),
            };
            for listener in SERVICES {
                // Not everybody reads everything.
                let consumer = match stream.consumer_info(listener).await {
                    Ok(consumer) => consumer,
                    Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => continue,
                    Err(error) => return Err(error).context("looking at a consumer"),
                };
                let (waiting, begun) = (consumer.num_pending, consumer.num_ack_pending);
                if waiting > 0 || begun > 0 {
                    unheard
                        .push(format!("{listener} has not heard {waiting} + {begun} messages of {teller}"));
                }
            }
        }
        Ok(unheard)
    }
}

fn is_missing(kind: &GetStreamErrorKind) -> bool {
    matches!(kind, GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}
