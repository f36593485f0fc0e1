use std::sync::Arc;

use async_trait::async_trait;
use kernel::Fault;
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::domain::ports::{
    Confirmed, GivenBack, Intent, NewIntent, NewRefund, PaymentGateway, ProviderRefund,
};

/// A payment provider whose calls are seen in traces. Its client takes no headers of ours, so that the trace
/// ends at it.
pub struct TracedGateway(pub Arc<dyn PaymentGateway>);

#[async_trait]
impl PaymentGateway for TracedGateway {
    fn rests(&self) -> bool {
        self.0.rests()
    }

    async fn open(&self, ask: &NewIntent) -> Result<Intent, Fault> {
        within("open", self.0.open(ask)).await
    }

    async fn confirm(&self, intent: &str, method: &str, key: &str) -> Result<Confirmed, Fault> {
        within("confirm", self.0.confirm(intent, method, key)).await
    }

    async fn look(&self, intent: &str) -> Result<Option<Intent>, Fault> {
        within("look", self.0.look(intent)).await
    }

    async fn cancel(&self, intent: &str) -> Result<Intent, Fault> {
        within("cancel", self.0.cancel(intent)).await
    }

    async fn refund(&self, ask: &NewRefund) -> Result<GivenBack, Fault> {
        within("refund", self.0.refund(ask)).await
    }

    async fn refunds(&self, intent: &str) -> Result<Vec<ProviderRefund>, Fault> {
        within("refunds", self.0.refunds(intent)).await
    }
}

async fn within<T>(what: &'static str, call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let span = info_span!(
        "stripe",
        otel.name = format!("stripe {what}"),
        otel.kind = "client",
        peer.service = "stripe",
        otel.status_code = Empty,
    );
    let answer = call.instrument(span.clone()).await;
    note(&span, answer.is_ok());
    answer
}

fn note(span: &Span, well: bool) {
    if !well {
        span.record("otel.status_code", "ERROR");
    }
}
