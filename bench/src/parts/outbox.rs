use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use contracts::Announcement;
use kernel::{Clock as _, SystemClock};
use messaging::{
    Bus as _, Consumer, DeadLetters, Handler, InProcessBus, Message, Outbox, Relay, Store, outbox, tables,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, TransactionTrait as _};
use sea_orm_migration::SchemaManager;
use service::{Database, retention};
use testbed::Postgres;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{cpu::Meter, load::Times, report::Figure};

/// How many messages are written by a statement.
const CHUNK: u64 = 1_000_000;
/// How often each is measured.
const LOOKS: u32 = 200;
const BATCHES: u32 = 200;
const TOLD: u32 = 200;
/// How many kinds of messages there are.
const KINDS: u64 = 20;
/// Over how many days they were sent: half of them are older than is kept.
const DAYS: u64 = 14;
/// How long a message may take to be told.
const PATIENCE: Duration = Duration::from_secs(10);
const SUBJECT: &str = "odysseus.bench.thing.v1";

/// What relay and sweep do of a long history: so many messages that were sent.
pub(crate) async fn outbox(rows: u64) -> anyhow::Result<Vec<Figure>> {
    // Its folder goes with it.
    let server = Postgres::durable().await;
    let url = server.create_database("outbox").await?;
    let begun = Instant::now();
    fill(&url, rows).await?;
    let filled = begun.elapsed().as_secs_f64();
    let database = Database::connect(&url, 4).await?;
    let meter = Meter::start();
    let look = looks(&database).await?;
    let told = tells(&database).await?;
    let batch = batches(&database).await?;
    let after = looks(&database).await?;
    let limits = meter.limits();
    let what = format!("beside {rows} messages that were sent");
    let mut figures = vec![Figure::new("filling the outbox", filled, "s").with_note(format!("{rows} rows"))];
    for (of, times) in [
        (format!("the relay's look {what}"), look),
        (format!("the same after {BATCHES} batches of the sweep"), after),
        (format!("from a commit to the bus {what}"), told),
        (format!("a batch of the sweep {what}"), batch),
    ] {
        figures.extend(times.figures(&of));
    }
    let last = figures.pop().map(|figure| figure.with_note(limits));
    figures.extend(last);
    Ok(figures)
}

/// Makes the tables as services do, and sends messages in the past.
async fn fill(url: &str, rows: u64) -> anyhow::Result<()> {
    let database = Database::connect(url, 1).await?.unhurried().await?;
    let manager = SchemaManager::new(&database);
    tables::create(&manager).await?;
    let mut written = 0;
    while written < rows {
        let until = rows.min(written + CHUNK);
        let first = written + 1;
        // Ids that rise, as those of services do.
        let insert = format!(
            "INSERT INTO outbox (id, subject, about, version, occurred_at, headers, payload, claimed_until, sent_at) \
             SELECT CAST(LPAD(TO_HEX(n), 32, '0') AS UUID), 'odysseus.bench.thing_' || n % {KINDS} || '.v1', \
             CAST(LPAD(TO_HEX(n), 32, '0') AS UUID), 0, at, '{{}}', JSON_BUILD_OBJECT('orderId', n, 'reason', REPEAT('x', 200)), 0, at \
             FROM (SELECT n, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT) \
             - CAST({rows} - n AS BIGINT) * {DAYS} * 86400000 / {rows} AS at FROM generate_series({first}, {until}) AS n) AS made"
        );
        database.execute_unprepared(&insert).await?;
        written = until;
    }
    tables::index_by_age(&manager).await?;
    tables::number(&manager).await?;
    tables::index_by_number(&manager).await?;
    database.execute_unprepared("VACUUM (ANALYZE) outbox").await?;
    database.execute_unprepared("CHECKPOINT").await?;
    Ok(database.close().await?)
}

/// Whether something waits, and whether a stream has lost something.
async fn looks(database: &Database) -> anyhow::Result<Times> {
    let there_always = Store {
        kinds: vec!["odysseus.bench.".to_owned()],
        since: SystemClock.now() - chrono::Duration::days(400),
    };
    let mut times = Times::new();
    for _ in 0..LOOKS {
        let begun = Instant::now();
        let waiting = outbox::waiting(&database.writes).await?;
        let (lost, _) = outbox::lost(&database.writes, std::slice::from_ref(&there_always)).await?;
        times.note(begun.elapsed());
        anyhow::ensure!((waiting, lost) == (0, 0), "{waiting} messages wait and {lost} are lost");
    }
    Ok(times)
}

/// Messages that are committed one by one, as a relay publishes them.
async fn tells(database: &Database) -> anyhow::Result<Times> {
    let bus = InProcessBus::new();
    let (heard, mut coming) = mpsc::unbounded_channel();
    let connection = database.writes.clone();
    let dead_letters = DeadLetters::new(connection.clone(), Arc::new(SystemClock));
    let handler = Arc::new(Hears(heard));
    bus.subscribe(Consumer { name: "bench", subjects: vec![SUBJECT], handler, dead_letters }).await?;
    bus.open().await?;
    let (news, stop) = (Outbox::default(), CancellationToken::new());
    let relay =
        Relay { service: "bench", database: connection.clone(), outbox: news.clone(), bus: Arc::new(bus) };
    let relay = tokio::spawn(relay.run(stop.clone()));
    let mut times = Times::new();
    for version in 0..TOLD {
        // From before the commit: a relay that is at work finds what is committed without being told.
        let begun = Instant::now();
        commit(&connection, &news, version.into()).await?;
        let message =
            timeout(PATIENCE, coming.recv()).await?.ok_or_else(|| anyhow::anyhow!("the relay has gone"))?;
        times.note(begun.elapsed());
        anyhow::ensure!(message.version == i64::from(version), "version {version} is not told once");
    }
    stop.cancel();
    relay.await?;
    Ok(times)
}

async fn commit(connection: &DatabaseConnection, outbox: &Outbox, version: i64) -> anyhow::Result<()> {
    let announcement = Announcement {
        subject: SUBJECT,
        about: kernel::Id::<()>::new().uuid(),
        version,
        payload: serde_json::json!({}),
    };
    let transaction = connection.begin().await?;
    let mut told = outbox.begin();
    told.append(&transaction, [announcement], SystemClock.now()).await?;
    transaction.commit().await?;
    told.is_committed();
    Ok(())
}

/// Batches of what is older than is kept.
async fn batches(database: &Database) -> anyhow::Result<Times> {
    let mut times = Times::new();
    for _ in 0..BATCHES {
        let now = database.now().await?;
        let begun = Instant::now();
        let more = retention::forget_once("bench", database, &[], now).await?;
        times.note(begun.elapsed());
        if !more {
            break;
        }
    }
    Ok(times)
}

/// Passes on what it hears.
struct Hears(mpsc::UnboundedSender<Message>);

#[async_trait]
impl Handler for Hears {
    async fn handle(&self, message: &Message) -> kernel::Result<()> {
        // Whoever hears nothing any more has heard enough.
        drop(self.0.send(message.clone()));
        Ok(())
    }
}
