use kernel::{PaymentId, Result};

use super::Payments;
use crate::domain::{
    entities::Declines,
    ports::{Decline, Which},
};

impl Payments {
    /// A card was declined on the provider's page. If with it too many were, of the buyer, from the address that asked for the
    /// page, or of this card by whomever, nobody tries more cards there: the page is shut. What is paid on it before that counts.
    pub(super) async fn shut_page_of_suspect(
        &self,
        payment: PaymentId,
        attempt: u32,
        decline: &Decline,
    ) -> Result<()> {
        let Some(known) = self.store.payments(&[payment]).await?.into_iter().next() else { return Ok(()) };
        let most = self.terms.declines;
        let client = known.attempt(attempt).and_then(|attempt| attempt.client.as_deref());
        let suspicion = self.store.declined_lately(known.snapshot().buyer_id, client, most).await?;
        let of_card = match &decline.card {
            Some(card) => self.store.card_declined(card, most.by_card).await?,
            None => None,
        };
        let now = self.now().await?;
        if suspicion.check(now).and_then(|()| Declines::check(of_card, now)).is_ok() {
            return Ok(());
        }
        let Some((mut tx, mut payment)) = self.store.begin_on(Which::Payment(payment)).await? else {
            return Ok(());
        };
        payment.shut_page(attempt, tx.now());
        tx.save_payment(&mut payment).await?;
        Ok(tx.commit().await?)
    }
}
