//! How fast one client may set places aside, and try codes.

mod wrong_codes;

use std::{net::IpAddr, time::Duration};

use kernel::{EventId, Refusal, UserId};
use moka::sync::Cache;
use service::{
    clients::{Limiter, household},
    request,
};

use self::wrong_codes::WrongCodes;
use crate::{Config, domain::ports::Pace};

/// How many codes that were tried are remembered, and for how long; who tries a forgotten one tries a new one.
const TRIED: u64 = 20_000;
const REMEMBERED: Duration = Duration::from_hours(1);

/// Who is counted: a household, or an account where no address is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Client {
    Household(IpAddr),
    Account(Option<UserId>),
}

/// Counts places by account and by address, for each event; different access codes by client; and promo codes that do not
/// exist by account and by address.
#[derive(Debug)]
pub(crate) struct PaceByClient {
    of_account: Limiter,
    of_address: Limiter,
    of_codes: Limiter,
    tried: Cache<(Client, EventId, String), ()>,
    wrong_codes: WrongCodes<Client>,
    wrong_claims: WrongCodes<Client>,
}

impl PaceByClient {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            of_account: Limiter::new("places held by an account", config.holds_by_account),
            of_address: Limiter::new("places held from an address", config.holds_by_address),
            of_codes: Limiter::new("access codes tried", config.access_codes),
            tried: Cache::builder().max_capacity(TRIED).time_to_live(REMEMBERED).build(),
            wrong_codes: WrongCodes::new("promo codes", config.wrong_promo_codes),
            wrong_claims: WrongCodes::new("claims of orders", config.wrong_claims),
        }
    }
}

impl Pace for PaceByClient {
    fn wants(&self, buyer: UserId, event: EventId, places: u32) -> Result<(), Refusal> {
        self.of_account.check_n(&(buyer, event), places)?;
        match request::client() {
            Some(address) => self.of_address.check_n(&(household(address), event), places),
            None => Ok(()),
        }
    }

    fn tries_code(&self, who: Option<UserId>, event: EventId, code: &str) -> Result<(), Refusal> {
        let client =
            request::client().map_or(Client::Account(who), |address| Client::Household(household(address)));
        let tried = (client, event, kernel::fingerprint(&code));
        if !self.tried.contains_key(&tried) {
            self.of_codes.check(&client)?;
            self.tried.insert(tried, ());
        }
        Ok(())
    }

    fn tries_promo_code(&self, who: UserId) -> Result<(), Refusal> {
        self.wrong_codes.tries(&clients(who))
    }

    fn knew_promo_code(&self, who: UserId) {
        self.wrong_codes.knew(&clients(who));
    }

    fn tries_claim(&self, who: UserId) -> Result<(), Refusal> {
        self.wrong_claims.tries(&clients(who))
    }

    fn knew_claim(&self, who: UserId) {
        self.wrong_claims.knew(&clients(who));
    }
}

/// Who is counted: the account, and the household where its address is known.
fn clients(who: UserId) -> Vec<Client> {
    let household = request::client().map(|address| Client::Household(household(address)));
    [Client::Account(Some(who))].into_iter().chain(household).collect()
}
