use std::collections::HashMap;

use contracts::users::Role;
use kernel::{Fault, OrganizationId, Viewer};

use super::Payouts;
use crate::domain::entities::payout::PayoutAccountStatus;

/// An organization's account, as somebody may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRead {
    /// How far it is.
    pub status: PayoutAccountStatus,
    /// Where an owner goes on with it, for a while; none for others, and where nothing is left to be told.
    pub onboarding_url: Option<String>,
}

impl Payouts {
    /// The accounts of organizations, for those who manage them and for operators; nobody else is in the answer.
    pub async fn accounts(
        &self,
        asked: &[(Viewer, OrganizationId)],
    ) -> Result<HashMap<(Viewer, OrganizationId), AccountRead>, Fault> {
        let people = asked.iter().filter_map(|(viewer, of)| Some((*of, viewer.user()?)));
        let roles = self.roles.roles_of(&people.collect::<Vec<_>>()).await?;
        let role = |viewer: Viewer, of| viewer.user().and_then(|user| roles.get(&(of, user)).copied());
        let sees = |viewer: Viewer, of| viewer.is_operator() || role(viewer, of).is_some_and(Role::manages);
        let readable: Vec<_> = asked.iter().filter(|(viewer, of)| sees(*viewer, *of)).copied().collect();
        let mut organizations: Vec<_> = readable.iter().map(|(_, of)| *of).collect();
        organizations.sort_unstable();
        organizations.dedup();
        let accounts = self.store.accounts(&organizations).await?;
        let read = |(viewer, of)| {
            let status = accounts.get(&of).map_or(PayoutAccountStatus::NotStarted, |account| account.status);
            let goes_on = status != PayoutAccountStatus::Active && role(viewer, of) == Some(Role::Owner);
            let onboarding_url = goes_on.then(|| self.address_of(of));
            ((viewer, of), AccountRead { status, onboarding_url })
        };
        Ok(readable.into_iter().map(read).collect())
    }
}
