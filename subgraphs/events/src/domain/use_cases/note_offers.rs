use contracts::tickets::{StockChanged, TicketTypeChanged};
use kernel::Result;
use uuid::Uuid;

use super::Events;

impl Events {
    /// Takes note of what a ticket type is sold for; not of a hidden one, whose prices nobody is to find. A late or repeated
    /// message changes nothing.
    pub async fn note_offer(&self, message: Uuid, offer: &TicketTypeChanged) -> Result<()> {
        if offer.hidden {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        if tx.first_time(message).await? {
            tx.note_offer(offer).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Takes note of how much is left of an event. A late or repeated message changes nothing.
    pub async fn note_stock(&self, message: Uuid, told: &StockChanged) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if tx.first_time(message).await? {
            tx.note_stock(told).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
