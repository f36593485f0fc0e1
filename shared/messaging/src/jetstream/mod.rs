//! The bus of production: NATS with JetStream.
//!
//! Each service has a stream for what is published about it or addressed to it ([`streams`]), and reads from each
//! stream that concerns it by one durable pull consumer, which its replicas share ([`consuming`]). Streams are
//! transport and no more: the outboxes are the truth, and fill a stream again that was lost ([`Bus::stores`]), and have
//! what a full one has forgotten before it was read ([`losses`], [`closing`]).
//! Things of the moment go over core NATS and are kept nowhere ([`live`]).

mod closing;
mod connecting;
mod consuming;
mod delivering;
mod live;
mod losses;
mod streams;

use std::{sync::Arc, time::Duration};

use async_nats::{
    Client, HeaderMap,
    connection::State,
    jetstream::{
        Context,
        context::{ContextBuilder, PublishError, PublishErrorKind},
        message::PublishMessage,
    },
};
use async_trait::async_trait;
use breaker::Breaker;
use futures::stream::BoxStream;
use kernel::Fault;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Bus, Consumer, Message,
    bus::{Store, back_off},
};

use self::{live::Live, streams::Streams};

/// How long the server may take to acknowledge, or to answer a question.
const ANSWER: Duration = Duration::from_millis(2_500);
/// How long [`Bus::publish`] may take, a stream that has to be made first included.
const PUBLISHING: Duration = Duration::from_secs(4);
/// The outbox waits as long as it takes; it need not wait long once the server is back.
const HURRIED: breaker::Settings =
    breaker::Settings { failures: 8, pause_millis: 200, longest_pause_millis: 1_000 };
/// How long a stop waits for what is being handled.
const FINISHING: Duration = Duration::from_secs(6);

/// Where the servers are, and how streams are kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Addresses with commas between them, such as `nats://one:4222,nats://two:4222`.
    pub servers: String,
    /// What this process is called in the server's lists of connections.
    pub name: String,
    /// Whom to connect as.
    pub user: Option<String>,
    /// With which password.
    pub password: Option<String>,
    /// On how many servers of a cluster each stream is kept.
    pub replicas: usize,
    /// How large a stream may become, in bytes. Then its oldest messages go; outboxes keep them.
    pub stream_bytes: i64,
    /// How long to wait before a message comes again that was delivered so often.
    pub pause: fn(u32) -> Duration,
}

impl Settings {
    /// One server, without a password.
    pub fn of(servers: impl Into<String>) -> Self {
        Self {
            servers: servers.into(),
            name: "odysseus".to_owned(),
            user: None,
            password: None,
            replicas: 1,
            stream_bytes: 1 << 30,
            pause: back_off,
        }
    }
}

/// The connection of a process to NATS.
///
/// It is made and kept up in the background. While there is none, nothing is delivered, publishing fails at once,
/// and announcements are dropped.
pub struct JetStream(Arc<Inner>);

struct Inner {
    client: Client,
    context: Context,
    streams: Streams,
    live: Live,
    /// Counts connections: who waits for the server begins anew with each.
    connections: watch::Receiver<u64>,
    open: watch::Sender<bool>,
    /// Leaves a server alone that does not acknowledge.
    breaker: Breaker,
    stop: CancellationToken,
    tasks: TaskTracker,
    pause: fn(u32) -> Duration,
}

impl JetStream {
    /// Begins to connect. An error only where an address makes no sense.
    pub async fn connect(settings: Settings) -> Result<Self, Fault> {
        let (client, connections) = connecting::connect(&settings).await?;
        let context = ContextBuilder::new().timeout(ANSWER).build(client.clone());
        Ok(Self(Arc::new(Inner {
            streams: Streams::new(context.clone(), &settings),
            live: Live::new(client.clone()),
            client,
            context,
            connections,
            open: watch::Sender::new(false),
            breaker: Breaker::new("nats", HURRIED),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            pause: settings.pause,
        })))
    }
}

impl Inner {
    fn connected(&self) -> Result<(), Fault> {
        if self.client.connection_state() == State::Connected {
            return Ok(());
        }
        Err(Fault::passing("asking NATS", "there is no connection"))
    }

    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        // Otherwise it would wait in the client's buffer, and be sent when nobody expects it any more.
        self.connected()?;
        let fault = |cause| Fault::passing("publishing", cause);
        let body = serde_json::to_vec(message).map_err(|cause| Fault::new("writing a message", cause))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &message.headers {
            headers.insert(name.as_str(), value.as_str());
        }
        let publish = PublishMessage::build().headers(headers).payload(body.into());
        let publish = publish.message_id(message.id.to_string());
        let mut acknowledged = self.acknowledged(message, publish.clone()).await;
        if acknowledged.as_ref().is_err_and(|error| error.kind() == PublishErrorKind::StreamNotFound) {
            self.streams.declare(&streams::owner(&message.subject)?).await?;
            acknowledged = self.acknowledged(message, publish).await;
        }
        acknowledged.map(|number| i64::try_from(number).ok()).map_err(|error| match error.kind() {
            // It will be too large tomorrow as well.
            PublishErrorKind::MaxPayloadExceeded => {
                Fault::new(format!("publishing {}", message.subject), error)
            }
            _ => fault(error),
        })
    }

    /// The stream's number of the message, the first one where it was published before.
    async fn acknowledged(&self, message: &Message, publish: PublishMessage) -> Result<u64, PublishError> {
        let published = self.context.send_publish(message.subject.clone(), publish).await?.await?;
        Ok(published.sequence)
    }
}

#[async_trait]
impl Bus for JetStream {
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        self.0.breaker.call(PUBLISHING, self.0.publish(message)).await
    }

    fn patience(&self) -> Duration {
        PUBLISHING
    }

    async fn subscribe(&self, consumer: Consumer) -> Result<(), Fault> {
        consuming::start(&self.0, consumer)
    }

    async fn open(&self) -> Result<(), Fault> {
        self.0.open.send_replace(true);
        Ok(())
    }

    async fn close(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(FINISHING, self.0.tasks.wait()).await.is_err() {
            tracing::warn!("some messages were still being handled; they will come again");
        }
        // Acknowledgements are on their way.
        drop(tokio::time::timeout(Duration::from_secs(1), self.0.client.flush()).await);
    }

    async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault> {
        if self.0.connected().is_err() {
            metrics::counter!("bus_announcements_dropped_total").increment(1);
            return Ok(()); // nobody is there to hear it
        }
        self.0.live.announce(topic, payload).await
    }

    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault> {
        self.0.live.listen(topic).await
    }

    async fn stores(&self) -> Result<Vec<Store>, Fault> {
        self.0.connected()?;
        self.0.streams.all().await
    }

    async fn ready(&self) -> Result<(), Fault> {
        self.0.connected()?;
        self.0
            .context
            .query_account()
            .await
            .map(drop)
            .map_err(|cause| Fault::passing("asking JetStream for its state", cause))
    }
}

impl Drop for JetStream {
    fn drop(&mut self) {
        self.0.stop.cancel();
    }
}
