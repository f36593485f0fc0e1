//! Inventory, holds, orders, tickets, check-in, and the purchase saga.

pub mod adapters;
pub mod config;
pub mod domain;

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

pub use adapters::inbound::http::openapi;
use adapters::{
    inbound::{
        graphql::{self, Surroundings},
        http::{self, Rest},
        messages::{Messages, SUBJECTS},
        waitlists,
    },
    outbound::{
        pace::PaceByClient,
        persistence::{Events, Houses, Rounds, SeaReads, SeaStore},
        signing_keys::ticket_keys,
    },
};
use domain::{
    entities::TicketKeys,
    sagas::{cancellation::Cancellation, purchase::Purchase, refund::Refunding},
    use_cases::Tickets,
};
use kernel::Fault;
use messaging::Outbox;
use saga::clock::{self, Kind};
use service::{
    Assembled, Database, Foundation, Memberships, graphql as shared, news::News, retention, workers::Worker,
};

pub use adapters::outbound::{google_wallet::GoogleWallet, persistence::AGES};
pub use config::Config;
pub use tickets_migration::Migrator;

/// The sweeper and the purchases' clock sleep until something is due, at least so long: what becomes due within it is
/// done together.
const SHORTEST_SLEEP: Duration = Duration::from_millis(250);
/// And at most so long.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// How often is looked for holders who are to be told that their event is off, or was moved, for prices that are to be told, and
/// for how much is left.
const TELL: Duration = Duration::from_secs(2);
/// How often is looked for names that are to be taken off tickets.
const FORGET: Duration = Duration::from_secs(5);
/// How often promo codes are settled.
const SETTLE: Duration = Duration::from_secs(5);
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
    let store = store(config, database, foundation);
    let outbox = store.outbox.clone();
    let keys = ticket_keys(&config.signing_keys, database).await?;
    Ok((over(config, store, keys, foundation), outbox))
}

fn store(config: &Config, database: &Database, foundation: &Foundation) -> SeaStore {
    SeaStore {
        database: database.clone(),
        outbox: Outbox::default(),
        bus: foundation.bus.clone(),
        houses: Houses::default(),
        events: Events::default(),
        rounds: Rounds::new(config.queue, database.clone()),
    }
}

fn over(config: &Config, store: SeaStore, keys: TicketKeys, foundation: &Foundation) -> Tickets {
    let reads = SeaReads::new(store.database.clone(), store.houses.clone());
    let members = Memberships::new(store.database.clone());
    let pace = Arc::new(PaceByClient::new(config));
    let clock = foundation.clock.clone();
    Tickets::new(Arc::new(store), Arc::new(reads), Arc::new(members), pace, keys, clock, config.terms())
}

/// Puts the service together. The database is connected and up to date.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    let (store, keys) =
        (store(&config, &database, foundation), ticket_keys(&config.signing_keys, &database).await?);
    let outbox = store.outbox.clone();
    // Purchases go on, and what has run out is given back, however many ask at the door.
    let rounds = store.rounds.behind();
    let behind = SeaStore { database: database.background(), rounds, ..store.clone() };
    let tickets = over(&config, store, keys.clone(), foundation);
    let behind = over(&config, behind, keys, foundation);
    let wallet = config.wallet.as_ref().map(GoogleWallet::of).transpose()?;
    let surroundings = Surroundings::new(&tickets, foundation.bus.clone(), config.public_url.clone());
    let surroundings = surroundings.with_wallet(wallet);
    let schema = graphql::schema(Some((tickets.clone(), surroundings)));
    let rest =
        Rest { tickets: tickets.clone(), public_url: config.public_url, maps: http::SeatMaps::default() };
    let rest = service::rest::mount(http::ABOUT, http::routes().with_state(rest), foundation);
    let mut workers = workers(&behind, database.background(), config.sweep);
    workers.push(waitlists::worker(behind.clone(), News::new(foundation.bus.clone()), sleeps(&behind)));
    workers.push(retention::worker("tickets", &database, &AGES));
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

/// How long is slept between looks for what is due. Whatever is written down from now on is due no sooner than the longest
/// sleep, so that who slept meanwhile is in time for it.
fn sleeps(tickets: &Tickets) -> RangeInclusive<Duration> {
    let soonest = tickets.terms.soonest_deadline();
    SHORTEST_SLEEP..=LONGEST_SLEEP.min(soonest).max(SHORTEST_SLEEP)
}

fn workers(tickets: &Tickets, database: Database, sweep: bool) -> Vec<Worker> {
    let [clock, sweeper, teller, mover, lister] = [(); 5].map(|()| tickets.clone());
    let measured = database.clone();
    let mut workers = vec![
        Worker::timed("saga clock", sleeps(tickets), move || {
            let (tickets, database) = (clock.clone(), database.clone());
            async move { clock::tick(&database, &tickets).await }
        }),
        Worker::every("telling holders of events that are off", TELL, move || {
            let tickets = teller.clone();
            async move { tickets.tell_of_called_off().await }
        }),
        Worker::every("telling holders of events that were moved", TELL, move || {
            let tickets = mover.clone();
            async move { tickets.tell_of_moves().await }
        }),
        Worker::every("telling what tickets are listed for", TELL, move || {
            let tickets = lister.clone();
            async move { tickets.tell_of_listed_prices().await }
        }),
    ];
    workers.push(Worker::every("measuring sagas", MEASURE, move || {
        let database = measured.clone();
        async move {
            clock::measure(
                &database,
                &[Kind::of::<Purchase>(), Kind::of::<Refunding>(), Kind::of::<Cancellation>()],
            )
            .await?;
            Ok(false)
        }
    }));
    let counter = tickets.clone();
    workers.push(Worker::every("telling how much is left", TELL, move || {
        let tickets = counter.clone();
        async move { tickets.tell_of_stock().await }
    }));
    let forgetter = tickets.clone();
    workers.push(Worker::every("forgetting who went in", FORGET, move || {
        let tickets = forgetter.clone();
        async move { tickets.forget_who_went_in().await }
    }));
    let settler = tickets.clone();
    workers.push(Worker::every("settling promo codes", SETTLE, move || {
        let tickets = settler.clone();
        async move { tickets.settle_promo_codes().await }
    }));
    if sweep {
        workers.push(Worker::timed("sweeper", sleeps(tickets), move || {
            let tickets = sweeper.clone();
            async move { tickets.tidy_up().await }
        }));
    }
    workers
}
