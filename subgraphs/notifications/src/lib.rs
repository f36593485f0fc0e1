//! Mail, SMS and in-app messages.
//!
//! Whatever is to be told is a row, committed together with the inbox row of the message that brought
//! it about; a unique index keeps anybody from being told the same twice. Mails and SMS are sent afterwards, by
//! a worker each, for as long as it takes: a mail server that is down stops no sale and loses no mail.

pub mod adapters;
pub mod config;
pub mod domain;
mod sending;

pub use adapters::outbound::persistence::AGES;
pub use config::Config;
pub use domain::use_cases::Notifications;
pub use notifications_migration::Migrator;

use std::{sync::Arc, time::Duration};

use adapters::{
    inbound::{
        events::{Events, SUBJECTS},
        graphql, http,
    },
    outbound::{
        announcements::Announcements, persistence::SeaStore, smtp::SmtpMailer, traced::Traced, twilio::Twilio,
    },
};
use domain::{entities::Channel, ports::SmsGateway};
use machine::Machine;
use messaging::Outbox;
use sending::Pace;
use service::{Assembled, Database, Foundation, retention, workers::Worker};
use tokio::sync::Notify;

/// How often is measured what has to be looked up.
const MEASURE: Duration = Duration::from_secs(5);
/// The longest time until it is looked again who is to be reminded. Whoever is to be reminded sooner than that has only just
/// bought, or heard that an event was moved; so nobody wakes that worker.
const LOOK_FOR_REMINDERS: Duration = Duration::from_mins(1);
/// How long to wait when it cannot be looked.
const REST: Duration = Duration::from_secs(5);

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    service::graphql::sdl(&graphql::bare())
}

/// The OpenAPI document of the REST routes.
pub fn openapi() -> serde_json::Value {
    http::openapi()
}

/// The use cases alone, for callers in the same process. Mails and SMS that they queue are sent by workers of
/// the assembled service.
pub fn use_cases(
    config: &Config,
    database: &Database,
    foundation: &Foundation,
) -> anyhow::Result<Notifications> {
    Ok(wired(config, database, foundation)?.notifications)
}

/// Puts the service together; nothing runs yet.
pub async fn assemble(
    config: Config,
    database: Database,
    foundation: &Foundation,
) -> anyhow::Result<Assembled> {
    config.check()?;
    let Wired { notifications, behind, store, outbox, mails, sms } = wired(&config, &database, foundation)?;
    let measured = store.clone();
    let pace = || Pace::on(Machine::default(), config.sent_per_second);
    let mut workers = Vec::new();
    let (sending, queue, often) = (behind.clone(), store.clone(), pace());
    workers.push(Worker::new("mails", move |stop| {
        sending::run(sending, queue, Channel::Email, often, mails, stop)
    }));
    if notifications.sms.is_some() {
        let (sending, often) = (behind.clone(), pace());
        workers.push(Worker::new("SMS", move |stop| {
            sending::run(sending, store, Channel::Sms, often, sms, stop)
        }));
    }
    let reminding = behind.clone();
    workers.push(Worker::timed("reminders", Duration::ZERO..=LOOK_FOR_REMINDERS, move || {
        let notifications = reminding.clone();
        async move {
            notifications.remind().await.map(|wait| wait.unwrap_or(LOOK_FOR_REMINDERS)).or_else(|error| {
                tracing::error!(%error, "nobody could be reminded of what begins soon");
                Ok(REST)
            })
        }
    }));
    workers.push(Worker::every("measuring what waits", MEASURE, move || {
        let store = measured.clone();
        async move {
            store.measure().await?;
            Ok(false)
        }
    }));
    workers.push(retention::worker("notifications", &database, &AGES));
    let schema = graphql::schema(notifications.clone());
    Ok(Assembled {
        name: "notifications",
        sdl: sdl(),
        routes: service::graphql::endpoint(schema, foundation).merge(http::routes(
            notifications.clone(),
            &config.bounce_secret,
            foundation,
        )),
        database,
        outbox,
        subjects: SUBJECTS.to_vec(),
        handler: Some(Arc::new(Events(behind))),
        workers,
    })
}

struct Wired {
    /// For requests.
    notifications: Notifications,
    /// For what comes from the bus and for workers, on connections of their own.
    behind: Notifications,
    store: SeaStore,
    outbox: Outbox,
    mails: Arc<Notify>,
    sms: Arc<Notify>,
}

fn wired(config: &Config, database: &Database, foundation: &Foundation) -> anyhow::Result<Wired> {
    let (outbox, mails, sms) = (Outbox::default(), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let twilio = Twilio::new(config)?.map(|twilio| Arc::new(Traced(twilio)) as Arc<dyn SmsGateway>);
    let announcements = Announcements::new(foundation.bus.clone());
    let on = |database: Database| {
        SeaStore::new(database, outbox.clone(), mails.clone(), sms.clone(), announcements.clone())
    };
    let (front, store) = (on(database.clone()), on(database.background()));
    let notifications = Notifications {
        store: Arc::new(front.clone()),
        queue: Arc::new(front.clone()),
        reads: Arc::new(front),
        news: Arc::new(announcements.clone()),
        mailer: Arc::new(Traced(SmtpMailer::new(config)?)),
        sms: twilio,
        patience: chrono::Duration::hours(i64::from(config.mail_patience_hours)),
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        mails_to_others: config.mails_to_others_per_day,
    };
    let behind = Notifications {
        store: Arc::new(store.clone()),
        queue: Arc::new(store.clone()),
        reads: Arc::new(store.clone()),
        ..notifications.clone()
    };
    Ok(Wired { notifications, behind, store, outbox, mails, sms })
}
