use std::{sync::Arc, time::Duration};

use async_graphql::{Context, ID, Result};
use futures::{Stream, StreamExt, future, stream};
use kernel::{EventId, Fault, OrderId, Refusal, ReservationId};
use service::{
    graphql::{
        IntoGraph,
        Who::{Buyer, Manager, Operator, Owner, Public},
        access, id, into_graph, require_user, viewer,
    },
    news::Watch,
};

use super::{
    Surroundings, cancellation::EventCancellation, order::Order, reservation::Reservation,
    seat_map::SeatMapChange,
};
use crate::{
    adapters::outbound::persistence::{cancellation_topic, order_topic, reservation_topic},
    domain::{
        entities::{self, ReservationSnapshot, ReservationStatus},
        ports::CancellationView,
        reasons,
        use_cases::Tickets,
    },
};

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

    /// How far everything is given back of an event that was called off: as it is now, then after each change, once a second at
    /// most, until all is done. For owners and managers.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn event_cancellation_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which event.")] event_id: ID,
    ) -> Result<impl Stream<Item = EventCancellation> + use<>> {
        let by = require_user(context)?;
        let event: EventId = id("eventId", &event_id)?;
        let tickets = context.data::<Tickets>()?.clone();
        let known = tickets.event_to_manage(event, by).await.graph()?;
        if !known.is_called_off() {
            let message = "This event is not called off: there is nothing to be given back.";
            return Err(into_graph(Refusal::new(reasons::NOT_CALLED_OFF, message).into()));
        }
        let news = context.data::<Surroundings>()?.news.watch(&cancellation_topic(event)).await;
        let progress = Progress { tickets, event, news, seen: None };
        Ok(stream::unfold(progress, async |mut progress| Some((progress.next().await?, progress))).boxed())
    }

    /// One's own reservation: as it is now, then after each change, until it does not wait any more.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn reservation_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<impl Stream<Item = Reservation> + use<>> {
        let by = require_user(context)?;
        let reservation: ReservationId = service::graphql::id("id", &id)?;
        let tickets = context.data::<Tickets>()?.clone();
        let own = tickets.own_reservation(reservation, by).await.graph()?;
        own.ok_or_else(|| into_graph(Refusal::not_found("reservation").into()))?;
        let news = context.data::<Surroundings>()?.news.watch(&reservation_topic(reservation)).await;
        let waiting = Waiting { tickets, reservation, news, seen: None };
        Ok(stream::unfold(waiting, async |mut waiting| Some((waiting.next().await?, waiting))).boxed())
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

/// Follows a reservation until it does not wait for its buyer any more.
struct Waiting {
    tickets: Tickets,
    reservation: ReservationId,
    news: Watch,
    seen: Option<Seen>,
}

/// How a reservation stood at a look.
struct Seen {
    is: ReservationSnapshot,
    status: ReservationStatus,
    /// For how long it was still to wait.
    left: Duration,
}

/// The least time between two looks: what has almost run out is looked at once more.
const LEAST: Duration = Duration::from_millis(10);

impl Waiting {
    /// The reservation when something is new of it; none once it has ended.
    async fn next(&mut self) -> Option<Reservation> {
        loop {
            if let Some(seen) = &self.seen {
                if seen.status != ReservationStatus::Active {
                    return None;
                }
                // An announcement, its end, or the next look: whichever comes first.
                self.news.changed(LOOK.min(seen.left.max(LEAST))).await;
            }
            match self.look().await {
                Ok(Some((found, seen))) => {
                    let before = self.seen.replace(seen);
                    let (before, seen) = (before.as_ref(), self.seen.as_ref());
                    let told = |of: Option<&Seen>| of.map(|of| (of.is.clone(), of.status));
                    if told(before) != told(seen) {
                        return Some(Reservation(found));
                    }
                }
                Ok(None) => return None,
                Err(fault) => {
                    tracing::warn!(error = fault.chain(), "a followed reservation could not be read");
                    tokio::time::sleep(TOGETHER).await;
                }
            }
        }
    }

    async fn look(&self) -> Result<Option<(entities::Reservation, Seen)>, Fault> {
        let reads = self.tickets.reads();
        let Some(found) = reads.reservation(self.reservation).await? else { return Ok(None) };
        let now = reads.now().await?;
        let seen = Seen { is: found.state().clone(), status: found.status(now), left: found.left(now) };
        Ok(Some((found, seen)))
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

/// Follows how far a cancellation is.
struct Progress {
    tickets: Tickets,
    event: EventId,
    news: Watch,
    seen: Option<CancellationView>,
}

/// What is told of a cancellation is told after so long, together with what has happened meanwhile.
const TOGETHER: Duration = Duration::from_secs(1);

impl Progress {
    /// What is new; none when all is done, or nothing is to be given back.
    async fn next(&mut self) -> Option<EventCancellation> {
        if self.seen.is_some_and(|seen| seen.finished_at.is_some()) {
            return None;
        }
        loop {
            if self.seen.is_some() {
                self.news.changed(LOOK).await;
                tokio::time::sleep(TOGETHER).await;
            }
            match self.tickets.reads().refunds_of(self.event).await {
                Ok(Some(view)) if self.seen != Some(view) => {
                    self.seen = Some(view);
                    return Some(view.into());
                }
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(fault) => {
                    tracing::warn!(error = fault.chain(), "how far a cancellation is could not be read");
                    tokio::time::sleep(TOGETHER).await;
                }
            }
        }
    }
}
