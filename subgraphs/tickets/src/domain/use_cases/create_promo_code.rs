use chrono::{DateTime, Utc};
use kernel::{EventId, Money, PromoCodeId, Rate, Refusal, Result, TicketTypeId, UserId, together};
use serde::Serialize;

use super::{Tickets, made_before};
use crate::domain::{
    entities::{PromoCode, PromoCodeSnapshot, off},
    ports::{Answered, Key},
    pricing::{Off, Promo},
    reasons,
};

/// A code that an organizer wants to give away.
#[derive(Clone, Debug, Serialize)]
pub struct CreatePromoCode {
    /// Who asks.
    pub by: UserId,
    /// Of which event.
    pub event: EventId,
    /// What buyers type.
    pub code: String,
    /// Which part it takes off; or an amount.
    pub percent_off: Option<Rate>,
    /// Which amount it takes off; or a part.
    pub amount_off: Option<Money>,
    /// For tickets of which types; of all when left out.
    pub ticket_types: Option<Vec<TicketTypeId>>,
    /// How many orders may have it.
    pub max_redemptions: Option<u32>,
    /// How many of them may be one buyer's.
    pub max_per_buyer: Option<u32>,
    /// From when it can be used.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when.
    pub valid_until: Option<DateTime<Utc>>,
    /// The same key gives the same answer.
    pub idempotency_key: Option<String>,
}

impl Tickets {
    /// Adds a promo code to an event. Another of the same name is a conflict.
    #[tracing::instrument(skip_all)]
    pub async fn create_promo_code(&self, ask: CreatePromoCode) -> Result<PromoCode> {
        let event = self.event_to_manage(ask.event, ask.by).await?;
        let types = self.reads.ticket_types(ask.event).await?;
        let types: Vec<TicketTypeId> = types.iter().map(|known| known.state().id).collect();
        let fingerprint = kernel::fingerprint(&ask);
        let key = ask.idempotency_key.clone();
        let key = key.as_deref().map(|key| Key { by: ask.by, operation: "createPromoCode", key });
        let mut tx = self.store.begin().await?;
        let answered = match key {
            Some(key) => tx.answered(key).await?,
            None => None,
        };
        if let Some(made) = made_before(answered, &fingerprint)? {
            drop(tx);
            return self.promo_code_made(made).await;
        }
        // All that is wrong is told at once.
        let off = off(ask.percent_off, ask.amount_off, event.facts.currency);
        let unwritten = PromoCodeSnapshot {
            id: PromoCodeId::new(),
            event: ask.event,
            promo: Promo {
                code: ask.code,
                off: *off.as_ref().unwrap_or(&Off::Everything),
                ticket_types: ask.ticket_types,
            },
            max_redemptions: ask.max_redemptions,
            max_per_buyer: ask.max_per_buyer,
            valid_from: ask.valid_from,
            valid_until: ask.valid_until,
            active: true,
        };
        let (_, code) = together((off, PromoCode::define(unwritten, &types, tx.now())))?;
        if !tx.add_promo_code(&code).await? {
            // Whoever has taken the name meanwhile may have been the same call.
            let answered = match key {
                Some(key) => tx.answered(key).await?,
                None => None,
            };
            drop(tx);
            return match made_before(answered, &fingerprint)? {
                Some(made) => self.promo_code_made(made).await,
                None => Err(taken(&code).into()),
            };
        }
        if let Some(key) = key {
            tx.remember(key, Answered { fingerprint, made: code.state().id.uuid() }).await?;
        }
        tx.commit().await?;
        Ok(code)
    }

    async fn promo_code_made(&self, made: uuid::Uuid) -> Result<PromoCode> {
        let known = self.reads.promo_code(PromoCodeId::from_uuid(made)).await?;
        Ok(known.ok_or_else(|| Refusal::not_found("promo code"))?)
    }
}

fn taken(code: &PromoCode) -> Refusal {
    let message = format!("This event has a code {} already. Choose another one.", code.name());
    Refusal::new(reasons::PROMO_CODE_TAKEN, message).with("field", "code")
}
