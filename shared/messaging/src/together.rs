//! What waits at the same time is done together: the more there is, the less each costs.

use std::{
    collections::VecDeque,
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use kernel::{Fault, Result};
use tokio::{sync::oneshot, time::Instant};

/// How long what is done together may take. Shorter than a delivery, so that who waits hears of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is done, with all of it or with nothing.
pub type Work<T> = Arc<dyn Fn(Vec<T>) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Does what waits, so many at a time, one time after another, and at once when nothing is being done. When it fails, each
/// is done alone, so that one that can never be done fails alone.
///
/// Nobody is kept waiting for more to come longer than for a breath. As much waits as there are callers, who are bounded themselves.
pub struct Together<T> {
    most: usize,
    breath: Duration,
    work: Work<T>,
    queue: Arc<Mutex<Queue<T>>>,
}

struct Queue<T> {
    waiting: VecDeque<Waiting<T>>,
    /// True while somebody does what waits.
    led: bool,
}

struct Waiting<T> {
    what: T,
    answer: oneshot::Sender<Result<()>>,
}

impl<T> Waiting<T> {
    fn hears(self, outcome: Result<()>) {
        drop(self.answer.send(outcome)); // who waits no more comes again
    }
}

impl<T> fmt::Debug for Together<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together")
            .field("most", &self.most)
            .field("breath", &self.breath)
            .finish_non_exhaustive()
    }
}

impl<T> Clone for Together<T> {
    fn clone(&self) -> Self {
        Self { most: self.most, breath: self.breath, work: self.work.clone(), queue: self.queue.clone() }
    }
}

impl<T: Clone + Send + 'static> Together<T> {
    /// Does `work` with so many at most. `breath` is how long after it has begun with some it begins with the next at the
    /// earliest: what comes meanwhile is done together, for the price of one. Who comes after a pause waits for nothing.
    pub fn new(most: usize, breath: Duration, work: Work<T>) -> Self {
        let queue = Queue { waiting: VecDeque::new(), led: false };
        Self { most, breath, work, queue: Arc::new(Mutex::new(queue)) }
    }

    /// Returns when it is done, or what went wrong with it.
    pub async fn done(&self, what: T) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        let lead = {
            let mut queue = self.queue();
            queue.waiting.push_back(Waiting { what, answer });
            !std::mem::replace(&mut queue.led, true)
        };
        if lead {
            tokio::spawn(self.clone().lead());
        }
        let nobody = |_| Fault::passing("waiting for what is done together", "nobody does it any more");
        answered.await.map_err(nobody)?
    }

    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when as many wait as are done at once.
    fn is_full(&self) -> bool {
        self.queue().waiting.len() >= self.most
    }

    /// What is done next; nobody leads any more when there is nothing.
    fn next(&self) -> Vec<Waiting<T>> {
        let mut queue = self.queue();
        let mut next = Vec::new();
        while next.len() < self.most
            && let Some(waiting) = queue.waiting.pop_front()
        {
            if !waiting.answer.is_closed() {
                next.push(waiting);
            }
        }
        queue.led = !next.is_empty();
        next
    }

    async fn lead(self) {
        loop {
            let mut next = self.next();
            if next.is_empty() {
                return;
            }
            let began = Instant::now();
            match self.attempt(next.iter().map(|waiting| waiting.what.clone()).collect()).await {
                Ok(()) => next.into_iter().for_each(|one| one.hears(Ok(()))),
                Err(error) if next.len() == 1 => {
                    if let Some(one) = next.pop() {
                        one.hears(Err(error));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, count = next.len(), "what was done together failed, and each is done alone");
                    for one in next {
                        // Who waits no more comes again.
                        if !one.answer.is_closed() {
                            let outcome = self.attempt(vec![one.what.clone()]).await;
                            one.hears(outcome);
                        }
                    }
                }
            }
            if !self.is_full() {
                tokio::time::sleep_until(began + self.breath).await;
            }
        }
    }

    /// A panic is a fault of what was done, and of nothing else.
    async fn attempt(&self, all: Vec<T>) -> Result<()> {
        let work = AssertUnwindSafe(async { (self.work)(all).await }).catch_unwind();
        match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Fault::broken_rule("it panicked").into()),
            Err(late) => Err(Fault::passing("doing what waits together", late).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;

    use super::*;

    type Done = Arc<Mutex<Vec<Vec<u32>>>>;

    /// Remembers what was done; fails with 13, and panics with 666.
    fn recording(most: usize) -> (Together<u32>, Done) {
        let done = Done::default();
        let recorded = done.clone();
        let work: Work<u32> = Arc::new(move |all| {
            let recorded = recorded.clone();
            async move {
                assert!(!all.contains(&666), "the number of the beast");
                if all.contains(&13) {
                    return Err(Fault::broken_rule("bad luck").into());
                }
                recorded.lock().unwrap().push(all);
                Ok(())
            }
            .boxed()
        });
        (Together::new(most, Duration::ZERO, work), done)
    }

    async fn all(together: &Together<u32>, numbers: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let done = join_all(numbers.into_iter().map(|number| together.done(number))).await;
        done.iter().map(Result::is_ok).collect()
    }

    #[tokio::test]
    async fn what_waits_at_the_same_time_is_done_together_in_its_order_and_not_too_much_at_once() {
        let (together, done) = recording(3);
        assert_eq!(all(&together, 1..=7).await, [true; 7]);
        assert_eq!(*done.lock().unwrap(), [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
        together.done(8).await.unwrap();
        assert_eq!(done.lock().unwrap().last(), Some(&vec![8]));
    }

    #[tokio::test]
    async fn one_that_fails_or_panics_does_so_alone() {
        let (together, done) = recording(8);
        assert_eq!(all(&together, [1, 13, 2]).await, [true, false, true]);
        assert_eq!(all(&together, [3, 666, 4]).await, [true, false, true]);
        assert_eq!(*done.lock().unwrap(), [[1], [2], [3], [4]]);
        assert_eq!(all(&together, [5, 6]).await, [true; 2], "the next ones are done together again");
        assert_eq!(done.lock().unwrap().last(), Some(&vec![5, 6]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_one_after_another_is_done_together_after_a_breath() {
        let (mut together, done) = recording(8);
        together.breath = Duration::from_millis(25);
        all(&together, [1]).await;
        let second = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            together.done(3).await
        };
        let (first, second) = futures::join!(together.done(2), second);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(*done.lock().unwrap(), [vec![1], vec![2, 3]]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_keeps_nobody_waiting_for_ever() {
        let begun = Arc::new(AtomicUsize::new(0));
        let count = begun.clone();
        let together: Together<u32> = Together::new(
            8,
            Duration::ZERO,
            Arc::new(move |all| {
                let hangs = count.fetch_add(1, Ordering::Relaxed) == 0 && all == [1];
                async move { if hangs { std::future::pending().await } else { Ok(()) } }.boxed()
            }),
        );
        let (hangs, waits) = futures::join!(together.done(1), async {
            tokio::task::yield_now().await;
            together.done(2).await
        });
        assert!(matches!(hangs, Err(kernel::Error::Broken(fault)) if fault.passing));
        waits.unwrap();
        assert_eq!(begun.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn who_waits_no_more_is_passed_over() {
        let (together, done) = recording(8);
        let mut left = Box::pin(together.done(1));
        assert!(futures::poll!(&mut left).is_pending());
        drop(left);
        together.done(2).await.unwrap();
        assert_eq!(*done.lock().unwrap(), [[2]]);
    }
}
