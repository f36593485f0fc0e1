//! How fast one client may set places aside.

use kernel::{EventId, Refusal, UserId};
use service::{
    clients::{Limiter, Quota, household},
    request,
};

use crate::domain::ports::Pace;

/// Counts places by account and by address, for each event.
#[derive(Debug)]
pub(crate) struct HoldsByClient {
    of_account: Limiter,
    of_address: Limiter,
}

impl HoldsByClient {
    pub(crate) fn new(of_account: Quota, of_address: Quota) -> Self {
        Self {
            of_account: Limiter::new("places held by an account", of_account),
            of_address: Limiter::new("places held from an address", of_address),
        }
    }
}

impl Pace for HoldsByClient {
    fn wants(&self, buyer: UserId, event: EventId, places: u32) -> Result<(), Refusal> {
        self.of_account.check_n(&(buyer, event), places)?;
        match request::client() {
            Some(address) => self.of_address.check_n(&(household(address), event), places),
            None => Ok(()),
        }
    }
}
