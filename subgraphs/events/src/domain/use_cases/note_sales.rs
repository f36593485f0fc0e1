use std::collections::BTreeMap;

use contracts::tickets::TicketsIssued;
use kernel::Result;
use uuid::Uuid;

use super::Events;
use crate::domain::popularity::day;

impl Events {
    /// Counts tickets that were sold, also of events that are not known yet: by them events are listed by popularity.
    pub async fn note_sales(&self, told: &[(Uuid, TicketsIssued)]) -> Result<()> {
        let messages: Vec<Uuid> = told.iter().map(|(message, _)| *message).collect();
        let mut tx = self.store.begin().await?;
        let mut new = tx.first_times(&messages).await?;
        // In one order, so that two who hear of the same events wait for each other and for nothing else.
        let mut sold = BTreeMap::new();
        for (message, sale) in told {
            if new.remove(message) {
                let tickets: i64 = sale.lines.iter().map(|line| i64::from(line.quantity)).sum();
                *sold.entry((sale.event_id, day(sale.at))).or_insert(0) += tickets;
            }
        }
        if !sold.is_empty() {
            tx.add_sold(&sold).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
