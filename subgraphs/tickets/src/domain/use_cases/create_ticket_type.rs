use chrono::{DateTime, Utc};
use kernel::{Error, EventId, Refusal, Result, TicketTypeId, UserId};

use serde::Serialize;

use super::{Tickets, made_before};
use crate::domain::{
    entities::{KnownEvent, NewTier, TicketTax, TicketType, TicketTypeSnapshot},
    ports::{Answered, Key},
};

/// A ticket type an organizer wants to sell.
#[derive(Clone, Debug, Serialize)]
pub struct CreateTicketType {
    /// Who asks.
    pub by: UserId,
    /// Of which event.
    pub event: EventId,
    /// Its name.
    pub name: String,
    /// What it includes.
    pub description: String,
    /// Keys of the sections it is for; all when empty.
    pub sections: Vec<String>,
    /// Its prices, in order.
    pub tiers: Vec<NewTier>,
    /// How many may be sold in all.
    pub quota: Option<u32>,
    /// When sales open.
    pub sales_start: Option<DateTime<Utc>>,
    /// When they close.
    pub sales_end: Option<DateTime<Utc>>,
    /// The fewest in one order.
    pub min_per_order: u32,
    /// The most in one order.
    pub max_per_order: u32,
    /// The most that one buyer may have, in all orders together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_per_buyer: Option<u32>,
    /// What it demands of who goes in with it, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<String>,
    /// Who does not know it does not see the type.
    pub access_code: Option<String>,
    /// How it is taxed, where that is not as its organization's tickets are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<TicketTax>,
    /// The same key gives the same answer.
    pub idempotency_key: Option<String>,
}

impl Tickets {
    /// Adds a ticket type to an event.
    #[tracing::instrument(skip_all)]
    pub async fn create_ticket_type(&self, ask: CreateTicketType) -> Result<TicketType> {
        let event = self.event_to_manage(ask.event, ask.by).await?;
        let layout = event.facts.layout_id.ok_or_else(|| {
            Refusal::new(
                kernel::reasons::LAYOUT_MISSING,
                "This event has no layout yet. Give it one with updateEvent before selling tickets.",
            )
        })?;
        let house = self.reads.house_soon(layout).await?;
        let house = house.ok_or_else(|| {
            let message = "The layout is still on its way. Try again in a moment.";
            Refusal::new(kernel::reasons::NOT_READY_YET, message)
        })?;
        let fingerprint = kernel::fingerprint(&ask);
        let mut tx = self.store.begin().await?;
        let key = ask.idempotency_key.clone();
        let key = key.as_deref().map(|key| Key { by: ask.by, operation: "createTicketType", key });
        let answered = match key {
            Some(key) => tx.answered(key).await?,
            None => None,
        };
        if let Some(made) = made_before(answered, &fingerprint)? {
            drop(tx);
            let known = self.reads.ticket_type(TicketTypeId::from_uuid(made)).await?;
            return Ok(known.ok_or_else(|| Refusal::not_found("ticket type"))?);
        }
        if ask.sales_end.is_some_and(|end| end <= tx.now()) {
            return Err(Refusal::bad_input("salesEnd", "must be in the future")
                .because(kernel::reasons::IN_THE_PAST)
                .into());
        }
        let mut ticket_type = TicketType::define(
            TicketTypeSnapshot {
                id: TicketTypeId::new(),
                event: ask.event,
                version: 1,
                name: ask.name,
                description: ask.description,
                sections: ask.sections,
                quota: ask.quota,
                sales_start: ask.sales_start,
                sales_end: ask.sales_end,
                min_per_order: ask.min_per_order,
                max_per_order: ask.max_per_order,
                limit_per_buyer: ask.limit_per_buyer,
                restrictions: ask.restrictions,
                access_code: ask.access_code,
                tax: ask.tax,
                tiers: Vec::new(),
                held: 0,
                sold: 0,
            },
            ask.tiers,
            &event,
            &house,
        )?;
        tx.add_ticket_type(&mut ticket_type).await?;
        if let Some(key) = key {
            tx.remember(key, Answered { fingerprint, made: ticket_type.state().id.uuid() }).await?;
        }
        tx.commit().await?;
        Ok(ticket_type)
    }

    /// An event that this person may manage. One that others must not know of is not there.
    pub async fn event_to_manage(&self, id: EventId, by: UserId) -> Result<KnownEvent> {
        let event = self.reads.event_soon(id).await?.ok_or_else(|| Refusal::not_found("event"))?;
        let allowed = self.members.require_manager(event.facts.organization_id, by).await;
        match allowed {
            Err(Error::Refused(_)) if !event.is_public() => Err(Refusal::not_found("event").into()),
            Err(refused) => Err(refused),
            Ok(()) => Ok(event),
        }
    }
}
