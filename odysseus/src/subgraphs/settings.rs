//! The settings of each service in this process: its own, over the defaults of the embedded stack.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use kernel::Fault;
use service::{
    Database, Limits,
    settings::{WrongSetting, load_over},
};

use super::Subgraph;
use crate::embedded::folder::{database, sqlite_url};

/// What the embedded stack knows and each service has to be told.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Where data lies.
    pub(crate) data: PathBuf,
    /// Where people reach the platform.
    pub(crate) public_url: String,
    /// Where Stripe's API is.
    pub(crate) stripe_url: String,
    /// What signs Stripe's webhooks.
    pub(crate) webhook_secret: String,
    /// What is shown by who reports mails that did not arrive.
    pub(crate) bounce_secret: String,
    /// Where Twilio's API is.
    pub(crate) sms_url: String,
    /// Where mail is taken, on this machine.
    pub(crate) smtp_port: u16,
}

/// The settings of one service.
#[derive(Clone, Debug)]
pub(crate) enum Settings {
    Users(users::Config),
    Events(events::Config),
    Tickets(tickets::Config),
    Payments(payments::Config),
    Notifications(notifications::Config),
    Analytics(analytics::Config),
}

impl Settings {
    /// By the environment alone.
    pub(crate) fn from_env(subgraph: Subgraph) -> Result<Self, WrongSetting> {
        Ok(match subgraph {
            Subgraph::Users => Self::Users(users::Config::from_env()?),
            Subgraph::Events => Self::Events(events::Config::from_env()?),
            Subgraph::Tickets => Self::Tickets(tickets::Config::from_env()?),
            Subgraph::Payments => Self::Payments(payments::Config::from_env()?),
            Subgraph::Notifications => Self::Notifications(notifications::Config::from_env()?),
            Subgraph::Analytics => Self::Analytics(analytics::Config::from_env()?),
        })
    }

    /// By the environment, over what the embedded stack knows.
    pub(crate) fn embedded(subgraph: Subgraph, around: &Surroundings) -> Result<Self, WrongSetting> {
        let database_url = sqlite_url(&database(&around.data, subgraph));
        Ok(match subgraph {
            Subgraph::Users => {
                let public_url = around.public_url.clone();
                let sandbox = users::SignInProvider {
                    key: "sandbox".to_owned(),
                    label: "Sandbox".to_owned(),
                    issuer: sandbox::openid_issuer(&public_url),
                    client_id: sandbox::OPENID_CLIENT_ID.to_owned(),
                    client_secret: sandbox::OPENID_CLIENT_SECRET.to_owned(),
                };
                let sign_in_providers = vec![sandbox];
                let defaults = users::Config::default();
                Self::Users(load_over(
                    "USERS",
                    &users::Config { database_url, public_url, sign_in_providers, ..defaults },
                )?)
            }
            Subgraph::Events => Self::Events(load_over(
                "EVENTS",
                &events::Config {
                    database_url,
                    public_url: around.public_url.clone(),
                    ..events::Config::default()
                },
            )?),
            Subgraph::Tickets => Self::Tickets(load_over(
                "TICKETS",
                &tickets::Config {
                    database_url,
                    public_url: around.public_url.clone(),
                    ..tickets::Config::default()
                },
            )?),
            Subgraph::Payments => Self::Payments(load_over(
                "PAYMENTS",
                &payments::Config {
                    database_url,
                    stripe_url: around.stripe_url.clone(),
                    // The sandbox takes every test key.
                    stripe_secret_key: "sk_test_odysseus".to_owned(),
                    stripe_publishable_key: "pk_sandbox_odysseus".to_owned(),
                    stripe_webhook_secret: around.webhook_secret.clone(),
                    return_url: around.public_url.clone(),
                    connect: payments::Connect {
                        enabled: true,
                        public_url: around.public_url.clone(),
                        // Nobody waits for an hour for what they try out.
                        look_ms: 2_000,
                        ..payments::Connect::default()
                    },
                    ..payments::Config::default()
                },
            )?),
            Subgraph::Notifications => Self::Notifications(load_over(
                "NOTIFICATIONS",
                &notifications::Config {
                    database_url,
                    smtp_url: format!("smtp://127.0.0.1:{}", around.smtp_port),
                    // The sandbox takes every account that has a password.
                    sms_url: around.sms_url.clone(),
                    sms_account: "ACodysseus".to_owned(),
                    sms_token: "sandbox".to_owned(),
                    sms_from: "+4315550100".to_owned(),
                    bounce_secret: around.bounce_secret.clone(),
                    public_url: around.public_url.clone(),
                    ..notifications::Config::default()
                },
            )?),
            Subgraph::Analytics => Self::Analytics(load_over(
                "ANALYTICS",
                &analytics::Config { database_url, ..analytics::Config::default() },
            )?),
        })
    }

    /// Connects to the service's database, within its limits; a server that is not up yet is waited for.
    pub(crate) async fn open_database(&self, subgraph: Subgraph) -> Result<Database, Fault> {
        let (url, connections) = self.database();
        Database::open(subgraph.name(), url, connections, self.limits()).await
    }

    fn limits(&self) -> &Limits {
        match self {
            Self::Users(config) => &config.limits,
            Self::Events(config) => &config.limits,
            Self::Tickets(config) => &config.limits,
            Self::Payments(config) => &config.limits,
            Self::Notifications(config) => &config.limits,
            Self::Analytics(config) => &config.limits,
        }
    }

    /// Where the service's data lies, and how many connections it may open there.
    pub(crate) fn database(&self) -> (&str, u32) {
        match self {
            Self::Users(config) => (&config.database_url, config.database_connections),
            Self::Events(config) => (&config.database_url, config.database_connections),
            Self::Tickets(config) => (&config.database_url, config.database_connections),
            Self::Payments(config) => (&config.database_url, config.database_connections),
            Self::Notifications(config) => (&config.database_url, config.database_connections),
            Self::Analytics(config) => (&config.database_url, config.database_connections),
        }
    }
}

/// Where the service's data lies when nothing runs: by the environment, else in the data folder.
pub(crate) fn stored(subgraph: Subgraph, folder: &Path) -> Result<Settings, WrongSetting> {
    let nowhere = Surroundings {
        data: folder.to_owned(),
        public_url: "http://127.0.0.1:4000".to_owned(),
        stripe_url: "http://127.0.0.1:9".to_owned(),
        sms_url: "http://127.0.0.1:9".to_owned(),
        webhook_secret: "whsec_unused".to_owned(),
        bounce_secret: String::new(),
        smtp_port: 9,
    };
    Settings::embedded(subgraph, &nowhere)
}

/// The database of [`stored`], which has to be there already.
pub(crate) async fn existing_database(subgraph: Subgraph, folder: &Path) -> anyhow::Result<Database> {
    let name = subgraph.name();
    let settings = stored(subgraph, folder)?;
    let (url, _) = settings.database();
    let file = database(folder, subgraph);
    if url == sqlite_url(&file) && !file.exists() {
        bail!(
            "{name} has no database in {}; set {}__DATABASE_URL or --data",
            folder.display(),
            name.to_uppercase()
        );
    }
    Database::connect(url, 2).await.with_context(|| format!("the database of {name} cannot be reached"))
}
