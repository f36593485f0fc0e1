//! What a full stream forgets before a consumer has it comes from the outboxes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::{self, consumer::pull::Config};
use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::Fault;
use messaging::{Bus, Consumer, JetStream, Message, Store, jetstream::Settings};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use testbed::{Nats, Postgres};
use tokio::sync::watch;

use crate::{
    stage::{is_ready, message},
    world::{Listener, Mood, Teller, count, soon},
};

/// Room for some fifty messages.
const SMALL: i64 = 20_000;

async fn process(server: &Nats) -> Arc<dyn Bus> {
    let settings = Settings { stream_bytes: SMALL, ..Settings::of(server.url()) };
    let bus = JetStream::connect(settings).await.unwrap();
    is_ready(&bus).await;
    Arc::new(bus)
}

/// A process in which this listener hears, from now on.
async fn hearing(server: &Nats, listener: &Listener) -> Arc<dyn Bus> {
    let bus = process(server).await;
    listener.joins(bus.as_ref()).await;
    bus.open().await.unwrap();
    bus
}

/// Waits until nothing is missing any more.
async fn has_no_gap(listener: &Listener) {
    has(listener, "gaps WHERE open <> '[]'", false).await;
}

/// Waits until its database has such rows, or none of them any more.
async fn has(listener: &Listener, rows: &str, some: bool) {
    soon(async {
        while (count(&listener.database, rows).await > 0) != some {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_full_stream_forgot_while_a_consumer_was_away_comes_from_the_outbox() {
    let here = Listener::new("two", |_| Ok(())).await;
    comes_from_the_outbox(Teller::new().await, Listener::new("one", |_| Ok(())).await, here).await;
}

#[tokio::test]
async fn the_same_where_they_have_postgresql() {
    let postgres = Postgres::any().await;
    // A place that is dropped takes its database with it.
    let place = async |name| testbed::empty_database(&postgres, name).await;
    let (tellers, one, two) = (place("teller").await, place("one").await, place("two").await);
    let teller = Teller::in_database(tellers.connect().await.writes).await;
    let away = Listener::in_database("one", one.connect().await.writes).await;
    let here = Listener::in_database("two", two.connect().await.writes).await;
    comes_from_the_outbox(teller, away, here).await;
}

async fn comes_from_the_outbox(teller: Teller, away: Listener, here: Listener) {
    let server = Nats::start().await;
    let first = hearing(&server, &away).await;
    let _other = hearing(&server, &here).await;
    let (_relay, _stop) = teller.relay(process(&server).await);
    teller.tells(10).await;
    away.has_done(10).await;
    first.close().await;
    teller.tells(500).await; // ten times what there is room for
    teller.has_told_all().await;
    let _again = hearing(&server, &away).await;
    away.has_done(510).await;
    has_no_gap(&away).await;
    assert_eq!(away.deliveries(), 510, "what it lost, and no more");
    // A stream forgets what is read too slowly, besides.
    here.has_done(510).await;
    assert_eq!(count(&away.database, "gaps").await, 1, "it was told of");
}

#[tokio::test]
async fn a_consumer_that_was_away_from_its_first_message_on_gets_all() {
    let server = Nats::start().await;
    let (away, teller) = (Listener::new("one", |_| Ok(())).await, Teller::new().await);
    let first = hearing(&server, &away).await;
    let operator = jetstream::new(async_nats::connect(server.url()).await.unwrap());
    soon(async {
        while operator.get_consumer_from_stream::<Config, _, _>("one", "odysseus-test").await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    first.close().await;
    let (_relay, _stop) = teller.relay(process(&server).await);
    teller.tells(300).await;
    teller.has_told_all().await;
    let _again = hearing(&server, &away).await;
    away.has_done(300).await;
    // Who is new has lost nothing.
    let new = Listener::new("new", |_| Ok(())).await;
    let _new = hearing(&server, &new).await;
    new.was_asked(1).await;
    assert_eq!(count(&new.database, "gaps").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_a_flood_overtakes_get_what_they_were_too_slow_for() {
    let server = Nats::start().await;
    let slow: Mood = |_| {
        std::thread::sleep(Duration::from_millis(5));
        Ok(())
    };
    let (one, teller) = (Listener::new("one", slow).await, Teller::new().await);
    let two = one.replica();
    let (_here, _there) = (hearing(&server, &one).await, hearing(&server, &two).await);
    let (_relay, _stop) = teller.relay(process(&server).await);
    for _ in 0..10 {
        teller.tells(100).await;
        teller.has_told_all().await;
    }
    one.has_done(1_000).await;
    has_no_gap(&one).await;
    assert_eq!(count(&one.database, "gaps").await, 1, "it was overtaken");
}

/// A bus that tells of the first message only after its relay has looked at the streams twice that it was published.
struct Tardy {
    bus: Arc<dyn Bus>,
    published: AtomicU32,
    looks: watch::Sender<u32>,
}

#[async_trait]
impl Bus for Tardy {
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        let number = self.bus.publish(message).await?;
        if self.published.fetch_add(1, Ordering::SeqCst) == 0 {
            let looks = *self.looks.borrow();
            drop(self.looks.subscribe().wait_for(|now| *now >= looks + 2).await);
        }
        Ok(number)
    }

    async fn subscribe(&self, consumer: Consumer) -> Result<(), Fault> {
        self.bus.subscribe(consumer).await
    }

    async fn open(&self) -> Result<(), Fault> {
        self.bus.open().await
    }

    async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault> {
        self.bus.announce(topic, payload).await
    }

    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault> {
        self.bus.listen(topic).await
    }

    async fn stores(&self) -> Result<Vec<Store>, Fault> {
        self.looks.send_modify(|looks| *looks += 1);
        self.bus.stores().await
    }

    async fn ready(&self) -> Result<(), Fault> {
        self.bus.ready().await
    }
}

/// The relay knew nothing of the stream when it published, and had looked at it before it marked what it had published.
#[tokio::test]
async fn who_is_overtaken_while_it_runs_misses_nothing_that_was_published_when_the_stream_was_made() {
    let server = Nats::start().await;
    let (here, teller) = (Listener::new("one", |_| Ok(())).await, Teller::new().await);
    let bus = process(&server).await;
    // Another new stream would make the relay look once more.
    let elsewhere = Message { subject: "odysseus.one.thing.done.v1".to_owned(), ..message(json!({})) };
    bus.publish(&elsewhere).await.unwrap();
    let tardy = Tardy { bus, published: AtomicU32::new(0), looks: watch::Sender::new(0) };
    let (_relay, _stop) = teller.relay(Arc::new(tardy));
    teller.tells(1).await;
    teller.has_told_all().await;
    let _hears = hearing(&server, &here).await;
    here.has_done(1).await;
    for _ in 0..5 {
        teller.tells(100).await;
        teller.has_told_all().await;
    }
    here.has_done(501).await;
    // It sees with its next look only that it was overtaken, and not that it had heard everything in time.
    has(&here, "gaps WHERE through > 400", true).await;
    has_no_gap(&here).await;
}

/// A server whose machine crashed may have forgotten its last messages, and gives their numbers once more.
#[tokio::test]
async fn messages_that_were_given_the_same_numbers_all_come_from_the_outbox() {
    let server = Nats::start().await;
    let (away, teller) = (Listener::new("one", |_| Ok(())).await, Teller::new().await);
    let first = hearing(&server, &away).await;
    let (_relay, _stop) = teller.relay(process(&server).await);
    teller.tells(1).await;
    away.has_done(1).await;
    first.close().await;
    teller.tells(300).await;
    teller.has_told_all().await;
    let again = "UPDATE outbox SET number = number - 50 WHERE number BETWEEN 101 AND 150";
    teller.database.execute_unprepared(again).await.unwrap();
    let _again = hearing(&server, &away).await;
    away.has_done(301).await;
}

#[tokio::test]
async fn what_nobody_has_just_now_comes_once_its_service_is_back() {
    let server = Nats::start().await;
    let away = Listener::new("one", |_| Ok(())).await;
    let (teller, other) = (Teller::new().await, Teller::new().await);
    let first = hearing(&server, &away).await;
    let bus = process(&server).await;
    let (_relay, _stop) = teller.relay(bus.clone());
    let (relay, stop) = other.relay(bus.clone());
    teller.tells(1).await;
    away.has_done(1).await;
    first.close().await;
    for _ in 0..5 {
        teller.tells(40).await;
        other.tells(40).await;
    }
    teller.has_told_all().await;
    other.has_told_all().await;
    stop.cancel();
    soon(relay).await.unwrap();
    let _again = hearing(&server, &away).await;
    has(&away, "gaps WHERE tries > 0 AND open <> '[]'", true).await;
    let had = away.effects().await.0;
    assert!((201..401).contains(&had), "all of one service, and what the stream has: {had}");
    let (_relay, _stop) = other.relay(bus);
    away.has_done(401).await;
    has_no_gap(&away).await;
}

#[tokio::test]
async fn what_is_too_old_for_any_outbox_is_given_up() {
    let server = Nats::start().await;
    let (away, teller) = (Listener::new("one", |_| Ok(())).await, Teller::new().await);
    let first = hearing(&server, &away).await;
    let (_relay, _stop) = teller.relay(process(&server).await);
    teller.tells(1).await;
    away.has_done(1).await;
    first.close().await;
    teller.tells(200).await;
    teller.has_told_all().await;
    teller.database.execute_unprepared("DELETE FROM outbox").await.unwrap();
    let again = hearing(&server, &away).await;
    has(&away, "gaps WHERE tries > 0 AND open <> '[]'", true).await;
    again.close().await;
    // As it would be a week later.
    let age = "UPDATE gaps SET claimed_until = 0, open = json_set(open, '$[0].before', 0)";
    away.database.execute_unprepared(age).await.unwrap();
    let _again = hearing(&server, &away).await;
    has_no_gap(&away).await;
}
