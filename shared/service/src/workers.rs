//! What a service does by itself, beside answering.

use std::{future::Future, ops::RangeInclusive, pin::Pin, time::Duration};

use kernel::Fault;
use tokio_util::sync::CancellationToken;

type Work = Box<dyn FnOnce(CancellationToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Something that runs until the service stops.
pub struct Worker {
    /// For logs.
    pub name: &'static str,
    pub(crate) work: Work,
}

impl Worker {
    /// Runs `work` until it returns; it must when the token is cancelled.
    pub fn new<F>(name: &'static str, work: impl FnOnce(CancellationToken) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { name, work: Box::new(move |stop| Box::pin(work(stop))) }
    }

    /// Runs `step` again and again: at once while it says that there is more to do, otherwise after
    /// `pause`. A fault is logged and costs a pause.
    pub fn every<F>(name: &'static str, pause: Duration, mut step: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = kernel::Result<bool>> + Send + 'static,
    {
        let again = move || {
            let step = step();
            async move { Ok(if step.await? { Duration::ZERO } else { pause }) }
        };
        Self::timed(name, pause..=pause, again)
    }

    /// Runs `step` again and again: each says how long it is until there is something to do, which is nothing when there
    /// is more at once. Otherwise it is waited for as long as `pauses` has it at least, so that what becomes due shortly
    /// after each other is done together, and at most, so that what was not foreseen is found. A fault is logged and
    /// costs the longest pause.
    pub fn timed<F>(
        name: &'static str,
        pauses: RangeInclusive<Duration>,
        mut step: impl FnMut() -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = kernel::Result<Duration>> + Send + 'static,
    {
        Self::new(name, async move |stop: CancellationToken| {
            while !stop.is_cancelled() {
                let pause = match step().await {
                    Ok(Duration::ZERO) => continue,
                    Ok(until) => until.max(*pauses.start()).min(*pauses.end()),
                    Err(kernel::Error::Broken(fault)) => {
                        report(name, &fault);
                        *pauses.end()
                    }
                    Err(kernel::Error::Refused(refusal)) => {
                        tracing::error!(worker = name, %refusal, "a worker was refused");
                        *pauses.end()
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = stop.cancelled() => {}
                }
            }
        })
    }
}

fn report(name: &str, fault: &Fault) {
    if fault.passing {
        tracing::warn!(worker = name, error = fault.chain(), "a worker met a passing fault");
    } else {
        tracing::error!(worker = name, error = fault.chain(), "a worker met a fault");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_worker_sleeps_until_something_is_due_within_its_bounds() {
        let waits = [3_000, 0, 1, 60_000, 0].map(Duration::from_millis);
        let (began, looks) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let (seen, stop) = (looks.clone(), CancellationToken::new());
        let (mut next, stopped) = (waits.into_iter(), stop.clone());
        let bounds = Duration::from_millis(250)..=Duration::from_secs(5);
        let worker = Worker::timed("clock", bounds, move || {
            seen.lock().expect("nobody fails under it").push(began.elapsed().as_millis());
            let until = next.next();
            if until.is_none() {
                stopped.cancel();
            }
            async move { until.map_or_else(|| Err(Fault::broken_rule("it breaks").into()), Ok) }
        });
        (worker.work)(stop).await;
        assert_eq!(*looks.lock().expect("nobody fails under it"), [0, 3_000, 3_000, 3_250, 8_250, 8_250]);
    }
}
