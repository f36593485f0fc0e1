//! Payments through Stripe, refunds and webhooks.
//!
//! The purchase asks for money ([`contracts::purchase::TakePayment`]) and is answered when it is there;
//! it asks for its return ([`contracts::purchase::ReturnPayment`]) and is answered when that is done.
//! What is to be asked of Stripe is decided in transactions and asked between them, with keys that are
//! the same however often; Stripe's webhooks say when to look, and what it answers then is the truth.

pub mod adapters;
pub mod config;
pub mod domain;

use std::{sync::Arc, time::Duration};

use messaging::Outbox;
use service::{Assembled, Database, Foundation, retention, workers::Worker};
use tokio_util::sync::CancellationToken;

pub use adapters::{
    inbound::http::{WEBHOOK_PATH, openapi},
    outbound::persistence::AGES,
};
pub use config::Config;
pub use domain::use_cases::{Pay, Payments};
pub use payments_migration::Migrator;

use adapters::{
    inbound::{events, graphql, http},
    outbound::{
        StripeGateway, StripeSettings, TracedGateway,
        persistence::{News, SeaStore},
    },
};
use domain::use_cases::{LOOK, Patience, Terms};

/// How often old idempotency keys are forgotten.
const SWEEP: Duration = Duration::from_hours(1);

/// How long one operation may take: paying waits for the provider. The router waits for 20 s.
const PATIENCE: Duration = Duration::from_secs(18);

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    service::graphql::sdl(&graphql::schema().finish())
}

/// The use cases over this database, for programs that use them directly.
pub fn use_cases(config: &Config, database: Database, foundation: &Foundation) -> anyhow::Result<Payments> {
    Ok(build(config, database, Outbox::default(), foundation)?.0)
}

/// The service, put together.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    config.check()?;
    let outbox = Outbox::default();
    let (payments, behind) = build(&config, database.clone(), outbox.clone(), foundation)?;
    let tries = graphql::Tries::new(config.tries_by_account, config.tries_by_address);
    let schema = graphql::schema_over(payments.clone(), tries);
    let ear = http::ear(payments, config.webhook_secrets(), foundation.clock.clone());
    let rest = service::rest::mount_within(http::ABOUT, http::routes(ear), foundation, PATIENCE);
    let routes = service::graphql::endpoint_within(schema, foundation, PATIENCE).merge(rest);
    let forgetter = retention::worker("payments", &database, &AGES);
    Ok(Assembled {
        name: "payments",
        sdl: sdl(),
        routes,
        database,
        outbox,
        subjects: events::SUBJECTS.to_vec(),
        handler: Some(Arc::new(events::Asks(behind.clone()))),
        workers: vec![settler(behind.clone()), key_sweeper(behind), forgetter],
    })
}

/// The use cases for those who wait for an answer, and for those who do not.
fn build(
    config: &Config,
    database: Database,
    outbox: Outbox,
    foundation: &Foundation,
) -> anyhow::Result<(Payments, Payments)> {
    let gateway = StripeGateway::new(StripeSettings {
        url: config.stripe_url.clone(),
        secret_key: config.stripe_secret_key.clone(),
        timeout: Duration::from_millis(config.stripe_timeout_ms),
        breaker: config.stripe_breaker,
        return_url: Some(config.return_url.clone()).filter(|url| !url.is_empty()),
    })?;
    let patience = Patience {
        answer: Duration::from_millis(config.answer_ms),
        undecided: Duration::from_millis(config.undecided_after_ms),
    };
    let store = SeaStore::new(database, outbox, News::new(foundation.bus.clone()));
    let behind = Arc::new(store.background());
    let terms = Terms {
        patience,
        attempts_per_order: config.attempts_per_order,
        publishable_key: Some(config.stripe_publishable_key.clone()).filter(|key| !key.is_empty()),
    };
    let payments = Payments::new(Arc::new(store), Arc::new(TracedGateway(Arc::new(gateway))), terms);
    let behind = payments.over(behind);
    Ok((payments, behind))
}

/// Asks the provider what is due: when rung for, and by itself.
fn settler(payments: Payments) -> Worker {
    Worker::new("settling payments", async move |stop: CancellationToken| {
        let mut hastened = false;
        while !stop.is_cancelled() {
            let step = async {
                if !hastened {
                    payments.hasten().await?;
                    hastened = true;
                }
                payments.settle_due().await
            };
            let pause = step.await.unwrap_or_else(|error| {
                tracing::error!(%error, "payments cannot be settled just now");
                LOOK
            });
            tokio::select! {
                () = payments.rung(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    })
}

fn key_sweeper(payments: Payments) -> Worker {
    Worker::every("forgetting old idempotency keys", SWEEP, move || {
        let payments = payments.clone();
        async move { payments.forget_old_keys().await }
    })
}
