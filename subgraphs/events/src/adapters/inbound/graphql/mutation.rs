use async_graphql::{Context, ID, Object, Result};
use service::graphql::{
    IntoGraph,
    Who::{Manager, Owner},
    access, id as read_id, require_user,
};

use super::{
    event::Event,
    inputs::{CancelEventInput, CreateEventInput, CreateVenueInput, RescheduleEventInput, UpdateEventInput},
    layout_input::CreateVenueLayoutInput,
    venue::{Venue, VenueLayout},
};
use crate::domain::Events;

/// What can be done with venues and events.
#[derive(Default)]
pub(super) struct EventMutation;

/// What can be done with venues and events.
#[Object]
impl EventMutation {
    /// Enters a place where an organization's events happen.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn create_venue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The venue.")] input: CreateVenueInput,
    ) -> Result<Option<Venue>> {
        let by = require_user(context)?;
        let venue = context.data::<Events>()?.create_venue(by, input.read().graph()?).await.graph()?;
        Ok(Some(Venue(venue)))
    }

    /// Draws up a seating plan of a venue. It never changes afterwards: a changed plan is another one.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn create_venue_layout(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The seating plan.")] input: CreateVenueLayoutInput,
    ) -> Result<Option<VenueLayout>> {
        let by = require_user(context)?;
        let events = context.data::<Events>()?;
        let layout = events.define_layout(by, input.read(events.layout_max_seats).graph()?).await.graph()?;
        Ok(Some(VenueLayout(layout)))
    }

    /// Makes an event, as a draft that only members of its organization see.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn create_event(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The event.")] input: CreateEventInput,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let events = context.data::<Events>()?;
        let event = events.create_event(by, input.read(events.clock.now()).graph()?).await.graph()?;
        Ok(Some(Event::of(event)))
    }

    /// Changes what is said of an event. After publication its seating plan stays, and its time is changed with rescheduleEvent.
    /// After its start or cancellation everything stays.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn update_event(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which event, and what is to be different.")] input: UpdateEventInput,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let events = context.data::<Events>()?;
        let (id, ask) = input.read(events.clock.now()).graph()?;
        Ok(Some(Event::of(events.update_event(by, id, ask).await.graph()?)))
    }

    /// Shows a draft to everybody and opens its inventory. It needs a seating plan. An event that is
    /// published already is returned as it is.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn publish_event(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which event.")] id: ID,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let id = read_id("id", &id)?;
        Ok(Some(Event::of(context.data::<Events>()?.publish_event(by, id).await.graph()?)))
    }

    /// Calls an event off. One that was called off already is returned as it is.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn cancel_event(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which event, and why.")] input: CancelEventInput,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let (id, ask) = input.read().graph()?;
        Ok(Some(Event::of(context.data::<Events>()?.cancel_event(by, id, ask).await.graph()?)))
    }

    /// Moves a published event that is not over to another time. One that was put off is published again. Everybody who has
    /// tickets is told both times and the reason, and the tickets stay valid. An event that has these times already is
    /// returned as it is.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn reschedule_event(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which event, to which times, and why.")] input: RescheduleEventInput,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let events = context.data::<Events>()?;
        let (id, ask) = input.read(events.clock.now()).graph()?;
        Ok(Some(Event::of(events.reschedule_event(by, id, ask).await.graph()?)))
    }
}
