use futures::{FutureExt, StreamExt};
use messaging::{Bus, InProcessBus};

use crate::world::soon;

#[tokio::test]
async fn who_listens_hears_what_is_announced_on_its_topic_from_then_on() {
    let bus = InProcessBus::new();
    bus.announce("a", vec![0]).await.unwrap(); // nobody listens
    let (mut one, mut two) = (bus.listen("a").await.unwrap(), bus.listen("a").await.unwrap());
    let mut other = bus.listen("b").await.unwrap();
    bus.announce("a", vec![1]).await.unwrap();
    assert_eq!((soon(one.next()).await, soon(two.next()).await), (Some(vec![1]), Some(vec![1])));
    assert_eq!(other.next().now_or_never(), None);
}

#[tokio::test]
async fn a_listener_that_lags_skips_and_goes_on_with_the_newest() {
    let bus = InProcessBus::new();
    let mut slow = bus.listen("a").await.unwrap();
    for number in 0..=200_u8 {
        bus.announce("a", vec![number]).await.unwrap();
    }
    let mut heard = Vec::new();
    while heard.last() != Some(&vec![200]) {
        heard.push(soon(slow.next()).await.unwrap());
    }
    assert!(heard.len() < 200 && heard.is_sorted(), "{}", heard.len());
}

#[tokio::test]
async fn a_topic_is_heard_again_after_its_last_listener_had_left() {
    let bus = InProcessBus::new();
    drop(bus.listen("a").await.unwrap());
    bus.announce("a", vec![1]).await.unwrap();
    let mut later = bus.listen("a").await.unwrap();
    bus.announce("a", vec![2]).await.unwrap();
    assert_eq!(soon(later.next()).await, Some(vec![2]));
}
