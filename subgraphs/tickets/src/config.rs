//! Settings of `tickets`, from the environment: `TICKETS__HOLD_SECONDS` and so on.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use service::{
    clients::Quota,
    settings::{self, WrongSetting},
};

use crate::domain::use_cases::Terms;

/// Every setting, with its default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the database is: `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// The most connections to it.
    pub database_connections: u32,
    /// How much at a time, and how long.
    pub limits: service::Limits,
    /// How long places are set aside for a buyer who is choosing, in seconds.
    pub hold_seconds: u64,
    /// How much longer a buyer has who asks for more time to choose, in seconds. It is given once.
    pub extend_seconds: u64,
    /// How long a buyer has to pay, from the checkout, in seconds.
    pub pay_seconds: u64,
    /// How long places that came free are offered to who waits for them, in seconds: shorter when sales end soon.
    pub offer_seconds: u64,
    /// How many places of one event a buyer may have set aside at once, not counting orders.
    pub open_places: u32,
    /// How many places of one event one account may set aside in a row: `burst` at once, then one every `every_millis`.
    pub holds_by_account: Quota,
    /// How many may be set aside from one address, by whichever accounts.
    pub holds_by_address: Quota,
    /// How many different access codes may be tried from one address, of all events together.
    pub access_codes: Quota,
    /// How many promo codes that do not exist one account may try, and how many may be tried from one address. One that
    /// exists costs nothing.
    pub wrong_promo_codes: Quota,
    /// How many claims of orders that are wrong one account may try, and how many may be tried from one address. Right ones
    /// cost nothing.
    pub wrong_claims: Quota,
    /// How many requests wait for the same event at most, in each process; who comes when it is full is told to come
    /// again.
    pub queue: u32,
    /// Whether what has run out is given back by a worker, too. Nothing depends on it but what subscribers see.
    pub sweep: bool,
    /// Where the platform is reached, for links to tickets.
    pub public_url: String,
    /// Where the keys of tickets are, as `["database", "/run/secrets/next.pem"]`: the first signs, all of them verify. A
    /// file is PEM (PKCS#8) with a key of Ed25519; the `database` keeps one that was made once.
    pub signing_keys: KeySources,
    /// Who makes tickets that Google Wallet takes in; without it, nobody does.
    pub wallet: Option<WalletIssuer>,
}

/// An issuer at Google Wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalletIssuer {
    /// Whose tickets they are, as the wallet says it.
    #[serde(default = "odysseus")]
    pub issuer_name: String,
    /// The issuer's number, which Google gives: `3388000000012345678`.
    pub issuer_id: String,
    /// The service account that may issue for it: `tickets@project.iam.gserviceaccount.com`.
    pub service_account: String,
    /// The file with that account's private key, as PEM (PKCS#8 or PKCS#1, RSA).
    pub private_key: PathBuf,
}

fn odysseus() -> String {
    "Odysseus".to_owned()
}

/// Where the keys of tickets are; there is at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct KeySources {
    /// That of the key that signs.
    pub first: KeySource,
    /// Those of the keys that only verify.
    pub others: Vec<KeySource>,
}

/// Where one key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In the service's database, where the first replica has put it.
    Database,
    /// In a file.
    File(PathBuf),
}

/// How a setting names the database's key.
const DATABASE: &str = "database";

impl Default for KeySources {
    fn default() -> Self {
        Self { first: KeySource::Database, others: Vec::new() }
    }
}

impl TryFrom<Vec<String>> for KeySources {
    type Error = &'static str;

    fn try_from(said: Vec<String>) -> Result<Self, Self::Error> {
        let mut sources = said.into_iter().map(|said| match said.as_str() {
            DATABASE => KeySource::Database,
            path => KeySource::File(path.into()),
        });
        let first = sources.next().ok_or("must name at least one key, which signs")?;
        Ok(Self { first, others: sources.collect() })
    }
}

impl From<KeySources> for Vec<String> {
    fn from(KeySources { first, others }: KeySources) -> Self {
        let said = |source| match source {
            KeySource::Database => DATABASE.to_owned(),
            KeySource::File(path) => path.to_string_lossy().into_owned(),
        };
        [first].into_iter().chain(others).map(said).collect()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://data/tickets.sqlite?mode=rwc".to_owned(),
            database_connections: 16,
            limits: service::Limits::default(),
            hold_seconds: 600,
            extend_seconds: 300,
            pay_seconds: 900,
            // Nobody has to get up at night for it, and two can decide within a day.
            offer_seconds: 12 * 3600,
            open_places: 50,
            // Who clicks through a hall and changes their mind does not come that far.
            holds_by_account: Quota::new(200, Duration::from_secs(1)),
            // Whole offices buy behind one address; nobody gets a hall through it.
            holds_by_address: Quota::new(400, Duration::from_millis(500)),
            // Nobody is given that many; at this pace eight letters are not guessed in a lifetime.
            access_codes: Quota::new(20, Duration::from_mins(1)),
            // 20 in ten minutes are enough for all slips of the pen.
            wrong_promo_codes: Quota::new(20, Duration::from_secs(30)),
            wrong_claims: Quota::new(20, Duration::from_secs(30)),
            queue: 256,
            sweep: true,
            public_url: "http://127.0.0.1:4000".to_owned(),
            signing_keys: KeySources::default(),
            wallet: None,
        }
    }
}

impl Config {
    /// The settings of the environment over the defaults.
    pub fn from_env() -> Result<Self, WrongSetting> {
        settings::load("TICKETS")
    }

    pub(crate) fn terms(&self) -> Terms {
        Terms {
            hold: Duration::from_secs(self.hold_seconds),
            extend: Duration::from_secs(self.extend_seconds),
            pay: Duration::from_secs(self.pay_seconds),
            offer: Duration::from_secs(self.offer_seconds),
            open_places: self.open_places,
        }
    }
}
