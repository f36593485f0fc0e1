//! Who waits is woken, and listens no longer than it waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt as _, future::join_all, stream, stream::BoxStream};
use kernel::Fault;
use messaging::{Bus, Consumer, InProcessBus, Message};
use service::news::News;
use tokio::time::Instant;

use crate::world::soon;

/// A bus that counts who listens, and can break off what is heard.
#[derive(Default)]
struct Counting {
    bus: InProcessBus,
    listened: AtomicU32,
    breaks: AtomicU32,
}

#[async_trait]
impl Bus for Counting {
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        self.bus.publish(message).await
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
        self.listened.fetch_add(1, Ordering::SeqCst);
        let breaks =
            self.breaks.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |breaks| breaks.checked_sub(1));
        if breaks.is_ok() {
            return Ok(stream::empty().boxed());
        }
        self.bus.listen(topic).await
    }
    async fn ready(&self) -> Result<(), Fault> {
        self.bus.ready().await
    }
}

const LONG: Duration = Duration::from_mins(5);

#[tokio::test]
async fn all_who_wait_are_woken_over_one_listener_which_goes_with_the_last() {
    let bus = Arc::new(Counting::default());
    let news = News::new(bus.clone());
    let watches = join_all((0..50).map(|_| news.watch("orders.1"))).await;
    let mut other = news.watch("orders.2").await;
    assert_eq!((bus.listened.load(Ordering::SeqCst), news.topics()), (2, 2));
    let waiting = join_all(watches.into_iter().map(async |mut watch| watch.changed(LONG).await));
    let (woken, ()) =
        soon(async { tokio::join!(waiting, async { bus.announce("orders.1", Vec::new()).await.unwrap() }) })
            .await;
    assert!(woken.into_iter().all(|woken| woken));
    assert!(!other.changed(Duration::from_millis(1)).await, "it heard nothing of its own");
    drop(other);
    soon(async {
        while news.topics() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut again = news.watch("orders.1").await;
    bus.announce("orders.1", Vec::new()).await.unwrap();
    assert!(soon(again.changed(LONG)).await);
}

#[tokio::test]
async fn what_is_announced_between_two_looks_is_not_missed() {
    let bus = Arc::new(InProcessBus::new());
    let mut watch = News::new(bus.clone()).watch("orders.1").await;
    for _ in 0..3 {
        bus.announce("orders.1", Vec::new()).await.unwrap();
    }
    assert!(soon(watch.changed(LONG)).await);
    let begun = Instant::now();
    while watch.changed(Duration::from_millis(20)).await {
        assert!(begun.elapsed() < Duration::from_secs(5), "some announcements are no endless news");
    }
}

#[tokio::test]
async fn news_that_end_are_listened_to_again_without_haste_and_wake_after_the_gap() {
    let bus = Arc::new(Counting { breaks: AtomicU32::new(3), ..Counting::default() });
    let mut watch = News::new(bus.clone()).watch("orders.1").await;
    while bus.listened.load(Ordering::SeqCst) < 4 {
        let begun = Instant::now();
        watch.changed(Duration::from_millis(200)).await;
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    assert_eq!(bus.listened.load(Ordering::SeqCst), 4, "three ended, and the fourth goes on");
    soon(async {
        loop {
            bus.announce("orders.1", Vec::new()).await.unwrap();
            if watch.changed(Duration::from_millis(50)).await {
                break;
            }
        }
    })
    .await;
}
