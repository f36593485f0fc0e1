use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::Fault;
use messaging::{Bus, Consumer, InProcessBus, Message, Outbox};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::world::{Listener, Teller, count, soon};

/// Somebody who tells, somebody who listens, and the bus between them.
async fn both() -> (Arc<dyn Bus>, Teller, Listener) {
    let bus: Arc<dyn Bus> = Arc::new(InProcessBus::new());
    let (teller, listener) = (Teller::new().await, Listener::new("one", |_| Ok(())).await);
    listener.joins(bus.as_ref()).await;
    bus.open().await.unwrap();
    (bus, teller, listener)
}

/// The same, with a relay that runs and has sent one message.
async fn all_at_work() -> (Teller, Listener, CancellationToken) {
    let (bus, teller, listener) = both().await;
    let (_, stop) = teller.relay(bus);
    teller.tells(1).await;
    teller.has_told_all().await;
    (teller, listener, stop)
}

#[tokio::test]
async fn what_is_committed_takes_effect_once_at_each_consumer_although_delivered_twice() {
    let bus: Arc<dyn Bus> = Arc::new(InProcessBus::new().delivering_twice());
    let teller = Teller::new().await;
    let listeners = [Listener::new("one", |_| Ok(())).await, Listener::new("two", |_| Ok(())).await];
    for listener in &listeners {
        listener.joins(bus.as_ref()).await;
    }
    bus.open().await.unwrap();
    teller.tells(30).await; // before the relay runs
    let (relay, stop) = teller.relay(bus);
    teller.tells(170).await; // more than are on their way at once
    teller.has_told_all().await;
    for listener in &listeners {
        assert_eq!(listener.effects().await, (200, 200));
        assert_eq!(listener.deliveries(), 400);
    }
    stop.cancel();
    soon(relay).await.unwrap();
}

/// A bus that delivers, and then holds back its word that it did.
struct Silent {
    inner: Arc<dyn Bus>,
    delivered: Notify,
    answers: Notify,
    /// Once: hold back the answer for ever, or until asked.
    holds_back: AtomicBool,
    for_ever: bool,
}

impl Silent {
    fn over(inner: &Arc<dyn Bus>, for_ever: bool) -> Arc<Self> {
        let (delivered, answers) = (Notify::new(), Notify::new());
        Arc::new(Self {
            inner: inner.clone(),
            delivered,
            answers,
            holds_back: AtomicBool::new(true),
            for_ever,
        })
    }
}

#[async_trait]
impl Bus for Silent {
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        let number = self.inner.publish(message).await?;
        if self.holds_back.swap(false, Ordering::SeqCst) {
            self.delivered.notify_one();
            if self.for_ever { pending().await } else { self.answers.notified().await }
        }
        Ok(number)
    }
    async fn subscribe(&self, consumer: Consumer) -> Result<(), Fault> {
        self.inner.subscribe(consumer).await
    }
    async fn open(&self) -> Result<(), Fault> {
        self.inner.open().await
    }
    async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault> {
        self.inner.announce(topic, payload).await
    }
    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault> {
        self.inner.listen(topic).await
    }
    async fn ready(&self) -> Result<(), Fault> {
        self.inner.ready().await
    }
}

#[tokio::test]
async fn a_relay_killed_between_publishing_and_marking_publishes_again_and_nothing_happens_twice() {
    let (bus, teller, listener) = both().await;
    let silent = Silent::over(&bus, true);
    teller.tells(1).await;
    let (relay, _stop) = teller.relay(silent.clone());
    soon(silent.delivered.notified()).await;
    relay.abort(); // its tasks die with it
    assert!(soon(relay).await.unwrap_err().is_cancelled());
    assert_eq!(listener.effects().await, (1, 1));
    assert_eq!(count(&teller.database, "outbox WHERE sent_at IS NULL").await, 1);

    let (_relay, _stop) = teller.relay(bus);
    teller.has_told_all().await;
    assert_eq!(listener.deliveries(), 2);
    assert_eq!(listener.effects().await, (1, 1));
}

#[tokio::test]
async fn a_relay_that_is_stopped_waits_for_what_is_on_its_way_and_marks_it() {
    let (bus, teller, listener) = both().await;
    let silent = Silent::over(&bus, false);
    teller.tells(1).await;
    let (relay, stop) = teller.relay(silent.clone());
    soon(silent.delivered.notified()).await;
    stop.cancel();
    teller.tells(1).await; // too late for this relay
    silent.answers.notify_one();
    soon(relay).await.unwrap();
    assert_eq!(count(&teller.database, "outbox WHERE sent_at IS NOT NULL").await, 1);
    assert_eq!(listener.deliveries(), 1);
}

/// How many rows of the outbox are said to be on their way.
const TAKEN: &str = "outbox WHERE sent_at IS NULL AND claimed_until > unixepoch('subsec') * 1000";

#[tokio::test]
async fn what_a_transaction_tells_is_its_relays_from_the_moment_it_is_written() {
    let (teller, listener, _relay) = all_at_work().await;
    let told = teller.commits(2).await;
    assert_eq!(count(&teller.database, TAKEN).await, 2, "no relay has to claim them");
    told.is_committed();
    teller.has_told_all().await;
    assert_eq!(listener.effects().await, (3, 3));
    assert_eq!(listener.deliveries(), 3);
}

#[tokio::test]
async fn what_was_committed_and_never_handed_over_is_sent_all_the_same() {
    let (teller, listener, _relay) = all_at_work().await;
    drop(teller.commits(2).await); // as when whoever asked hangs up at this moment
    teller.has_told_all().await;
    assert_eq!(listener.effects().await, (3, 3));
}

#[tokio::test]
async fn a_relay_that_is_always_busy_finds_what_another_process_has_left() {
    let (teller, _listener, _relay) = all_at_work().await;
    let killed = Teller { database: teller.database.clone(), outbox: Outbox::default() };
    killed.tells(1).await;
    let busy = async {
        loop {
            teller.tells(1).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let found = async {
        while count(&teller.database, "outbox WHERE claimed_until = 0").await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = soon(found) => {}
        () = busy => {}
    }
}

#[tokio::test]
async fn what_does_not_fit_waits_in_the_outbox_and_comes_with_the_next_look() {
    let (teller, listener, _relay) = all_at_work().await;
    let first = teller.commits(200).await;
    teller.tells(100).await;
    assert_eq!(count(&teller.database, TAKEN).await, 200);
    first.is_committed();
    teller.has_told_all().await;
    assert_eq!(listener.effects().await, (301, 301));
}

/// A bus that cannot be reached the first few times.
struct Flaky(Arc<dyn Bus>, AtomicU32);

#[async_trait]
impl Bus for Flaky {
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        if self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(Fault::passing("publishing", "the line is dead"));
        }
        self.0.publish(message).await
    }
    async fn subscribe(&self, consumer: Consumer) -> Result<(), Fault> {
        self.0.subscribe(consumer).await
    }
    async fn open(&self) -> Result<(), Fault> {
        self.0.open().await
    }
    async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault> {
        self.0.announce(topic, payload).await
    }
    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault> {
        self.0.listen(topic).await
    }
    async fn ready(&self) -> Result<(), Fault> {
        self.0.ready().await
    }
}

#[tokio::test]
async fn a_bus_out_of_reach_loses_nothing() {
    let (bus, teller, listener) = both().await;
    teller.tells(3).await;
    let flaky = Arc::new(Flaky(bus, AtomicU32::new(4)));
    let (_relay, _stop) = teller.relay(flaky.clone());
    teller.has_told_all().await;
    assert_eq!(listener.effects().await, (3, 3));
    flaky.1.store(2, Ordering::SeqCst); // it is lost again with what is handed over
    teller.tells(4).await;
    teller.has_told_all().await;
    assert_eq!(listener.effects().await, (7, 7));
}

#[tokio::test]
async fn a_relay_whose_bus_never_opened_stops_all_the_same() {
    let bus: Arc<dyn Bus> = Arc::new(InProcessBus::new());
    let teller = Teller::new().await;
    let (relay, stop) = teller.relay(bus.clone());
    teller.tells(1).await;
    while count(&teller.database, "outbox WHERE claimed_until > 0").await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    soon(relay).await.unwrap();
    assert_eq!(
        count(&teller.database, "outbox WHERE claimed_until <= unixepoch('subsec') * 1000").await,
        1,
        "it is free"
    );
}
