//! What many want to read at the same moment, read for all of them at once.

use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use kernel::Fault;
use tokio::{sync::oneshot, time::timeout};
use tracing::Instrument as _;

/// How many are read by one statement at most.
const MOST: usize = 256;
/// How long a statement may take. A connection whose server has gone without a word keeps only those who asked until then.
const LONGEST: Duration = Duration::from_secs(5);

/// Reads of things by their keys. Whoever asks while a statement is under way waits for the next one, which reads for all
/// who asked meanwhile: everybody sees at least what was there when they asked, one alone waits for nobody, and a crowd
/// costs few statements and one connection.
pub struct Gathered<K, V> {
    read: Arc<Read<K, V>>,
    asked: Arc<Mutex<Asked<K, V>>>,
}

type Read<K, V> = dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, Fault>> + Send + Sync;
type Answer<V> = Result<Option<V>, Fault>;

struct Asked<K, V> {
    by: HashMap<K, Vec<oneshot::Sender<Answer<V>>>>,
    /// Whether somebody is reading who will look here once more.
    reading: bool,
}

impl<K, V> Clone for Gathered<K, V> {
    fn clone(&self) -> Self {
        Self { read: self.read.clone(), asked: self.asked.clone() }
    }
}

impl<K, V> Gathered<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// By what they are read: it answers with those that there are.
    pub fn new(
        read: impl Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, Fault>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            read: Arc::new(read),
            asked: Arc::new(Mutex::new(Asked { by: HashMap::new(), reading: false })),
        }
    }

    /// The thing of this key, if there is one. What went wrong with a statement, all who waited for it are told.
    pub async fn get(&self, key: K) -> Result<Option<V>, Fault> {
        let (tell, told) = oneshot::channel();
        let begin = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.by.entry(key).or_default().push(tell);
            !mem::replace(&mut asked.reading, true)
        };
        if begin {
            // Not by whoever asked first: when they go away, the others still want to know.
            tokio::spawn(self.clone().read_all().in_current_span());
        }
        let ended = |_| Err(Fault::broken_rule("reading for many ended without an answer"));
        told.await.unwrap_or_else(ended)
    }

    async fn read_all(self) {
        let _ended = Ended(&self.asked);
        while let Some(wanted) = self.next() {
            let found = timeout(LONGEST, (self.read)(wanted.keys().cloned().collect())).await;
            match found.unwrap_or_else(|late| Err(Fault::passing("reading for many", late))) {
                Ok(found) => tell(wanted, |key| Ok(found.get(key).cloned())),
                Err(fault) => tell(wanted, |_| Err(fault.alike())),
            }
        }
    }

    /// What is to be read next; none, and the reading is over, when nobody asked meanwhile.
    fn next(&self) -> Option<HashMap<K, Vec<oneshot::Sender<Answer<V>>>>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.by.len() <= MOST {
            let wanted = mem::take(&mut asked.by);
            asked.reading = !wanted.is_empty();
            return asked.reading.then_some(wanted);
        }
        let keys: Vec<K> = asked.by.keys().take(MOST).cloned().collect();
        Some(keys.into_iter().filter_map(|key| asked.by.remove_entry(&key)).collect())
    }
}

fn tell<K, V>(wanted: HashMap<K, Vec<oneshot::Sender<Answer<V>>>>, answer: impl Fn(&K) -> Answer<V>) {
    for (key, waiting) in wanted {
        for one in waiting {
            // Who went away does not want to know any more.
            one.send(answer(&key)).ok();
        }
    }
}

/// If a reading ends by a panic, who waits hears that it is over, and the next one begins anew.
struct Ended<'a, K, V>(&'a Mutex<Asked<K, V>>);

impl<K, V> Drop for Ended<'_, K, V> {
    fn drop(&mut self) {
        // Otherwise it has ended under the lock, and who came since is read for by somebody else.
        if std::thread::panicking() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
                Asked { by: HashMap::new(), reading: false };
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, future::join_all};
    use tokio::{
        sync::{Semaphore, mpsc},
        task::JoinHandle,
    };

    use super::*;

    /// Even numbers are there, as their halves; each statement is told of, and waits for its turn.
    fn halves(turns: &Arc<Semaphore>) -> (Gathered<u32, u32>, mpsc::UnboundedReceiver<Vec<u32>>) {
        let (tell, told) = mpsc::unbounded_channel();
        let turns = turns.clone();
        let gathered = Gathered::new(move |mut keys: Vec<u32>| {
            keys.sort_unstable();
            tell.send(keys.clone()).unwrap();
            let turns = turns.clone();
            async move {
                turns.acquire().await.unwrap().forget();
                if keys.contains(&13) {
                    return Err(Fault::passing("halving", "thirteen"));
                }
                assert!(!keys.contains(&666), "on purpose");
                Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key / 2)).collect())
            }
            .boxed()
        });
        (gathered, told)
    }

    /// Somebody else asks.
    fn asks(gathered: &Gathered<u32, u32>, key: u32) -> JoinHandle<Answer<u32>> {
        let gathered = gathered.clone();
        tokio::spawn(async move { gathered.get(key).await })
    }

    #[tokio::test]
    async fn who_asks_while_a_statement_is_under_way_is_answered_by_the_next_one() {
        let turns = Arc::new(Semaphore::new(0));
        let (gathered, mut told) = halves(&turns);
        let first = asks(&gathered, 2);
        assert_eq!(told.recv().await.unwrap(), [2], "who is alone waits for nobody");
        let others = join_all([4, 2, 4, 5].map(|key| gathered.get(key)));
        let all = async {
            turns.add_permits(1);
            assert_eq!(first.await.unwrap().unwrap(), Some(1));
            assert_eq!(told.recv().await.unwrap(), [2, 4, 5], "each is read once, and anew");
            turns.add_permits(1);
        };
        let (others, ()) = tokio::join!(others, all);
        let others: Vec<_> = others.into_iter().map(Result::unwrap).collect();
        assert_eq!(others, [Some(2), Some(1), Some(2), None]);
        turns.add_permits(1);
        assert_eq!(gathered.get(8).await.unwrap(), Some(4), "afterwards it begins again");
    }

    #[tokio::test]
    async fn a_statement_that_fails_is_told_to_all_who_waited_for_it_and_to_nobody_else() {
        let (gathered, _told) = halves(&Arc::new(Semaphore::new(9)));
        let (one, other) = tokio::join!(gathered.get(13), gathered.get(2));
        for answer in [one, other] {
            let fault = answer.unwrap_err();
            assert!(fault.passing && fault.chain() == "halving: halving: thirteen", "{}", fault.chain());
        }
        assert_eq!(gathered.get(2).await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn after_a_panic_nobody_waits_for_ever() {
        let (gathered, _told) = halves(&Arc::new(Semaphore::new(9)));
        assert!(gathered.get(666).await.is_err());
        assert_eq!(gathered.get(2).await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn who_goes_away_keeps_no_answer_from_the_others() {
        let turns = Arc::new(Semaphore::new(0));
        let (gathered, mut told) = halves(&turns);
        let gone = asks(&gathered, 2);
        told.recv().await.unwrap();
        gone.abort();
        turns.add_permits(9);
        assert_eq!(gathered.get(4).await.unwrap(), Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_statement_without_an_answer_keeps_nobody_who_comes_later() {
        let turns = Arc::new(Semaphore::new(0));
        let (gathered, mut told) = halves(&turns);
        let lost = asks(&gathered, 2);
        told.recv().await.unwrap();
        let later = asks(&gathered, 4);
        assert!(lost.await.unwrap().unwrap_err().passing);
        told.recv().await.unwrap();
        turns.add_permits(1);
        assert_eq!(later.await.unwrap().unwrap(), Some(2));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_comes_at_the_moment_when_a_reading_ends_is_answered() {
        let gathered = Gathered::new(|keys: Vec<u32>| {
            async { Ok(keys.into_iter().map(|key| (key, key)).collect()) }.boxed()
        });
        let asking = (0..2).map(|_| {
            let gathered = gathered.clone();
            tokio::spawn(async move {
                for key in 0..20_000 {
                    assert_eq!(gathered.get(key).await.unwrap(), Some(key));
                }
            })
        });
        join_all(asking.collect::<Vec<_>>()).await.into_iter().for_each(Result::unwrap);
    }

    #[tokio::test]
    async fn a_statement_reads_only_so_many() {
        let turns = Arc::new(Semaphore::new(9));
        let (gathered, mut told) = halves(&turns);
        let most = u32::try_from(MOST).unwrap();
        let all = join_all((1000..=1000 + most).map(|key| gathered.get(key))).await;
        assert!(all.into_iter().all(|answer| answer.is_ok()));
        let mut sizes = Vec::new();
        while let Ok(keys) = told.try_recv() {
            sizes.push(keys.len());
        }
        assert_eq!(sizes, [MOST, 1]);
    }
}
