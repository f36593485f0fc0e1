use std::collections::BTreeSet;

use kernel::Result;
use uuid::Uuid;

use super::Analytics;
use crate::domain::entities::{Fact, Heard};

impl Analytics {
    /// Takes note of what happened elsewhere, of all of it or of nothing: each fact with the id of the message that told
    /// it. It may be told twice, and late: the totals are the same in the end.
    pub async fn take_note(&self, told: &[(Uuid, Fact)]) -> Result<()> {
        let messages: BTreeSet<Uuid> = told.iter().map(|(message, _)| *message).collect();
        let (mut tx, mut new) = self.store.begin(&messages).await?;
        if new.is_empty() {
            return Ok(());
        }
        let mut heard = Heard::default();
        for (message, fact) in told {
            if new.remove(message) {
                heard.note(fact)?;
            }
        }
        let known = tx.keep(&heard).await?;
        heard.beside(known);
        tx.commit(&heard, &heard.news()?).await
    }
}
