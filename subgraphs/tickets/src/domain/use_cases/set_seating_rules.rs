use kernel::{EventId, Result, UserId};

use super::Tickets;

/// How the seats of an event may be chosen.
#[derive(Clone, Copy, Debug)]
pub struct SetSeatingRules {
    /// Who asks.
    pub by: UserId,
    /// Of which event.
    pub event: EventId,
    /// True: who picks seats may leave none alone where that can be avoided.
    pub orphan_seat_rule: bool,
}

impl Tickets {
    /// Says how the seats of an event may be chosen from now on. What is set aside already stays.
    #[tracing::instrument(skip_all)]
    pub async fn set_seating_rules(&self, ask: SetSeatingRules) -> Result<()> {
        self.event_to_manage(ask.event, ask.by).await?;
        let mut tx = self.store.begin().await?;
        tx.save_orphan_seat_rule(ask.event, ask.orphan_seat_rule).await?;
        Ok(tx.commit().await?)
    }
}
