use kernel::{Error, PromoCodeId, Refusal, Result, UserId};

use super::Tickets;
use crate::domain::entities::{PromoCode, PromoCodeChange};

/// What an organizer changes of a promo code.
#[derive(Clone, Copy, Debug)]
pub struct UpdatePromoCode {
    /// Who asks.
    pub by: UserId,
    /// Which code.
    pub code: PromoCodeId,
    /// What becomes of it.
    pub change: PromoCodeChange,
}

impl Tickets {
    /// Changes a promo code. Whoever has redeemed it keeps what it took off.
    #[tracing::instrument(skip_all)]
    pub async fn update_promo_code(&self, ask: UpdatePromoCode) -> Result<PromoCode> {
        let missing = || Refusal::not_found("promo code");
        let known = self.reads.promo_code(ask.code).await?.ok_or_else(missing)?;
        self.event_to_manage(known.state().event, ask.by).await.map_err(|refused| match refused {
            // Who may not change it is not told that it is there.
            Error::Refused(_) => missing().into(),
            broken @ Error::Broken(_) => broken,
        })?;
        let mut tx = self.store.begin().await?;
        let mut code = tx.promo_code(ask.code).await?.ok_or_else(missing)?;
        code.change(ask.change)?;
        tx.save_promo_code(&code).await?;
        tx.commit().await?;
        Ok(code)
    }
}
