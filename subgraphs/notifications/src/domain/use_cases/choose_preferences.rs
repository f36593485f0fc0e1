use std::collections::BTreeSet;

use kernel::{Refusal, Result, UserId, each};

use super::Notifications;
use crate::domain::entities::{Channel, Kind, Preferences};

impl Notifications {
    /// Takes a person's choices, all or none of them. What is not named stays as it was.
    pub async fn choose_preferences(
        &self,
        user: UserId,
        choices: &[(Kind, Channel, bool)],
    ) -> Result<Preferences> {
        let named: BTreeSet<_> = choices.iter().map(|(kind, channel, _)| (kind, channel)).collect();
        if named.len() < choices.len() {
            return Err(Refusal::bad_input("entries", "must name each kind and channel once")
                .because(kernel::reasons::DUPLICATE)
                .into());
        }
        let mut tx = self.store.begin().await?;
        let mut preferences = tx.preferences(user).await?;
        each(choices.iter().enumerate().map(|(at, (kind, channel, enabled))| {
            let chosen = preferences.choose(*kind, *channel, *enabled);
            chosen.map_err(|refusal| refusal.within(&format!("entries[{at}]")))
        }))?;
        tx.save_preferences(user, &preferences).await?;
        tx.commit().await?;
        Ok(preferences)
    }
}
