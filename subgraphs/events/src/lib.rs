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
        index::{Replica, following::Follower},
        persistence::{CopiedMembers, Feed, SeaReads, SeaStore},
        rendering::Darkroom,
    },
};

/// The use cases on this database, for whoever calls them directly.
pub fn use_cases(config: &Config, database: Database, foundation: &Foundation) -> Events {
    wired(config, database, foundation, Outbox::default(), &Replica::default())
}

/// The same with an index, and what makes and keeps it.
pub fn indexed_use_cases(
    config: &Config,
    database: Database,
    foundation: &Foundation,
) -> (Events, Replica, Follower) {
    let replica = Replica::default();
    let follower = follower(config, &database, foundation, &replica);
    (wired(config, database, foundation, Outbox::default(), &replica), replica, follower)
}

/// Has all replicas make their indexes anew, beside those from which they answer.
pub async fn ask_for_new_indexes(database: &Database) -> kernel::Result<()> {
    Ok(Feed::new(database).ask_for_rebuild().await?)
}

fn follower(config: &Config, database: &Database, foundation: &Foundation, replica: &Replica) -> Follower {
    Follower {
        replica: replica.clone(),
        feed: Feed::new(database),
        folder: config.index_folder.clone().unwrap_or_else(std::env::temp_dir),
        bus: foundation.bus.clone(),
        clock: foundation.clock.clone(),
    }
}

fn wired(
    config: &Config,
    database: Database,
    foundation: &Foundation,
    outbox: Outbox,
    replica: &Replica,
) -> Events {
    let clock = foundation.clock.clone();
    Events {
        store: Arc::new(SeaStore::new(database.clone(), outbox, replica.touches(), clock.clone())),
        reads: Arc::new(SeaReads::new(database.clone())),
        index: Arc::new(replica.clone()),
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
    let replica = Replica::default();
    let events = wired(&config, database.clone(), foundation, outbox.clone(), &replica);
    let in_background = wired(&config, database.background(), foundation, outbox.clone(), &replica);
    let follower = follower(&config, &database, foundation, &replica);
    let workers = vec![retention::worker("events", &database, &AGES), follower.worker()];
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
