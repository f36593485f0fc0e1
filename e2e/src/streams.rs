use anyhow::Context as _;
use async_nats::jetstream::{self, Context};
use futures::{StreamExt as _, TryStreamExt as _};

/// The streams of a NATS, to be looked at.
pub(crate) struct Streams(Context);

impl Streams {
    /// Connects.
    pub(crate) async fn at(url: &str) -> anyhow::Result<Self> {
        let client = async_nats::connect(url).await.with_context(|| format!("connecting to {url}"))?;
        Ok(Self(jetstream::new(client)))
    }

    /// What consumers have not acknowledged yet, each in a few words.
    pub(crate) async fn unheard(&self) -> anyhow::Result<Vec<String>> {
        let mut unheard = Vec::new();
        let mut names = self.0.stream_names();
        while let Some(name) = names.try_next().await? {
            let stream = self.0.get_stream(&name).await?;
            let mut consumers = stream.consumers();
            while let Some(consumer) = consumers.next().await {
                let consumer = consumer?;
                let (waiting, begun) = (consumer.num_pending, consumer.num_ack_pending);
                if waiting > 0 || begun > 0 {
                    unheard.push(format!(
                        "{} has not heard {waiting} + {begun} messages of {name}",
                        consumer.name
                    ));
                }
            }
        }
        Ok(unheard)
    }
}
