//! What every bus promises; each test runs on both.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt};
use kernel::{Fault, Refusal};
use messaging::{Bus, InProcessBus, JetStream, MAX_DELIVERIES, jetstream::Settings};
use testbed::Nats;

use crate::{
    stage::is_ready,
    world::{Listener, Mood, Teller, count, soon},
};

/// A bus, and what has to live as long.
struct Stack {
    bus: Arc<dyn Bus>,
    _server: Option<Nats>,
}

impl Stack {
    async fn in_process() -> Self {
        Self { bus: Arc::new(InProcessBus::new().hurrying()), _server: None }
    }

    async fn jetstream() -> Self {
        let server = Nats::start().await;
        let settings = Settings { pause: |_| Duration::from_millis(1), ..Settings::of(server.url()) };
        let bus = JetStream::connect(settings).await.unwrap();
        is_ready(&bus).await;
        Self { bus: Arc::new(bus), _server: Some(server) }
    }

    /// Opens with these listeners.
    async fn with(&self, listeners: &[&Listener]) {
        for listener in listeners {
            listener.joins(self.bus.as_ref()).await;
        }
        self.bus.open().await.unwrap();
    }
}

macro_rules! on_every_bus {
    ($($promise:ident,)*) => {
        mod in_process {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Stack::in_process().await).await })*
        }
        mod jetstream {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Stack::jetstream().await).await })*
        }
    };
}

on_every_bus! {
    what_is_committed_takes_effect_once_at_each_consumer,
    nothing_is_told_of_what_was_rolled_back,
    what_is_told_before_consumers_are_there_waits_for_them,
    what_could_not_be_handled_comes_again_and_its_first_tries_leave_no_trace,
    a_handler_that_panics_is_asked_again_like_one_that_fails,
    ten_failures_make_a_dead_letter_that_says_why,
    a_dead_letter_that_is_replayed_comes_to_its_own_consumer_only,
    who_listens_hears_what_is_announced_on_its_topic_from_then_on,
    a_listener_that_lags_skips_and_goes_on_with_the_newest,
    a_topic_is_heard_again_after_its_last_listener_had_left,
}

async fn what_is_committed_takes_effect_once_at_each_consumer(stack: Stack) {
    let teller = Teller::new().await;
    let (one, two) = (Listener::new("one", |_| Ok(())).await, Listener::new("two", |_| Ok(())).await);
    stack.with(&[&one, &two]).await;
    teller.tells(30).await; // before the relay runs
    let (relay, stop) = teller.relay(stack.bus.clone());
    teller.tells(170).await; // more than are on their way at once
    teller.has_told_all().await;
    one.has_done(200).await;
    two.has_done(200).await;
    stop.cancel();
    soon(relay).await.unwrap();
    soon(stack.bus.close()).await;
}

async fn nothing_is_told_of_what_was_rolled_back(stack: Stack) {
    let (teller, listener) = (Teller::new().await, Listener::new("one", |_| Ok(())).await);
    stack.with(&[&listener]).await;
    let (_relay, _stop) = teller.relay(stack.bus.clone());
    teller.changes_its_mind(3).await;
    teller.tells(1).await; // once this has arrived, what came before would have, too
    listener.has_done(1).await;
    assert_eq!(listener.deliveries(), 1);
    assert_eq!(count(&teller.database, "outbox").await, 1);
}

async fn what_is_told_before_consumers_are_there_waits_for_them(stack: Stack) {
    let teller = Teller::new().await;
    let (_relay, _stop) = teller.relay(stack.bus.clone());
    teller.tells(5).await;
    let listener = Listener::new("late", |_| Ok(())).await;
    listener.joins(stack.bus.as_ref()).await;
    assert_eq!(listener.deliveries(), 0);
    stack.bus.open().await.unwrap();
    listener.has_done(5).await;
    teller.has_told_all().await;
}

async fn what_could_not_be_handled_comes_again_and_its_first_tries_leave_no_trace(stack: Stack) {
    let fails_twice: Mood = |delivery| match delivery {
        1 => Err(Fault::passing("listening", "the database is down").into()),
        2 => Err(Refusal::new(kernel::reasons::NOT_READY_YET, "not yet").into()),
        _ => Ok(()),
    };
    let (teller, failing) = (Teller::new().await, Listener::new("one", fails_twice).await);
    let other = Listener::new("two", |_| Ok(())).await;
    stack.with(&[&failing, &other]).await;
    let (_relay, _stop) = teller.relay(stack.bus.clone());
    teller.tells(1).await;
    failing.has_done(1).await;
    other.has_done(1).await;
    assert_eq!((failing.deliveries(), other.deliveries()), (3, 1));
    assert_eq!(failing.dead_letters().count().await.unwrap(), 0);
}

async fn a_handler_that_panics_is_asked_again_like_one_that_fails(stack: Stack) {
    let panics_once: Mood = |delivery| {
        assert!(delivery > 1, "the first delivery of this test panics");
        Ok(())
    };
    let (teller, panicking) = (Teller::new().await, Listener::new("one", panics_once).await);
    stack.with(&[&panicking]).await;
    let (_relay, _stop) = teller.relay(stack.bus.clone());
    teller.tells(1).await;
    panicking.has_done(1).await;
    assert_eq!(panicking.deliveries(), 2);
}

const NEVER: Mood = |_| Err(Fault::new("reading a thing", "it has no colour").into());

async fn has_a_dead_letter(listener: &Listener) {
    soon(async {
        while listener.dead_letters().count().await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

async fn ten_failures_make_a_dead_letter_that_says_why(stack: Stack) {
    let (teller, failing) = (Teller::new().await, Listener::new("one", NEVER).await);
    let other = Listener::new("two", |_| Ok(())).await;
    stack.with(&[&failing, &other]).await;
    let (_relay, _stop) = teller.relay(stack.bus.clone());
    teller.tells(1).await;
    has_a_dead_letter(&failing).await;
    teller.has_told_all().await;
    other.has_done(1).await;
    assert_eq!((failing.deliveries(), failing.effects().await), (MAX_DELIVERIES, (0, 0)));
    let says_why = "dead_letters WHERE consumer = 'one' AND deliveries = 10 \
                    AND error = 'reading a thing: it has no colour' AND message LIKE '%\"quantity\":1%'";
    assert_eq!(count(&failing.database, says_why).await, 1);
    // Who could handle it is not asked again, and the teller is done with it.
    assert_eq!((other.deliveries(), other.dead_letters().count().await.unwrap()), (1, 0));
}

async fn a_dead_letter_that_is_replayed_comes_to_its_own_consumer_only(stack: Stack) {
    let mended: Mood = |delivery| if delivery > MAX_DELIVERIES { Ok(()) } else { NEVER(delivery) };
    let (teller, failing) = (Teller::new().await, Listener::new("one", mended).await);
    let other = Listener::new("two", |_| Ok(())).await;
    stack.with(&[&failing, &other]).await;
    let (_relay, _stop) = teller.relay(stack.bus.clone());
    // A replay leaves by the outbox of the service that buried it.
    let its_own = Teller { database: failing.database.clone(), outbox: messaging::Outbox::default() };
    let (_its_relay, _its_stop) = its_own.relay(stack.bus.clone());
    teller.tells(1).await;
    has_a_dead_letter(&failing).await;
    let letters = failing.dead_letters();
    let letter = letters.list(Some("one"), 10).await.unwrap().remove(0);
    assert!(letters.list(Some("two"), 10).await.unwrap().is_empty());
    assert_eq!((letter.deliveries, letter.error.as_str()), (10, "reading a thing: it has no colour"));
    assert_eq!(letters.get(letter.message.id).await.unwrap().as_ref(), Some(&letter));

    assert!(letters.replay(letter.message.id).await.unwrap());
    assert!(!letters.replay(letter.message.id).await.unwrap(), "once");
    failing.has_done(1).await;
    assert_eq!(letters.count().await.unwrap(), 0);
    assert_eq!(failing.deliveries(), MAX_DELIVERIES + 1);
    teller.tells(1).await; // once this has arrived, anything else would have, too
    other.has_done(2).await;
    assert_eq!(other.deliveries(), 2);
}

async fn who_listens_hears_what_is_announced_on_its_topic_from_then_on(stack: Stack) {
    let bus = stack.bus;
    bus.announce("a", vec![0]).await.unwrap(); // nobody listens
    let (mut one, mut two) = (bus.listen("a").await.unwrap(), bus.listen("a").await.unwrap());
    let mut other = bus.listen("b").await.unwrap();
    bus.announce("a", vec![1]).await.unwrap();
    assert_eq!((soon(one.next()).await, soon(two.next()).await), (Some(vec![1]), Some(vec![1])));
    assert_eq!(other.next().now_or_never(), None);
}

async fn a_listener_that_lags_skips_and_goes_on_with_the_newest(stack: Stack) {
    let bus = stack.bus;
    let mut slow = bus.listen("a").await.unwrap();
    let mut quick = bus.listen("a").await.unwrap();
    for number in 0..=200_u8 {
        bus.announce("a", vec![number]).await.unwrap();
        assert_eq!(soon(quick.next()).await, Some(vec![number]));
    }
    let mut heard = Vec::new();
    while heard.last() != Some(&vec![200]) {
        heard.push(soon(slow.next()).await.unwrap());
    }
    assert!(heard.len() < 200 && heard.is_sorted(), "{}", heard.len());
}

async fn a_topic_is_heard_again_after_its_last_listener_had_left(stack: Stack) {
    let bus = stack.bus;
    drop(bus.listen("a").await.unwrap());
    bus.announce("a", vec![1]).await.unwrap();
    let mut later = bus.listen("a").await.unwrap();
    bus.announce("a", vec![2]).await.unwrap();
    // What was just announced may still be on its way.
    while soon(later.next()).await.unwrap() != vec![2] {}
}
