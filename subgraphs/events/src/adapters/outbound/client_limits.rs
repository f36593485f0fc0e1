use kernel::{OrganizationId, Refusal};
use service::{
    clients::{Limiter, Quota, household},
    request,
};

use crate::domain::ports::ClientLimits;

/// What one household or organization may do, as the settings say.
pub struct LimitedClients {
    searches: Limiter,
    pictures: Limiter,
}

impl LimitedClients {
    /// With these limits.
    pub fn new(searches: Quota, pictures: Quota) -> Self {
        Self { searches: Limiter::new("searches", searches), pictures: Limiter::new("pictures", pictures) }
    }
}

impl ClientLimits for LimitedClients {
    fn looks_for_words(&self) -> Result<(), Refusal> {
        request::client().map_or(Ok(()), |client| self.searches.check(&household(client)))
    }

    fn sends_picture(&self, organization: OrganizationId) -> Result<(), Refusal> {
        self.pictures.check(&organization)
    }
}
