//! Inventory, holds, orders, tickets, check-in, and the purchase saga.

pub mod adapters;
pub mod config;
pub mod domain;

use std::{sync::Arc, time::Duration};

pub use adapters::inbound::http::openapi;
use adapters::{
    inbound::{
        graphql::{self, Surroundings},
        http::{self, Rest},
        messages::{Messages, SUBJECTS},
    },
    outbound::persistence::{SeaReads, SeaStore, ticket_keys},
};
use domain::use_cases::Tickets;
use kernel::Fault;
use messaging::Outbox;
use service::{Assembled, Database, Foundation, Memberships, graphql as shared, workers::Worker};

pub use config::Config;
pub use tickets_migration::Migrator;

/// How often the sweeper and the saga's clock look.
const LOOK: Duration = Duration::from_millis(250);
/// How often old idempotency keys are forgotten.
const FORGET: Duration = Duration::from_hours(1);
/// How often is looked for holders who are to be told that their event is off.
const TELL: Duration = Duration::from_secs(2);
/// How often is measured what has to be looked up.
const MEASURE: Duration = Duration::from_secs(5);

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    shared::sdl(&graphql::schema(None))
}

/// The use cases over this database, and what their commits wake.
pub async fn use_cases(
    config: &Config,
    database: &Database,
    foundation: &Foundation,
) -> Result<(Tickets, Outbox), Fault> {
    with_outbox(config, database, foundation, Outbox::default()).await
}

async fn with_outbox(
    config: &Config,
    database: &Database,
    foundation: &Foundation,
    outbox: Outbox,
) -> Result<(Tickets, Outbox), Fault> {
    let store = SeaStore {
        database: database.clone(),
        outbox: outbox.clone(),
        bus: foundation.bus.clone(),
        houses: adapters::outbound::persistence::Houses::default(),
        events: adapters::outbound::persistence::Events::default(),
    };
    let reads = SeaReads { database: database.clone(), houses: store.houses.clone() };
    let members = Memberships::new(database.clone());
    let keys = ticket_keys(database).await?;
    Ok((Tickets::new(Arc::new(store), Arc::new(reads), Arc::new(members), keys, config.terms()), outbox))
}

/// Puts the service together. The database is connected and up to date.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    let (tickets, outbox) = use_cases(&config, &database, foundation).await?;
    // Purchases go on, and what has run out is given back, however many ask at the door.
    let (behind, _) = with_outbox(&config, &database.background(), foundation, outbox.clone()).await?;
    let surroundings = Surroundings::new(&tickets, foundation.bus.clone(), config.public_url.clone());
    let schema = graphql::schema(Some((tickets.clone(), surroundings)));
    let rest = Rest { tickets: tickets.clone(), public_url: config.public_url };
    let rest = service::rest::mount(http::ABOUT, http::routes().with_state(rest), foundation);
    let mut workers = workers(&behind, config.sweep);
    workers.push(measurer(database.clone()));
    Ok(Assembled {
        name: "tickets",
        sdl: shared::sdl(&schema),
        routes: shared::endpoint(schema, foundation).merge(rest),
        database,
        outbox,
        subjects: SUBJECTS.to_vec(),
        workers,
        handler: Some(Arc::new(Messages(behind))),
    })
}

fn workers(tickets: &Tickets, sweep: bool) -> Vec<Worker> {
    let [clock, sweeper, forgetter, teller] = [(); 4].map(|()| tickets.clone());
    let mut workers = vec![
        Worker::every("purchase clock", LOOK, move || {
            let tickets = clock.clone();
            async move { tickets.time_out_purchases().await }
        }),
        Worker::every("telling holders of events that are off", TELL, move || {
            let tickets = teller.clone();
            async move { tickets.tell_of_called_off().await }
        }),
        Worker::every("forgetting old idempotency keys", FORGET, move || {
            let tickets = forgetter.clone();
            async move { tickets.forget_old_answers().await }
        }),
    ];
    if sweep {
        workers.push(Worker::every("sweeper", LOOK, move || {
            let tickets = sweeper.clone();
            async move { tickets.tidy_up().await }
        }));
    }
    workers
}

fn measurer(database: Database) -> Worker {
    let reads = SeaReads { database, houses: adapters::outbound::persistence::Houses::default() };
    Worker::every("measuring purchases", MEASURE, move || {
        let reads = reads.clone();
        async move {
            reads.measure_purchases().await?;
            Ok(false)
        }
    })
}
