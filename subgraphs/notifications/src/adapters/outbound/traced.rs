//! Calls to those who bring messages, as spans without addresses and numbers.

use async_trait::async_trait;
use tracing::{Instrument as _, field::Empty, info_span};

use crate::domain::ports::{Mail, Mailer, NotSent, Sms, SmsGateway};

/// A mail server or a way of sending SMS whose calls are seen in traces.
pub struct Traced<T>(pub T);

#[async_trait]
impl<M: Mailer> Mailer for Traced<M> {
    fn rests(&self) -> bool {
        self.0.rests()
    }

    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        seen("smtp", self.0.send(mail)).await
    }
}

#[async_trait]
impl<S: SmsGateway> SmsGateway for Traced<S> {
    fn rests(&self) -> bool {
        self.0.rests()
    }

    async fn send(&self, sms: &Sms) -> Result<(), NotSent> {
        seen("sms", self.0.send(sms)).await
    }
}

async fn seen(by: &'static str, sending: impl Future<Output = Result<(), NotSent>>) -> Result<(), NotSent> {
    let span = info_span!(
        "sending",
        otel.name = format!("{by} send"),
        otel.kind = "client",
        peer.service = by,
        otel.status_code = Empty,
    );
    let sent = sending.instrument(span.clone()).await;
    if sent.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    sent
}
