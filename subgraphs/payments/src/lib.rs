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
use service::{Assembled, Database, Foundation, Memberships, retention, workers::Worker};
use tokio_util::sync::CancellationToken;

pub use adapters::{
    inbound::http::{WEBHOOK_PATH, openapi},
    outbound::persistence::AGES,
};
pub use config::{Config, Connect};
pub use domain::use_cases::{
    Arrears, Books, CatchUp, CaughtUp, Health, Page, Pay, Payments, Payouts, Reconciliation,
};
pub use payments_migration::Migrator;

use adapters::{
    inbound::{events, graphql, http},
    outbound::{
        StripeGateway, StripeSettings, TracedGateway, TracedPayouts,
        persistence::{News, SeaEarlierSales, SeaHealth, SeaLedger, SeaPayouts, SeaReconciling, SeaStore},
    },
};
use domain::{
    entities::{Declines, payout::AddressKey},
    use_cases::{LOOK, Patience, PayoutTerms, Terms},
};

/// How often old idempotency keys are forgotten.
const SWEEP: Duration = Duration::from_hours(1);

/// How often it is looked whether the books are to be compared with Stripe's.
const RECONCILED: Duration = Duration::from_mins(2);

/// How often it is looked whether more can be booked of what was sold before there were books.
const ARREARS: Duration = Duration::from_mins(10);

/// How long one operation may take: paying waits for the provider. The router waits for 20 s.
const PATIENCE: Duration = Duration::from_secs(18);

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    service::graphql::sdl(&graphql::schema().finish())
}

/// The use cases over this database, for programs that use them directly.
pub fn use_cases(config: &Config, database: Database, foundation: &Foundation) -> anyhow::Result<Payments> {
    Ok(build(config, stripe(config)?, database, Outbox::default(), foundation).0)
}

/// The books of organizations in this database, for programs that use them directly.
pub fn books(database: &Database) -> Books {
    let members = Memberships::new(database.clone());
    Books::new(Arc::new(SeaLedger::new(database.clone())), Arc::new(members))
}

/// What is to be booked in this database of what was sold before there were books, for programs that do it themselves.
pub fn arrears(database: &Database) -> Arrears {
    Arrears::new(Arc::new(SeaEarlierSales::new(database.clone())), books(database))
}

/// What those who run the platform look at in this database, and put right by these use cases.
pub fn health(database: &Database, payments: Payments) -> Health {
    Health::new(Arc::new(SeaHealth::new(database.clone())), Arc::new(http::StripesWords), payments)
}

/// What Stripe has told and nobody here has heard, for programs that catch up with it beside the services: by the same settings.
pub fn catch_up(config: &Config, database: Database, foundation: &Foundation) -> anyhow::Result<CatchUp> {
    config.check()?;
    let stripe = stripe(config)?;
    let (payments, _) = build(config, stripe.clone(), database, Outbox::default(), foundation);
    Ok(CatchUp::new(Arc::new(stripe), Arc::new(http::StripesWords), payments))
}

/// The comparison of the books in this database with Stripe's, for programs that compare by themselves.
pub fn reconciliation(stripe: StripeGateway, database: &Database) -> Reconciliation {
    let store = Arc::new(SeaReconciling::new(database.clone()));
    Reconciliation::new(Arc::new(stripe), store, books(database))
}

/// The service, put together.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    config.check()?;
    let outbox = Outbox::default();
    let gateway = stripe(&config)?;
    let reconciling = reconciliation(gateway.clone(), &database.background());
    let (payments, behind) = build(&config, gateway, database.clone(), outbox.clone(), foundation);
    let tries = graphql::Tries::new(config.tries_by_account, config.tries_by_address);
    let schema =
        graphql::schema_over(payments.clone(), books(&database), health(&database, payments.clone()), tries);
    let ear = http::ear(payments, config.webhook_secrets(), foundation.clock.clone());
    let asks = events::Asks { payments: behind.clone(), books: books(&database.background()) };
    let rest =
        service::rest::mount_within(http::ABOUT, http::routes(ear, books(&database)), foundation, PATIENCE);
    let routes = service::graphql::endpoint_within(schema, foundation, PATIENCE).merge(rest);
    let forgetter = retention::worker("payments", &database, &AGES);
    let payer = behind.payouts().cloned().map(payer);
    let arrears = bookkeeper(arrears(&database.background()));
    Ok(Assembled {
        name: "payments",
        sdl: sdl(),
        routes,
        database,
        outbox,
        subjects: events::subjects(),
        handler: Some(Arc::new(asks)),
        workers: [settler(behind.clone()), key_sweeper(behind), forgetter, reconciler(reconciling), arrears]
            .into_iter()
            .chain(payer)
            .collect(),
    })
}

/// Stripe, as the settings have it.
fn stripe(config: &Config) -> anyhow::Result<StripeGateway> {
    Ok(StripeGateway::new(StripeSettings {
        url: config.stripe_url.clone(),
        secret_key: config.stripe_secret_key.clone(),
        timeout: Duration::from_millis(config.stripe_timeout_ms),
        breaker: config.stripe_breaker,
        return_url: Some(config.return_url.clone()).filter(|url| !url.is_empty()),
    })?)
}

/// The use cases for those who wait for an answer, and for those who do not.
fn build(
    config: &Config,
    gateway: StripeGateway,
    database: Database,
    outbox: Outbox,
    foundation: &Foundation,
) -> (Payments, Payments) {
    let patience = Patience {
        answer: Duration::from_millis(config.answer_ms),
        undecided: Duration::from_millis(config.undecided_after_ms),
    };
    let payouts = config.connect.enabled.then(|| payouts(config, gateway.clone(), &database, foundation));
    let store = SeaStore::new(database, outbox, News::new(foundation.bus.clone()));
    let behind = Arc::new(store.background());
    let terms = Terms {
        patience,
        attempts_per_order: config.attempts_per_order,
        declines: Declines {
            by_buyer: config.declines_by_account,
            by_client: config.declines_by_address,
            by_card: config.declines_by_card,
        },
        publishable_key: Some(config.stripe_publishable_key.clone()).filter(|key| !key.is_empty()),
    };
    let payments = Payments::new(Arc::new(store), Arc::new(TracedGateway(Arc::new(gateway))), terms);
    let behind = payments.over(behind);
    match payouts {
        Some((payouts, later)) => (payments.with_payouts(payouts), behind.with_payouts(later)),
        None => (payments, behind),
    }
}

/// Organizations' accounts and payouts, for those who wait for an answer, and for those who do not.
fn payouts(
    config: &Config,
    gateway: StripeGateway,
    database: &Database,
    foundation: &Foundation,
) -> (Payouts, Payouts) {
    let store = SeaPayouts::new(database.clone());
    let behind = Arc::new(store.background());
    let terms = PayoutTerms {
        key: AddressKey::of(&config.stripe_secret_key),
        public_url: config.connect.public_url.trim_end_matches('/').to_owned(),
        return_url: config.connect.back().to_owned(),
        look: Duration::from_millis(config.connect.look_ms),
    };
    let payouts = Payouts::new(
        Arc::new(store),
        Arc::new(TracedPayouts(Arc::new(gateway))),
        Arc::new(Memberships::new(database.clone())),
        Arc::new(SeaLedger::new(database.clone())),
        foundation.clock.clone(),
        terms,
    );
    let behind = payouts.over(behind);
    (payouts, behind)
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

/// Books what was sold before there were books.
fn bookkeeper(arrears: Arrears) -> Worker {
    Worker::timed("booking earlier sales", Duration::ZERO..=ARREARS, move || {
        let arrears = arrears.clone();
        async move { arrears.step().await }
    })
}

/// Pays organizations out: what is payable, when it becomes so, and what was begun.
fn payer(payouts: Payouts) -> Worker {
    Worker::new("paying organizations out", async move |stop: CancellationToken| {
        while !stop.is_cancelled() {
            let pause = payouts.settle_due().await.unwrap_or_else(|error| {
                tracing::error!(%error, "organizations cannot be paid out just now");
                LOOK
            });
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    })
}

/// Compares with Stripe's books when that is due; not when the process has just begun, which has more to do.
fn reconciler(reconciliation: Reconciliation) -> Worker {
    Worker::new("comparing the books with Stripe's", async move |stop: CancellationToken| {
        loop {
            tokio::select! {
                () = tokio::time::sleep(RECONCILED) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = reconciliation.take_turn().await {
                tracing::error!(%error, "the books cannot be compared with Stripe's just now");
            }
        }
    })
}
