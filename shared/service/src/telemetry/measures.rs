use std::{sync::OnceLock, time::Duration};

use metrics::{Unit, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use sea_orm::{DatabaseConnection, DbBackend};

use crate::Database;

/// What kind of number a measure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often, in which time; in seconds.
    Histogram,
}

/// Something that is measured under a name that stays.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// As Prometheus knows it.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// By what it is told apart; each has few values, none of them a person's, an event's or an order's.
    pub labels: &'static [&'static str],
    /// For the person who reads it.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Measure {
    Measure { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Measure {
    Measure { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Measure {
    Measure { name, kind: Kind::Histogram, labels, help }
}

/// Everything that is measured, but the process itself and the router's library.
/// `docs/operations/metrics.md` says what to do about it.
pub const CATALOGUE: &[Measure] = &[
    gauge("odysseus_build_info", &["version"], "Always 1; which version this is."),
    histogram(
        "http_request_duration_seconds",
        &["service", "method", "route", "status"],
        "How long a service took to answer a request.",
    ),
    histogram(
        "graphql_operation_duration_seconds",
        &["operation"],
        "How long a subgraph took for an operation, by its kind and root field.",
    ),
    counter("graphql_errors_total", &["code"], "Errors in answers of subgraphs, by code."),
    counter(
        "graphql_deprecated_fields_total",
        &["field", "client"],
        "Operations that ask for what is deprecated, by that and by the client's name.",
    ),
    counter(
        "refusals_total",
        &["operation", "code"],
        "What the business said no to, by root field and code.",
    ),
    gauge("graphql_subscriptions_open", &["operation"], "Subscriptions that are being followed just now."),
    counter("outbox_sent_total", &["service"], "Messages that left a service's outbox."),
    gauge("outbox_waiting", &["service"], "Messages that wait in a service's outbox."),
    gauge("outbox_oldest_seconds", &["service"], "How long the oldest of them waits."),
    counter("bus_announcements_skipped_total", &[], "Live news that came faster than they were taken."),
    counter("bus_announcements_dropped_total", &[], "Live news that could not be announced."),
    counter("bus_redeliveries_total", &["consumer"], "Deliveries that failed and come again."),
    counter(
        "bus_messages_lost_total",
        &["consumer"],
        "Messages that a full stream forgot before a consumer had them, at most.",
    ),
    counter(
        "bus_messages_recovered_total",
        &["consumer"],
        "Messages that a consumer got from the outboxes after a stream had forgotten them.",
    ),
    gauge(
        "bus_messages_missing",
        &["consumer"],
        "Messages that streams forgot and a consumer has not got yet, at most.",
    ),
    counter(
        "bus_messages_gone_total",
        &["consumer"],
        "Messages that streams forgot and that are too old for any outbox, at most.",
    ),
    counter("bus_dead_letters_total", &["consumer"], "Messages that nobody could handle."),
    gauge(
        "dead_letters_waiting",
        &["service"],
        "Messages that nobody could handle and no person has looked at.",
    ),
    gauge("database_connections", &["service", "state"], "Connections to the database, in use or idle."),
    counter("clients_limited_total", &["what"], "What was refused because one client did too much of it."),
    gauge(
        "breaker_state",
        &["name"],
        "The circuit breaker before something outside: 0 closed, 1 trying, 2 open.",
    ),
    counter("breaker_refusals_total", &["name"], "Calls that were not made, because the breaker was open."),
    counter("breaker_failures_total", &["name"], "Calls that failed or took too long."),
    histogram("outgoing_seconds", &["name"], "How long calls to something outside took."),
    gauge("requests_in_flight", &["service"], "Requests that are being answered."),
    gauge("sockets_open", &["service"], "Sockets of subscribers that are open."),
    counter(
        "requests_refused_total",
        &["service", "why"],
        "Requests refused at the door: too many, or no database.",
    ),
    counter(
        "notifications_unreachable_total",
        &[],
        "Addresses to which mail does not arrive, as they are found.",
    ),
    counter("printing_letters_missing_total", &[], "Letters on tickets that no font has."),
    counter("users_logins_total", &["outcome"], "Logins that were accepted or refused."),
    counter(
        "users_second_factors_total",
        &["outcome"],
        "Codes of second factors that were accepted or refused at a login.",
    ),
    counter(
        "users_refresh_tokens_reused_total",
        &[],
        "Refresh tokens that came a second time: perhaps stolen.",
    ),
    counter("tickets_requests_total", &["what", "result"], "What was asked of tickets, and what came of it."),
    counter(
        "rows_forgotten_total",
        &["service", "table"],
        "Rows deleted because they were older than their table keeps them.",
    ),
    gauge(
        "reconciliation_differences",
        &[],
        "Payments of which the payment provider's books say something else than ours.",
    ),
    counter("sagas_set_aside_total", &["saga"], "Sagas that cannot go on and were set aside for a while."),
    counter(
        "sweeps_failed_total",
        &[],
        "Events of which what has run out could not be given back by the sweeper.",
    ),
    counter(
        "holders_not_told_total",
        &[],
        "Orders or events whose holders could not be told that their event is off.",
    ),
    counter("holds_total", &["outcome"], "Wishes to hold places: held, refused, or failed."),
    counter("waitlist_offers_total", &[], "Offers that were made to who waits."),
    counter(
        "waitlist_entries_ended_total",
        &["how"],
        "Entries of waiting lists that came to their end: bought, declined, offer_expired, left, sales_ended, event_cancelled.",
    ),
    counter(
        "waitlists_failed_total",
        &[],
        "Waiting lists that could not be seen to: what came free of their events is kept until they can.",
    ),
    counter("event_queue_refused_total", &[], "Requests that found the queue of their event full."),
    counter("event_rounds_total", &[], "Transactions in which an event was locked."),
    counter(
        "event_turns_total",
        &[],
        "Decisions that became durable in them, several together when many want an event.",
    ),
    gauge(
        "holds_waiting",
        &[],
        "Wishes to hold places that are being decided or wait for their event's turn.",
    ),
    counter(
        "holds_behind_buyers_total",
        &[],
        "Wishes to hold places that waited in the router until fewer people checked out and paid.",
    ),
    counter("holds_expired_total", &[], "Holds that ran out before they were paid for or given back."),
    counter("saga_steps_total", &["saga", "step"], "What moved sagas on, such as TAKE_PAYMENT_DONE."),
    counter("sagas_ended_total", &["saga", "end"], "Sagas that came to an end: done, or undone."),
    gauge("sagas_open", &["saga", "step"], "Sagas that wait for a step just now."),
    gauge("saga_oldest_seconds", &["saga", "step"], "Age of the oldest saga that waits for a step just now."),
    counter("orders_ended_total", &["end"], "Orders that came to an end, by how."),
    gauge(
        "seat_map_watchers",
        &[],
        "Streams of seat maps that are followed just now, each by a router for many viewers or by one alone.",
    ),
    gauge(
        "live_viewers",
        &["operation"],
        "Who watches a stream that the router shares among all its viewers.",
    ),
    counter(
        "payments_total",
        &["outcome"],
        "Payments that were captured, declined, refunded, partly_refunded or disputed, and refunds that failed.",
    ),
    counter(
        "payments_refunds_refused_total",
        &[],
        "Refunds that the payment provider refused for good; what stands there is looked up.",
    ),
    counter("payments_told_total", &["subject"], "What payments told other services."),
    counter(
        "payments_webhooks_total",
        &["outcome"],
        "Webhooks that were heard, repeated, put aside or refused.",
    ),
    counter(
        "payments_account_refused_total",
        &["for"],
        "Charges and refunds that the payment provider refused for the account of an organization.",
    ),
    counter(
        "payments_payouts_total",
        &["kind", "outcome"],
        "What was moved to organizations: paid out, or to and from their accounts; sent, paid, failed or refused.",
    ),
    counter("payments_provider_unanswered_total", &[], "Questions that the payment provider did not answer."),
    counter(
        "notifications_total",
        &["channel", "outcome", "kind"],
        "Tries to send a mail or an SMS: sent, to be tried again, or given up.",
    ),
    gauge("notifications_waiting", &["channel"], "Mails, and SMS, that wait to be sent."),
    gauge("notifications_oldest_seconds", &["channel"], "How long the oldest of them waits."),
];

/// How often what has to be looked up is looked up.
const LOOK: Duration = Duration::from_secs(5);

struct Recorder {
    handle: PrometheusHandle,
    process: Collector,
}

/// The process's metrics, in Prometheus' text format.
pub fn metrics() -> String {
    let Some(recorder) = recorder() else { return String::new() };
    recorder.process.collect();
    recorder.handle.render()
}

/// Starts collecting metrics. A second call changes nothing.
pub fn measure() {
    recorder();
}

fn recorder() -> Option<&'static Recorder> {
    static RECORDER: OnceLock<Option<Recorder>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
            let handle = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &seconds)
                .and_then(|builder| {
                    builder.set_buckets_for_metric(Matcher::Full("outgoing_seconds".to_owned()), &seconds)
                })
                .and_then(PrometheusBuilder::install_recorder)
                .inspect_err(|error| tracing::error!(%error, "metrics are not collected"))
                .ok()?;
            describe();
            let process = Collector::default();
            process.describe();
            Some(Recorder { handle, process })
        })
        .as_ref()
}

fn describe() {
    for Measure { name, kind, help, .. } in CATALOGUE {
        match kind {
            Kind::Counter => metrics::describe_counter!(*name, *help),
            Kind::Gauge => metrics::describe_gauge!(*name, *help),
            Kind::Histogram => metrics::describe_histogram!(*name, Unit::Seconds, *help),
        }
    }
    gauge!("odysseus_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// Looks again and again at what a service has to look up in order to tell it. Ends with the task it runs in.
pub(crate) async fn watch(service: &'static str, database: Database, dead: messaging::DeadLetters) {
    loop {
        connections(service, &database);
        match dead.count().await {
            #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 dead letters")]
            Ok(count) => gauge!("dead_letters_waiting", "service" => service).set(count as f64),
            Err(fault) => tracing::debug!(service, error = fault.chain(), "dead letters cannot be counted"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn connections(service: &'static str, database: &Database) {
    let (mut open, mut idle) = pool(&database.writes);
    if database.writes.get_database_backend() == DbBackend::Sqlite {
        let (more, more_idle) = pool(&database.reads);
        (open, idle) = (open + more, idle + more_idle);
    }
    let in_use = open.saturating_sub(idle);
    gauge!("database_connections", "service" => service, "state" => "in_use").set(f64::from(in_use));
    gauge!("database_connections", "service" => service, "state" => "idle").set(f64::from(idle));
}

/// How many connections a pool has, and how many of them are idle.
fn pool(connection: &DatabaseConnection) -> (u32, u32) {
    let count = |idle: usize| u32::try_from(idle).unwrap_or(u32::MAX);
    if connection.get_database_backend() == DbBackend::Postgres {
        let pool = connection.get_postgres_connection_pool();
        return (pool.size(), count(pool.num_idle()));
    }
    let pool = connection.get_sqlite_connection_pool();
    (pool.size(), count(pool.num_idle()))
}
