use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use fail::fail_point;
use kernel::{Fault, OrganizationId};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::domain::{
    entities::{Means, payout::AccountSeen},
    ports::{
        Confirmed, GivenBack, Intent, Moved, NewIntent, NewPage, NewPayout, NewRefund, Offered, Opened,
        PageSeen, PaymentGateway, PayoutGateway, ProviderPayout, ProviderRefund, ProviderTransfer,
    },
};

/// A payment provider whose calls are seen in traces. Its client takes no headers of ours, so that the trace
/// ends at it.
pub struct TracedGateway(pub Arc<dyn PaymentGateway>);

#[async_trait]
impl PaymentGateway for TracedGateway {
    fn rests(&self) -> bool {
        self.0.rests()
    }

    async fn open(&self, ask: &NewIntent) -> Result<Opened, Fault> {
        within("open", self.0.open(ask)).await
    }

    async fn confirm(&self, intent: &str, means: &Means, key: &str) -> Result<Confirmed, Fault> {
        within("confirm", self.0.confirm(intent, means, key)).await
    }

    async fn look(&self, intent: &str) -> Result<Option<Intent>, Fault> {
        within("look", self.0.look(intent)).await
    }

    async fn cancel(&self, intent: &str) -> Result<Intent, Fault> {
        within("cancel", self.0.cancel(intent)).await
    }

    async fn offer(&self, ask: &NewPage) -> Result<Offered, Fault> {
        within("offer", self.0.offer(ask)).await
    }

    async fn close(&self, page: &str) -> Result<PageSeen, Fault> {
        within("close", self.0.close(page)).await
    }

    async fn look_at_page(&self, page: &str) -> Result<Option<PageSeen>, Fault> {
        within("look at page", self.0.look_at_page(page)).await
    }

    async fn card_of(&self, means: &Means) -> Result<Option<String>, Fault> {
        within("card of", self.0.card_of(means)).await
    }

    async fn refund(&self, ask: &NewRefund) -> Result<GivenBack, Fault> {
        within("refund", self.0.refund(ask)).await
    }

    async fn refunds(&self, intent: &str) -> Result<Vec<ProviderRefund>, Fault> {
        within("refunds", self.0.refunds(intent)).await
    }
}

/// The same for what is paid out to organizations.
pub struct TracedPayouts(pub Arc<dyn PayoutGateway>);

#[async_trait]
impl PayoutGateway for TracedPayouts {
    fn rests(&self) -> bool {
        self.0.rests()
    }

    async fn make_account(&self, organization: OrganizationId) -> Result<AccountSeen, Fault> {
        within("make account", self.0.make_account(organization)).await
    }

    async fn account(&self, account: &str) -> Result<Option<AccountSeen>, Fault> {
        within("account", self.0.account(account)).await
    }

    async fn onboarding(&self, account: &str, done: &str, again: &str) -> Result<String, Fault> {
        within("onboarding", self.0.onboarding(account, done, again)).await
    }

    async fn pay_out(&self, ask: &NewPayout) -> Result<Moved<ProviderPayout>, Fault> {
        within("payout", self.0.pay_out(ask)).await
    }

    async fn payout(&self, account: &str, payout: &str) -> Result<Option<ProviderPayout>, Fault> {
        within("look at payout", self.0.payout(account, payout)).await
    }

    async fn payouts_since(&self, account: &str, since: DateTime<Utc>) -> Result<Vec<ProviderPayout>, Fault> {
        within("payouts", self.0.payouts_since(account, since)).await
    }

    async fn top_up(&self, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        within("transfer", self.0.top_up(ask)).await
    }

    async fn take_back(&self, transfer: &str, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        within("reversal", self.0.take_back(transfer, ask)).await
    }

    async fn transfers(&self, account: &str) -> Result<Vec<ProviderTransfer>, Fault> {
        within("transfers", self.0.transfers(account)).await
    }

    async fn moved_as(&self, ask: &NewPayout, transfer: Option<&str>) -> Result<Option<String>, Fault> {
        within("moved as", self.0.moved_as(ask, transfer)).await
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
    fail_point!(&format!("stripe-{what}-asks"));
    let answer = call.instrument(span.clone()).await;
    fail_point!(&format!("stripe-{what}-answered"));
    note(&span, answer.is_ok());
    answer
}

fn note(span: &Span, well: bool) {
    if !well {
        span.record("otel.status_code", "ERROR");
    }
}
