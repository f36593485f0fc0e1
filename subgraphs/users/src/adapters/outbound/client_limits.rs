use std::net::IpAddr;

use kernel::Refusal;
use service::clients::{Limiter, household};

use crate::{config::Config, domain::ports::ClientLimits};

/// What one household may do, as the settings say.
pub struct LimitedClients {
    registrations: Limiter,
    logins: Limiter,
    mails: Limiter,
}

impl LimitedClients {
    /// With the limits of the settings.
    pub fn new(config: &Config) -> Self {
        Self {
            registrations: Limiter::new("registrations", config.registrations),
            logins: Limiter::new("logins", config.logins_elsewhere),
            mails: Limiter::new("mails about accounts", config.account_mails),
        }
    }
}

impl ClientLimits for LimitedClients {
    fn registers(&self, client: IpAddr) -> Result<(), Refusal> {
        self.registrations.check(&household(client))
    }

    fn tries_to_log_in(&self, client: IpAddr) -> Result<(), Refusal> {
        self.logins.check(&household(client))
    }

    fn asks_for_mail(&self, client: IpAddr) -> Result<(), Refusal> {
        self.mails.check(&household(client))
    }
}
