//! Threads that write mails, tickets and pages and all. They give way to everybody else: whoever buys at this moment waits
//! for a processor before no mail of those who have bought.

use anyhow::Context as _;
use rayon::{ThreadPool, ThreadPoolBuilder};
use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};
use tokio::sync::oneshot;

/// How many mails are written at once: each takes a processor and some megabytes.
const WRITTEN_AT_ONCE: usize = 2;
/// Of a hundred, where threads have about fifty. It gives them an eighth of what another thread gets while both want a
/// processor, so that mails go on during the longest on-sale.
const PRIORITY: u8 = 25;

/// The threads; they end with it.
pub(super) struct Writers(ThreadPool);

impl Writers {
    pub(super) fn new() -> anyhow::Result<Self> {
        let priority = ThreadPriorityValue::try_from(PRIORITY).map_err(anyhow::Error::msg)?;
        let pool = ThreadPoolBuilder::new()
            .num_threads(WRITTEN_AT_ONCE)
            .thread_name(|number| format!("writes mails {number}"))
            .start_handler(move |_| {
                if let Err(error) = set_current_thread_priority(ThreadPriority::Crossplatform(priority)) {
                    tracing::debug!(%error, "mails are written with the priority of everything else");
                }
            })
            // Whoever waits for the mail hears that there is none; the panic itself is logged where it happens.
            .panic_handler(|_| ())
            .build();
        Ok(Self(pool.context("no threads can be had to write mails")?))
    }

    /// What comes of this work, once it has had its turn; none if it panicked.
    pub(super) async fn done<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = oneshot::channel();
        self.0.spawn(move || drop(tell.send(work())));
        told.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn mails_are_written_after_everything_else() {
        let niceness = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            stat.rsplit_once(") ").unwrap().1.split(' ').nth(16).unwrap().parse::<i32>().unwrap()
        };
        let (here, there) = (niceness(), Writers::new().unwrap().done(niceness).await.unwrap());
        assert_eq!(there - here, 9);
    }

    #[tokio::test]
    async fn a_mail_that_cannot_be_written_takes_no_thread_from_others() {
        let writers = Writers::new().unwrap();
        for _ in 0..2 * WRITTEN_AT_ONCE {
            assert_eq!(writers.done(|| -> u32 { panic!("on purpose") }).await, None);
        }
        assert_eq!(writers.done(|| 7).await, Some(7));
    }
}
