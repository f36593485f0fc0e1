use contracts::Announcement;
use kernel::{Error, Result};
use saga::clock::SET_ASIDE;

use super::Tickets;
use crate::domain::ports::{Relisted, Tx};

/// How many ticket types one transaction tells of.
const AT_ONCE: u64 = 50;

impl Tickets {
    /// Tells what some ticket types are listed for since their organization or their event is on other terms, wherever it
    /// was interrupted before. One of which it cannot be told rests for a while. True when there may be more.
    pub async fn tell_of_listed_prices(&self) -> Result<bool> {
        let Some((tx, relisted)) = self.store.begin_relisting(AT_ONCE).await? else { return Ok(false) };
        let whose = relisted.whose;
        match tell(tx, relisted).await {
            Err(Error::Broken(fault)) if fault.passing => return Err(fault.into()),
            Err(error) => {
                tracing::error!(?whose, %error, "listed prices cannot be told; they are set aside for a while");
                self.store.set_relisting_aside(whose, SET_ASIDE).await?;
            }
            Ok(()) => {}
        }
        Ok(true)
    }
}

async fn tell(mut tx: Box<dyn Tx>, relisted: Relisted) -> Result<()> {
    for (event, known) in &relisted.types? {
        tx.tell(Announcement::of(&known.told(event)?)).await?;
    }
    Ok(tx.commit().await?)
}
