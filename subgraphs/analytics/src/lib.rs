//! A read model of sales, fed by events: it is told everything and asks nobody.

pub mod adapters;
pub mod config;
pub mod domain;

use std::sync::Arc;

use messaging::Outbox;
use service::{Assembled, Database, Foundation, Memberships, graphql, retention};

pub use adapters::{inbound::http::openapi, outbound::AGES};
pub use analytics_migration::Migrator;
pub use config::Config;
pub use domain::Analytics;

use adapters::{
    inbound::{
        BREATH, Hearer, SUBJECTS,
        graphql::{Graph, loaders::Loaders},
        http,
    },
    outbound::{Announcements, KnownMembers, SeaReads, SeaStore},
};

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    graphql::sdl(&adapters::inbound::graphql::schema().finish())
}

/// The use cases over this database.
pub fn use_cases(_config: &Config, database: &Database, foundation: &Foundation) -> Analytics {
    let announcements = Announcements { bus: foundation.bus.clone() };
    Analytics {
        store: Arc::new(SeaStore { database: database.clone(), announcements: announcements.clone() }),
        reads: Arc::new(SeaReads { database: database.clone() }),
        members: Arc::new(KnownMembers {
            memberships: Memberships::new(database.clone()),
            database: database.clone(),
        }),
        news: Arc::new(announcements),
    }
}

/// The graph over these use cases.
pub fn graph(analytics: Analytics) -> Graph {
    let loaders = graphql::loader(Loaders(analytics.clone()));
    adapters::inbound::graphql::schema().data(analytics).data(loaders).finish()
}

/// Puts the service together; it does not listen yet.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    let analytics = use_cases(&config, &database, foundation);
    let in_background = use_cases(&config, &database.background(), foundation);
    let rest = service::rest::mount(http::ABOUT, http::routes().with_state(analytics.clone()), foundation);
    let workers = vec![retention::worker("analytics", &database, &AGES)];
    Ok(Assembled {
        name: "analytics",
        sdl: sdl(),
        routes: graphql::endpoint(graph(analytics), foundation).merge(rest),
        database,
        // It tells nobody anything.
        outbox: Outbox::default(),
        subjects: SUBJECTS.to_vec(),
        handler: Some(Arc::new(Hearer::new(in_background, BREATH))),
        workers,
    })
}
