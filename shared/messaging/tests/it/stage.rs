//! JetStream on a server of the test's own.

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use messaging::{Bus, JetStream, Message, jetstream::Settings};
use testbed::Nats;
use uuid::Uuid;

use crate::world::{Listener, SUBJECT, Teller, soon};

/// A service that tells and one that listens, over a server that is up.
pub(crate) struct Stage {
    pub(crate) server: Nats,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) teller: Teller,
    pub(crate) listener: Listener,
}

impl Stage {
    pub(crate) async fn open() -> Self {
        let server = Nats::start().await;
        let bus = connected(&server).await;
        let (teller, listener) = (Teller::new().await, Listener::new("one", |_| Ok(())).await);
        listener.joins(bus.as_ref()).await;
        bus.open().await.unwrap();
        // It goes on until the test ends.
        let (_relay, _stop) = teller.relay(bus.clone());
        Self { server, bus, teller, listener }
    }
}

pub(crate) async fn connect(server: &Nats) -> Arc<dyn Bus> {
    Arc::new(JetStream::connect(Settings::of(server.url())).await.unwrap())
}

/// One that is connected.
pub(crate) async fn connected(server: &Nats) -> Arc<dyn Bus> {
    let bus = connect(server).await;
    is_ready(bus.as_ref()).await;
    bus
}

pub(crate) async fn is_ready(bus: &dyn Bus) {
    soon(async {
        while bus.ready().await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

pub(crate) fn message(payload: serde_json::Value) -> Message {
    Message {
        id: Uuid::new_v4(),
        subject: SUBJECT.to_owned(),
        about: Uuid::new_v4(),
        version: 0,
        occurred_at: DateTime::UNIX_EPOCH,
        headers: [("traceparent".to_owned(), "00-1-2-01".to_owned())].into(),
        payload,
    }
}
