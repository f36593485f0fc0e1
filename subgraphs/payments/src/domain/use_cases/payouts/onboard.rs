use kernel::{OrganizationId, Refusal, Result};

use super::Payouts;
use crate::domain::entities::payout::{OnboardingAddress, PayoutAccountStatus};

impl Payouts {
    /// Where whoever has the address tells the provider what it asks. Asking for an address makes nothing at the provider;
    /// opening it makes the account, once, and a link to the provider's pages, which is good once and for minutes: that is why
    /// it is made here and not given out.
    #[tracing::instrument(skip_all)]
    pub async fn onboard(&self, address: &OnboardingAddress) -> Result<String> {
        if !address.is_good(&self.terms.key, self.clock.now()) {
            return Err(Refusal::not_found("onboarding address").into());
        }
        let organization = address.organization;
        let looked_at = self.store.now().await?;
        let known = self.store.accounts(&[organization]).await?.remove(&organization);
        let account = if let Some(known) = known {
            // What has happened meanwhile is learnt here as well, for webhooks that were lost.
            if let Some(seen) = self.gateway.account(&known.id).await? {
                self.store.keep_account(organization, &seen, looked_at).await?;
                if seen.status() == PayoutAccountStatus::Active {
                    return Ok(self.terms.return_url.clone());
                }
            }
            known.id
        } else {
            let made = self.gateway.make_account(organization).await?;
            self.store.keep_account(organization, &made, looked_at).await?;
            tracing::info!(%organization, account = made.id, "an organization has an account at the payment provider");
            made.id
        };
        let again = self.address_of(organization);
        Ok(self.gateway.onboarding(&account, &self.terms.return_url, &again).await?)
    }

    /// An address for [`Payouts::onboard`], good for a while from now on.
    pub(super) fn address_of(&self, organization: OrganizationId) -> String {
        let address = OnboardingAddress::give_out(organization, &self.terms.key, self.clock.now());
        let OnboardingAddress { organization, until, signature } = address;
        format!(
            "{}/api/payments/v1/organizations/{}/payout-account?until={until}&signature={signature}",
            self.terms.public_url,
            organization.public()
        )
    }
}
