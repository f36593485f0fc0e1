use std::sync::Arc;

use async_trait::async_trait;
use tracing::{Instrument as _, field::Empty, info_span};

use crate::domain::ports::{NotSent, Sms, SmsGateway};

/// A way of sending SMS whose calls are seen in traces, without the number.
pub struct TracedSms(pub Arc<dyn SmsGateway>);

#[async_trait]
impl SmsGateway for TracedSms {
    fn rests(&self) -> bool {
        self.0.rests()
    }

    async fn send(&self, sms: &Sms) -> Result<(), NotSent> {
        let span = info_span!(
            "sms",
            otel.name = "sms send",
            otel.kind = "client",
            peer.service = "sms",
            otel.status_code = Empty,
        );
        let sent = self.0.send(sms).instrument(span.clone()).await;
        if sent.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        sent
    }
}
