use std::sync::Arc;

use async_trait::async_trait;
use tracing::{Instrument as _, field::Empty, info_span};

use crate::domain::ports::{Mail, Mailer, NotSent};

/// A mail server whose calls are seen in traces.
pub struct TracedMailer(pub Arc<dyn Mailer>);

#[async_trait]
impl Mailer for TracedMailer {
    fn rests(&self) -> bool {
        self.0.rests()
    }

    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        let span = info_span!(
            "smtp",
            otel.name = "smtp send",
            otel.kind = "client",
            peer.service = "smtp",
            otel.status_code = Empty,
        );
        let sent = self.0.send(mail).instrument(span.clone()).await;
        if sent.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        sent
    }
}
