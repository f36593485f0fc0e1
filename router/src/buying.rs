//! Whoever has places and buys them goes before who looks for places, while the machine is full.
//!
//! On a full machine everything that is under way takes the longer the more of it there is. Whoever comes later waits
//! then before they begin, for which they need nothing, instead of in the middle of it. So those who check out and pay
//! have their tickets soon, and the same number of people a second buy.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use machine::Machine;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// The mutation that takes places.
const BEGINS: &str = "holdSeats";
/// Those that come after it.
const GOES_ON: [&str; 2] = ["checkout", "pay"];
/// While so many buy for each processor, nobody begins.
const BUYERS_OF_A_PROCESSOR: usize = 4;
/// How long anybody waits before they begin all the same: what is paid for may take its time elsewhere.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who buys at this moment.
#[derive(Clone)]
pub(crate) struct Buying(Arc<Inner>);

struct Inner {
    is_full: Box<dyn Fn() -> bool + Send + Sync>,
    most: usize,
    buyers: AtomicUsize,
    fewer: Notify,
}

/// Somebody who buys, or takes places, until it is answered.
pub(crate) struct Turn {
    of: Arc<Inner>,
    buys: bool,
}

impl Buying {
    /// On this machine.
    pub(crate) fn here() -> Self {
        let processors = available_parallelism().map_or(1, std::num::NonZero::get);
        let machine = Machine::default();
        Self::with(processors * BUYERS_OF_A_PROCESSOR, move || machine.is_full())
    }

    fn with(most: usize, is_full: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let (buyers, fewer) = (AtomicUsize::new(0), Notify::new());
        Self(Arc::new(Inner { is_full: Box::new(is_full), most, buyers, fewer }))
    }

    /// Waits until these mutations may be made; what is to be kept until they are answered.
    pub(crate) async fn turn(&self, mutations: &[&str]) -> Option<Turn> {
        let of = self.0.clone();
        if mutations.iter().any(|name| GOES_ON.contains(name)) {
            of.buyers.fetch_add(1, Ordering::AcqRel);
            return Some(Turn { of, buys: true });
        }
        if !mutations.contains(&BEGINS) {
            return None;
        }
        let (limit, mut waits) = (Instant::now() + PATIENCE, false);
        while of.has_many() && (of.is_full)() {
            waits = true;
            if timeout_at(limit, of.fewer.notified()).await.is_err() {
                break;
            }
        }
        if waits {
            metrics::counter!("holds_behind_buyers_total").increment(1);
        }
        Some(Turn { of, buys: false })
    }
}

impl Inner {
    fn has_many(&self) -> bool {
        self.buyers.load(Ordering::Acquire) >= self.most
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.buys {
            self.of.buyers.fetch_sub(1, Ordering::AcqRel);
        }
        // One for one: all at once would soon buy at once.
        if !self.of.has_many() {
            self.of.fewer.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const HOLD: [&str; 1] = ["holdSeats"];

    async fn buys(buying: &Buying, name: &str) -> Turn {
        buying.turn(&[name]).now_or_never().flatten().expect("who buys waits for nobody")
    }

    #[tokio::test(start_paused = true)]
    async fn who_wants_places_of_a_full_machine_waits_for_those_who_buy() {
        let buying = Buying::with(2, || true);
        let first = buys(&buying, "checkout").await;
        drop(buying.turn(&HOLD).now_or_never().expect("one buyer is not many"));
        let second = buys(&buying, "pay").await;
        let (mut one, mut other) = (Box::pin(buying.turn(&HOLD)), Box::pin(buying.turn(&HOLD)));
        assert!(one.as_mut().now_or_never().is_none());
        assert!(other.as_mut().now_or_never().is_none());
        drop(first);
        let held = one.as_mut().now_or_never().expect("it is its turn");
        assert!(other.as_mut().now_or_never().is_none(), "one at a time");
        drop(held);
        assert!(other.as_mut().now_or_never().is_some());
        drop(second);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_long() {
        let buying = Buying::with(1, || true);
        let _pays = buys(&buying, "pay").await;
        let begun = Instant::now();
        buying.turn(&HOLD).await;
        assert_eq!(begun.elapsed(), PATIENCE);
    }

    #[tokio::test]
    async fn nobody_waits_while_the_machine_idles() {
        let buying = Buying::with(1, || false);
        let _pays = buys(&buying, "pay").await;
        assert!(buying.turn(&HOLD).now_or_never().is_some());
    }

    #[tokio::test]
    async fn nothing_else_waits() {
        let buying = Buying::with(1, || true);
        let _pays = buys(&buying, "pay").await;
        for others in [&[][..], &["releaseReservation"], &["createEvent", "publishEvent"]] {
            assert!(buying.turn(others).now_or_never().is_some());
        }
    }

    #[tokio::test]
    async fn who_hangs_up_while_waiting_keeps_nobody() {
        let buying = Buying::with(1, || true);
        let pays = buys(&buying, "pay").await;
        let (mut one, mut other) = (Box::pin(buying.turn(&HOLD)), Box::pin(buying.turn(&HOLD)));
        assert!(one.as_mut().now_or_never().is_none());
        assert!(other.as_mut().now_or_never().is_none());
        drop(pays); // it is the turn of one, who goes
        drop(one);
        assert!(other.as_mut().now_or_never().is_some());
    }
}
