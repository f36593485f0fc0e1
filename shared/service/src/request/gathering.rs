use std::{
    mem,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Wake, Waker},
};

use futures::{
    future::{BoxFuture, poll_fn},
    task::AtomicWaker,
};
use tokio::task::coop::has_budget_remaining;

tokio::task_local! {
    /// Set in what reads for many.
    static READS: ();
}

/// How many turns in a row an answer may ask for, without needing anything more, before what it waits for is begun all
/// the same.
const MOST_TURNS: usize = 256;

/// Collects what is read for many at once, until the answer that needs it can go no further, and all that was begun
/// before is there. So an answer is read level by level, and costs the same statements each time.
///
/// A timer instead, as [`DataLoader`](async_graphql::dataloader::DataLoader) has one, makes each list wait although
/// nobody comes any more, and tears it in two when going through it takes longer.
#[derive(Default)]
pub(super) struct Gathering {
    loads: Mutex<Vec<BoxFuture<'static, ()>>>,
    /// How many were begun and are not at their end.
    begun: AtomicUsize,
    /// Whether the answer has its turn now: what it adds is seen to at the end of it.
    turn: AtomicBool,
    /// Whether the answer can go on at once.
    goes_on: AtomicBool,
    turns: AtomicUsize,
    answer: AtomicWaker,
}

impl Gathering {
    pub(super) fn add(&self, load: BoxFuture<'static, ()>) {
        if self.turn.load(SeqCst) && READS.try_with(|()| ()).is_err() {
            self.loads.lock().unwrap_or_else(PoisonError::into_inner).push(load);
            self.turns.store(0, SeqCst);
        } else {
            // What is read needs it itself, and is waited for, perhaps while the answer has a turn.
            tokio::spawn(READS.scope((), load));
        }
    }

    /// Answers, and spawns what was collected whenever the answer waits for something else than its next turn.
    pub(super) async fn answering<F: Future>(self: Arc<Self>, mut answer: Pin<&mut F>) -> F::Output {
        let waker = Waker::from(Arc::clone(&self));
        poll_fn(|context| {
            self.answer.register(context.waker());
            self.goes_on.store(false, SeqCst);
            self.turn.store(true, SeqCst);
            let polled = answer.as_mut().poll(&mut Context::from_waker(&waker));
            self.turn.store(false, SeqCst);
            if polled.is_pending() {
                // Who has used up its turn goes on as well; it is only woken later.
                self.waits(self.goes_on.load(SeqCst) || !has_budget_remaining());
            }
            polled
        })
        .await
    }

    fn waits(self: &Arc<Self>, goes_on: bool) {
        if self.begun.load(SeqCst) > 0 || goes_on && self.turns.fetch_add(1, SeqCst) < MOST_TURNS {
            return;
        }
        self.turns.store(0, SeqCst);
        let loads = mem::take(&mut *self.loads.lock().unwrap_or_else(PoisonError::into_inner));
        self.begun.fetch_add(loads.len(), SeqCst);
        for load in loads {
            let begun = Begun(Arc::clone(self));
            tokio::spawn(READS.scope((), async {
                load.await;
                drop(begun);
            }));
        }
    }
}

/// One that was begun; at its end, also by a panic, the answer goes on with what was collected meanwhile.
struct Begun(Arc<Gathering>);

impl Drop for Begun {
    fn drop(&mut self) {
        if self.0.begun.fetch_sub(1, SeqCst) == 1 {
            self.0.answer.wake();
        }
    }
}

impl Wake for Gathering {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.goes_on.store(true, SeqCst);
        self.answer.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use futures::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::request;

    #[tokio::test]
    async fn what_an_answer_asks_for_before_it_waits_is_read_after_all_of_it_was_asked_for() {
        let asked = Arc::new(AtomicU32::new(0));
        let (seen, saw) = tokio::sync::oneshot::channel();
        let read = {
            let asked = Arc::clone(&asked);
            async move { seen.send(asked.load(SeqCst)).expect("the answer waits") }
        };
        let places = Semaphore::new(1);
        let first = request::answering(None, async {
            request::spawn_gathered(Box::pin(read));
            // More than fits into one turn.
            join_all((0..1_000).map(async |_| {
                drop(places.acquire().await.expect("open"));
                asked.fetch_add(1, SeqCst);
            }))
            .await;
            saw.await.expect("was read")
        })
        .await;
        assert_eq!(first, 1_000);
    }

    #[tokio::test]
    async fn what_two_branches_need_is_read_when_both_have_come_so_far() {
        let (first, came) = tokio::sync::oneshot::channel::<()>();
        let (second, came_late) = tokio::sync::oneshot::channel::<()>();
        let order = Arc::new(Mutex::new(Vec::new()));
        let say = |what: &'static str| {
            let order = Arc::clone(&order);
            Box::pin(async move { order.lock().unwrap().push(what) })
        };
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        request::answering(None, async {
            request::spawn_gathered(Box::pin(async move { drop(first) }));
            request::spawn_gathered(Box::pin(async move {
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                drop(second);
            }));
            let quick = async {
                came.await.unwrap_err();
                request::spawn_gathered(say("of the quick branch"));
            };
            let slow = async {
                came_late.await.unwrap_err();
                say("the slow branch has come").await;
                request::spawn_gathered(Box::pin(async move { drop(end) }));
            };
            futures::join!(quick, slow);
            ended.await.unwrap_err();
        })
        .await;
        tokio::task::yield_now().await;
        assert_eq!(*order.lock().unwrap(), ["the slow branch has come", "of the quick branch"]);
    }

    #[tokio::test]
    async fn what_is_read_may_need_something_that_is_read_for_many_itself() {
        let (seen, saw) = tokio::sync::oneshot::channel();
        let outer = async move {
            tokio::task::yield_now().await;
            request::spawn_gathered(Box::pin(async move { seen.send(7).expect("the answer waits") }));
        };
        let answer = async {
            request::spawn_gathered(Box::pin(outer));
            saw.await.expect("was read")
        };
        assert_eq!(request::answering(None, answer).await, 7);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_read_may_need_such_a_thing_while_the_answer_has_its_turn() {
        let (turn, has_turn) = std::sync::mpsc::channel::<()>();
        let (needed, is_needed) = std::sync::mpsc::channel::<()>();
        let (first, came) = tokio::sync::oneshot::channel::<()>();
        let (seen, saw) = tokio::sync::oneshot::channel();
        let outer = async move {
            drop(first);
            tokio::task::spawn_blocking(move || has_turn.recv().expect("the answer has a turn"))
                .await
                .unwrap();
            let (done, is_done) = tokio::sync::oneshot::channel();
            request::spawn_gathered(Box::pin(async move { done.send(7).expect("it is waited for") }));
            needed.send(()).expect("the answer waits");
            seen.send(is_done.await.expect("was read")).expect("the answer waits");
        };
        let answer = async move {
            request::spawn_gathered(Box::pin(outer));
            came.await.unwrap_err();
            // Its turn lasts until the other thread has asked.
            turn.send(()).expect("it is being read");
            is_needed.recv().expect("it asks");
            saw.await.expect("was read")
        };
        let answered = tokio::spawn(request::answering(None, answer));
        let limit = std::time::Duration::from_secs(10);
        assert_eq!(tokio::time::timeout(limit, answered).await.expect("it is read").unwrap(), 7);
    }
}
