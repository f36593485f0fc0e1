use std::time::Duration;

use contracts::{
    Announcement,
    tickets::{StockChanged, StockLevel},
};
use kernel::{Fault, Result};

use super::Tickets;
use crate::domain::{
    entities::{AvailabilityLevel, SectionCount},
    ports::AvailabilityView,
};

/// How far is looked back at places that moved: over what others commit late, over looks that failed, and over a restart.
const LOOKED_BACK: Duration = Duration::from_mins(1);

impl Tickets {
    /// Tells of events whose places moved lately how much is left, in a word, where that is another word than was told last.
    /// What was told wrongly, because places went on moving meanwhile, is told rightly at the next look. False: it is done.
    pub async fn tell_of_stock(&self) -> Result<bool> {
        let moved = self.reads.moved_within(LOOKED_BACK).await?;
        if moved.is_empty() {
            return Ok(false);
        }
        let told = self.reads.stock_told(&moved).await?;
        for (event_id, counts) in self.reads.availabilities(&moved).await? {
            let level = level(&counts)?;
            if told.get(&event_id).copied().unwrap_or(AvailabilityLevel::Plenty) == level {
                continue;
            }
            let mut tx = self.store.begin().await?;
            if let Some(version) = tx.note_stock(event_id, level).await? {
                let level = match level {
                    AvailabilityLevel::Plenty => StockLevel::Plenty,
                    AvailabilityLevel::Few => StockLevel::Few,
                    AvailabilityLevel::None => StockLevel::None,
                };
                tx.tell(Announcement::of(&StockChanged { event_id, version, level })).await?;
                tx.commit().await?;
            }
        }
        Ok(false)
    }
}

/// How much is left of an event, its sections together.
fn level(counts: &AvailabilityView) -> Result<AvailabilityLevel, Fault> {
    let left = counts.sections.values().map(SectionCount::available).sum::<Result<u32, _>>()?;
    Ok(AvailabilityLevel::of(counts.sections.values().map(|section| section.capacity).sum(), left))
}
