//! Accounts, sessions, organizations and roles.
//!
//! `domain` holds the rules, `adapters` what they meet. This file puts both together.

pub mod adapters;
pub mod config;
pub mod domain;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use axum::middleware::from_fn_with_state;
use messaging::Outbox;
use saga::clock::{self, Kind};
use service::{Assembled, Database, Foundation, retention, workers::Worker};

pub use adapters::outbound::{AGES, SIGN_IN_BACK, SigningKeys};
use adapters::{
    inbound::{
        browser, ended, graphql, http, jwks,
        replies::{Replies, SUBJECTS},
    },
    outbound::{
        Argon2Passwords, LimitedClients, OpenIdProviders, SeaReads, SeaStore, SealedBySigningKeys,
        SignedTokens, WebauthnPasskeys,
    },
};
pub use config::{Config, SignInProvider};
use domain::{Rules, entities::LoginLimit, sagas::erasure::Erasure};
pub use domain::{
    Users,
    use_cases::{
        ContinueAsGuest, CreateOrganization, InviteMember, LogIn, LoggedIn, Register, RemoveMember,
        UpdateOrganization,
    },
};
pub use users_migration::Migrator;

/// How long the clock of sagas sleeps, at least and at most.
const CLOCK_SLEEPS: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// How often is measured where sagas stand.
const MEASURE: Duration = Duration::from_secs(5);

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
        Some(path) => SigningKeys::in_files(path.clone(), config.signing_key_files_before.clone()),
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
    let cookies = browser::Cookies::of(&config.public_url);
    // Erasures go on, however many ask at the door.
    let behind = database.background();
    let behind = Users { store: store(&config, behind, foundation, outbox.clone()), ..users.clone() };
    let workers = workers(&behind, &database);
    let routes = service::graphql::endpoint(graphql::schema(users.clone()), foundation)
        .merge(http::routes(users.clone(), foundation))
        .layer(from_fn_with_state(ended::Sessions::new(users.clone(), foundation), ended::refuse))
        .layer(from_fn_with_state(cookies, browser::meet))
        .merge(jwks::routes(keys));
    Ok(Assembled {
        name: "users",
        sdl: sdl(),
        routes,
        database,
        outbox,
        subjects: SUBJECTS.to_vec(),
        handler: Some(Arc::new(Replies(behind))),
        workers,
    })
}

fn access_lifetime(config: &Config) -> chrono::Duration {
    chrono::Duration::minutes(i64::from(config.access_token_minutes))
}

fn store(
    config: &Config,
    database: Database,
    foundation: &Foundation,
    outbox: Outbox,
) -> Arc<dyn domain::ports::Store> {
    let (bus, clock) = (foundation.bus.clone(), foundation.clock.clone());
    Arc::new(SeaStore::new(database, outbox, bus, clock, access_lifetime(config)))
}

fn workers(users: &Users, database: &Database) -> Vec<Worker> {
    let (users, clocked, measured) = (users.clone(), database.background(), database.background());
    let (shortest, longest) = CLOCK_SLEEPS;
    vec![
        Worker::timed("saga clock", shortest..=longest, move || {
            let (users, database) = (users.clone(), clocked.clone());
            async move { clock::tick(&database, &users).await }
        }),
        Worker::every("measuring sagas", MEASURE, move || {
            let database = measured.clone();
            async move {
                clock::measure(&database, &[Kind::of::<Erasure>()]).await?;
                Ok(false)
            }
        }),
        retention::worker("users", database, &AGES),
    ]
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
    let rules = Rules {
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        login_limit: LoginLimit {
            failures: i64::from(config.login_failures),
            failures_where_known: i64::from(config.login_failures_where_known),
            window: chrono::Duration::minutes(i64::from(config.login_failure_minutes)),
            longest_pause_where_known: chrono::Duration::seconds(i64::from(
                config.login_pause_seconds_where_known,
            )),
        },
        invitation_lifetime: chrono::Duration::days(i64::from(config.invitation_days)),
        invitations_a_day: u64::from(config.invitations_a_day),
        proof_lifetime: chrono::Duration::hours(i64::from(config.verification_hours)),
        reset_lifetime: chrono::Duration::minutes(i64::from(config.password_reset_minutes)),
        address_change_lifetime: chrono::Duration::hours(i64::from(config.address_change_hours)),
        refresh_lifetime: chrono::Duration::days(i64::from(config.refresh_token_days)),
        guest_refresh_lifetime: chrono::Duration::hours(i64::from(config.guest_token_hours)),
    };
    let providers = OpenIdProviders::new(&config.sign_in_providers, &config.public_url);
    Ok(Users {
        store: store(config, database.clone(), foundation, outbox),
        reads: Arc::new(SeaReads::new(database)),
        passwords: Arc::new(passwords),
        tokens: Arc::new(SignedTokens::new(keys.clone(), access_lifetime(config))),
        limits: Arc::new(LimitedClients::new(config)),
        vault: Arc::new(SealedBySigningKeys::new(keys)),
        passkeys: Arc::new(WebauthnPasskeys::at(&config.public_url)),
        foreign: Arc::new(providers.context("the setting USERS__SIGN_IN_PROVIDERS is wrong")?),
        clock: foundation.clock.clone(),
        rules,
    })
}
