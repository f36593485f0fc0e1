use std::{sync::Arc, time::Duration};

use async_graphql::{Context, ID, Result};
use futures::{Stream, StreamExt, future, stream};
use kernel::{OrderId, Refusal};
use service::{
    graphql::{
        IntoGraph,
        Who::{Buyer, Manager, Operator, Owner, Public},
        access, id, into_graph, require_user, viewer,
    },
    news::Watch,
};

use super::{Surroundings, order::Order, seat_map::SeatMapChange};
use crate::{adapters::outbound::persistence::order_topic, domain::use_cases::Tickets};

/// How long news of an order may be late when an announcement was lost.
const LOOK: Duration = Duration::from_secs(5);

/// What can be followed.
pub struct Subscription;

/// What can be followed.
#[async_graphql::Subscription]
impl Subscription {
    /// Changes of an event's seat map, at most ten a second. A first frame without changes tells that the
    /// subscription has begun, and at which version. Then read event.seatMap and apply every change after its
    /// version; on a gap (previousVersion is not your own version, since whoever is slow misses frames) ask
    /// seatMapChanges, or read the map again. Always select both versions.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn seat_map_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which event.")] event_id: ID,
    ) -> Result<impl Stream<Item = Arc<SeatMapChange>> + use<>> {
        let event = id("eventId", &event_id)?;
        let by = viewer(context);
        let visible = context.data::<Tickets>()?.visible_event(event, by).await.graph()?;
        visible.ok_or_else(|| into_graph(Refusal::not_found("event").into()))?;
        context.data::<Surroundings>()?.feed.watch(event).await.graph()
    }

    /// One's own order: as it is now, then after each change.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn order_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<impl Stream<Item = Order> + use<>> {
        let by = require_user(context)?;
        let order: OrderId = service::graphql::id("id", &id)?;
        let tickets = context.data::<Tickets>()?.clone();
        let news = context.data::<Surroundings>()?.news.watch(&order_topic(order)).await;
        let first = tickets.visible_order(order, by).await.graph()?;
        let first = first.ok_or_else(|| into_graph(Refusal::not_found("order").into()))?;
        let follower = Follower { tickets, order, news, seen: first.order.version };
        let changes = stream::unfold(follower, async |mut follower| {
            let changed = follower.next().await?;
            Some((changed, follower))
        });
        Ok(stream::once(future::ready(Order(first))).chain(changes).boxed())
    }
}

struct Follower {
    tickets: Tickets,
    order: OrderId,
    news: Watch,
    seen: i64,
}

impl Follower {
    async fn next(&mut self) -> Option<Order> {
        loop {
            // An announcement, or the next look: whichever comes first.
            self.news.changed(LOOK).await;
            match self.tickets.reads().order(self.order).await {
                Ok(Some(view)) if self.seen != view.order.version => {
                    self.seen = view.order.version;
                    return Some(Order(view));
                }
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(fault) => tracing::warn!(error = fault.chain(), "a followed order could not be read"),
            }
        }
    }
}
