use kernel::Refusal;
use service::{
    clients::{Limiter, Quota, household},
    request,
};

use crate::domain::ports::ClientLimits;

/// What one household may do, as the settings say.
pub struct LimitedClients {
    searches: Limiter,
}

impl LimitedClients {
    /// With this limit.
    pub fn new(searches: Quota) -> Self {
        Self { searches: Limiter::new("searches", searches) }
    }
}

impl ClientLimits for LimitedClients {
    fn looks_for_words(&self) -> Result<(), Refusal> {
        request::client().map_or(Ok(()), |client| self.searches.check(&household(client)))
    }
}
