use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use hive_router::{
    executor::plugin_context::PluginContext,
    pipeline::long_lived_client_limit::LongLivedClientGuard,
    telemetry::metrics::{
        Metrics,
        subscription_metrics::{ActiveClientOperationGuard, SubscriptionTransport},
    },
};

use super::{fan::Seat, frame::Frame};
use crate::inside::Inside;

/// Somebody who watches a shared stream; dropping it ends that.
pub(crate) struct Viewer {
    seat: Seat,
    inside: Inside,
    first: Option<Arc<Frame>>,
    counted: Option<(SubscriptionTransport, ActiveClientOperationGuard)>,
    /// The field that is watched.
    field: String,
    _among_clients: Option<LongLivedClientGuard>,
}

/// Where a request's viewer waits until its answer is begun.
pub(crate) struct Place(Option<Viewer>);

impl Place {
    pub(crate) fn of(viewer: Viewer) -> Self {
        Self(Some(viewer))
    }

    /// Whoever answers the request takes the viewer from here.
    pub(crate) fn taken(context: &PluginContext) -> Option<Viewer> {
        context.get_mut::<Self>()?.0.take()
    }
}

impl Viewer {
    pub(super) fn new(
        seat: Seat,
        field: &str,
        inside: Inside,
        among_clients: Option<LongLivedClientGuard>,
    ) -> Self {
        let field = field.to_owned();
        metrics::gauge!("live_viewers", "operation" => field.clone()).increment(1.0);
        Self { seat, inside, first: None, counted: None, field, _among_clients: among_clients }
    }

    /// Whether the stream has begun, and with what is no refusal.
    pub(super) async fn is_let_in(&mut self) -> bool {
        self.first = self.next().await.filter(|frame| !frame.has_errors());
        self.first.is_some()
    }

    /// Counted as one who follows in this way.
    pub(crate) fn counted(mut self, transport: SubscriptionTransport) -> Self {
        let guard = self.metrics().subscriptions.active_client_operation(transport);
        self.counted = Some((transport, guard));
        self
    }

    /// The next frame; nothing, when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Arc<Frame>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Arc<Frame>>> {
        let came = match self.first.take() {
            Some(first) => Some((first, 0)),
            None => match self.seat.queue.poll(context) {
                Poll::Ready(came) => came.map(|came| (came.frame, came.missed)),
                Poll::Pending => return Poll::Pending,
            },
        };
        if let (Some((transport, _)), Some((_, missed))) = (&self.counted, &came) {
            let metrics = &self.metrics().subscriptions;
            metrics.record_client_sent(*transport);
            if *missed > 0 {
                metrics.record_client_lag(*transport, *missed);
            }
        }
        Poll::Ready(came.map(|(frame, _)| frame))
    }

    fn metrics(&self) -> &Metrics {
        self.inside.metrics()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        metrics::gauge!("live_viewers", "operation" => self.field.clone()).decrement(1.0);
    }
}
