use kernel::{Fault, OrganizationId};

use super::{Payouts, count};
use crate::domain::{
    entities::payout::{PayoutAccountStatus, PayoutState},
    ports::{ProviderEvent, ProviderPayout},
};

impl Payouts {
    /// Takes note of what the provider tells of an account: that it is to be looked at. What it says then counts, so that the
    /// order in which events come is all the same. False when the event was heard before.
    pub(in crate::domain::use_cases) async fn hear_of_account(
        &self,
        event: &ProviderEvent,
        account: &str,
    ) -> Result<bool, Fault> {
        let looked_at = self.store.now().await?;
        let seen = self.gateway.account(account).await?;
        self.store.hear_of_account(event, seen.as_ref(), looked_at).await
    }

    /// Takes note of what became of a payout. False when the event was heard before.
    pub(in crate::domain::use_cases) async fn hear_of_payout(
        &self,
        event: &ProviderEvent,
        told: &ProviderPayout,
    ) -> Result<bool, Fault> {
        let Some((mut tx, payout)) = self.store.begin_hearing(event, told).await? else { return Ok(false) };
        let Some(mut payout) = payout else {
            // Somebody did it in the provider's dashboard, or the account is another installation's.
            tracing::warn!(payout = told.id, "the payment provider tells of a payout that was not made here");
            tx.commit().await?;
            return Ok(true);
        };
        let before = payout.state;
        payout.told(told, tx.now());
        if payout.state == PayoutState::Failed && before != PayoutState::Failed {
            tracing::error!(payout = %payout.id, organization = %payout.organization, why = payout.failure,
                "a payout failed at the payment provider; it is owed again");
        }
        tx.save(&mut payout).await?;
        tx.commit().await?;
        count(&payout, before);
        Ok(true)
    }

    /// The account to which sales of this organization go, if it has one that is active.
    pub(in crate::domain::use_cases) async fn active_account(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<String>, Fault> {
        let account = self.store.accounts(&[organization]).await?.remove(&organization);
        Ok(account.filter(|account| account.status == PayoutAccountStatus::Active).map(|account| account.id))
    }
}
