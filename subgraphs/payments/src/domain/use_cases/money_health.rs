use std::sync::Arc;

use kernel::{Fault, Refusal, Result, Viewer, reasons};

use super::{Payments, hear_provider::Heard};
use crate::domain::ports::{HealthReads, MoneyHealth, ParkedWebhook, Understands};

/// How many of each list are told.
const AT_MOST: u32 = 100;

/// What those who run the platform look at, and put right.
#[derive(Clone)]
pub struct Health {
    reads: Arc<dyn HealthReads>,
    understands: Arc<dyn Understands>,
    payments: Payments,
}

impl Health {
    /// Over these ports; what was put aside is heard by these use cases.
    pub fn new(reads: Arc<dyn HealthReads>, understands: Arc<dyn Understands>, payments: Payments) -> Self {
        Self { reads, understands, payments }
    }

    /// How it stands with the money, for operators; for nobody else there is an answer.
    pub async fn money_health(&self, viewer: Viewer) -> Result<Option<MoneyHealth>, Fault> {
        if !viewer.is_operator() {
            return Ok(None);
        }
        Ok(Some(self.reads.health(AT_MOST).await?))
    }

    /// Hears a webhook that was put aside once more, as if it came now: by operators. It stays aside if it still is not
    /// understood, which is what is returned; and none when it is.
    pub async fn replay(&self, viewer: Viewer, id: &str) -> Result<Option<ParkedWebhook>> {
        if !viewer.is_operator() {
            let refused = match viewer.user() {
                Some(_) => {
                    Refusal::new(reasons::ROLE_REQUIRED, "Only operators of the platform may do this.")
                }
                None => Refusal::unauthenticated(),
            };
            return Err(refused.into());
        }
        let parked = self.reads.parked(id).await?;
        let (parked, body) = parked.ok_or_else(|| Refusal::not_found("webhook that was put aside"))?;
        // It stays aside until it is heard, so that it is not lost when that fails.
        self.reads.forget_heard(id).await?;
        if self.payments.take_note(&self.understands.understood(&body)).await? == Heard::Parked {
            return Ok(Some(parked));
        }
        self.reads.unpark(id).await?;
        Ok(None)
    }
}
