//! Venues, layouts, events and their discovery.
//!
//! Rules are in [`domain`], what connects them with the world in [`adapters`]; this file puts them
//! together.

use std::sync::Arc;

use messaging::Outbox;
use service::{Assembled, Database, Foundation, retention};

pub mod adapters;
pub mod config;
pub mod domain;

pub use adapters::{
    inbound::{graphql::sdl, http::openapi},
    outbound::persistence::AGES,
};
pub use config::Config;
pub use domain::Events;
pub use events_migration::Migrator;

use adapters::{
    inbound::{
        events::{BREATH, Inbox, SUBJECTS},
        graphql, http,
    },
    outbound::{
        client_limits::LimitedClients,
        persistence::{CopiedMembers, SeaReads, SeaStore},
        rendering::Darkroom,
    },
};

/// The use cases on this database, for whoever calls them directly.
pub fn use_cases(config: &Config, database: Database, foundation: &Foundation) -> Events {
    wired(config, database, foundation, Outbox::default())
}

fn wired(config: &Config, database: Database, foundation: &Foundation, outbox: Outbox) -> Events {
    let clock = foundation.clock.clone();
    Events {
        store: Arc::new(SeaStore::new(database.clone(), outbox, clock.clone())),
        reads: Arc::new(SeaReads::new(database.clone())),
        members: Arc::new(CopiedMembers::new(database)),
        limits: Arc::new(LimitedClients::new(config.searches, config.pictures)),
        renderer: Arc::new(Darkroom::default()),
        clock,
        layout_max_seats: config.layout_max_seats,
    }
}

/// The service on a database that is connected and migrated, put together and not yet running.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    let outbox = Outbox::default();
    let events = wired(&config, database.clone(), foundation, outbox.clone());
    let in_background = wired(&config, database.background(), foundation, outbox.clone());
    let workers = vec![retention::worker("events", &database, &AGES)];
    Ok(Assembled {
        name: "events",
        sdl: sdl(),
        routes: service::graphql::endpoint(graphql::schema(events.clone(), &config.public_url), foundation)
            .merge(http::routes(events, &config.public_url, foundation)),
        database,
        outbox,
        subjects: SUBJECTS.to_vec(),
        handler: Some(Arc::new(Inbox::new(in_background, BREATH))),
        workers,
    })
}

#[cfg(test)]
mod test_stage;
