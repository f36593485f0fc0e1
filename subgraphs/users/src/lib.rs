//! Accounts, sessions, organizations and roles.
//!
//! `domain` holds the rules, `adapters` what they meet. This file puts both together.

pub mod adapters;
pub mod config;
pub mod domain;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use messaging::Outbox;
use service::{Assembled, Database, Foundation, workers::Worker};

pub use adapters::outbound::SigningKeys;
use adapters::{
    inbound::{graphql, http, jwks},
    outbound::{Argon2Passwords, SeaReads, SeaStore, SignedTokens},
};
pub use config::Config;
use domain::{Rules, entities::LoginLimit};
pub use domain::{
    Users,
    use_cases::{CreateOrganization, InviteMember, LogIn, LoggedIn, Register, RemoveMember},
};
pub use users_migration::Migrator;

/// How often it is looked for what has run out.
const TIDY: Duration = Duration::from_mins(10);

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    graphql::sdl()
}

/// The OpenAPI document of the REST routes.
pub fn openapi() -> serde_json::Value {
    http::openapi()
}

/// The keys of access tokens: of the file that is set, or of the migrated database.
pub fn signing_keys(config: &Config, database: &Database) -> SigningKeys {
    match &config.signing_key_file {
        Some(path) => SigningKeys::in_file(path.clone()),
        None => SigningKeys::in_database(database.clone()),
    }
}

/// The use cases alone, for whoever needs no endpoint. The database must be migrated.
pub fn use_cases(config: &Config, database: Database, foundation: &Foundation) -> anyhow::Result<Users> {
    put_together(config, database, foundation, Outbox::default())
}

/// The service, put together. The database must be migrated.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    let keys = signing_keys(&config, &database);
    keys.jwks().await.context("USERS__SIGNING_KEY_FILE or the table signing_keys")?;
    let outbox = Outbox::default();
    let users = put_together(&config, database.clone(), foundation, outbox.clone())?;
    let routes = service::graphql::endpoint(graphql::schema(users.clone()), foundation)
        .merge(http::routes(users.clone(), foundation))
        .merge(jwks::routes(keys));
    Ok(Assembled {
        name: "users",
        sdl: sdl(),
        routes,
        database,
        outbox,
        subjects: Vec::new(),
        handler: None,
        workers: vec![Worker::every("users.tidy", TIDY, move || {
            let users = users.clone();
            async move { users.forget_what_ran_out().await }
        })],
    })
}

fn put_together(
    config: &Config,
    database: Database,
    foundation: &Foundation,
    outbox: Outbox,
) -> anyhow::Result<Users> {
    let passwords = Argon2Passwords::new(config)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("argon2 does not take the settings USERS__PASSWORD_…")?;
    let keys = signing_keys(config, &database);
    let lifetime = chrono::Duration::minutes(i64::from(config.access_token_minutes));
    let rules = Rules {
        login_limit: LoginLimit {
            failures: i64::from(config.login_failures),
            window: chrono::Duration::minutes(i64::from(config.login_failure_minutes)),
        },
        refresh_lifetime: chrono::Duration::days(i64::from(config.refresh_token_days)),
    };
    Ok(Users::new(
        Arc::new(SeaStore::new(database.clone(), outbox, foundation.clock.clone())),
        Arc::new(SeaReads::new(database)),
        Arc::new(passwords),
        Arc::new(SignedTokens::new(keys, lifetime)),
        foundation.clock.clone(),
        rules,
    ))
}
