//! What a service does by itself, beside answering.

use std::{future::Future, pin::Pin, time::Duration};

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
        Self::new(name, async move |stop: CancellationToken| {
            while !stop.is_cancelled() {
                match step().await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(kernel::Error::Broken(fault)) => report(name, &fault),
                    Err(kernel::Error::Refused(refusal)) => {
                        tracing::error!(worker = name, %refusal, "a worker was refused");
                    }
                }
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
