//! All that lasts until somebody ends it: sockets and streams, and how they end when the router stops.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::time::{Duration, timeout};
use tokio_util::{
    sync::{CancellationToken, WaitForCancellationFutureOwned},
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// How long they may take to say goodbye.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// Everybody who follows live.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    stopping: CancellationToken,
    serving: TaskTracker,
}

/// One of them, until it is dropped.
pub(crate) struct Following {
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
    _among_served: TaskTrackerToken,
}

impl Live {
    pub(crate) fn follow(&self) -> Following {
        let stopped = Box::pin(self.stopping.clone().cancelled_owned());
        Following { stopped, _among_served: self.serving.token() }
    }

    /// Tells everybody that the router goes away, and waits until they know.
    pub(crate) async fn close(&self) {
        self.stopping.cancel();
        self.serving.close();
        // Who does not listen even then is cut off.
        timeout(LONGEST_GOODBYE, self.serving.wait()).await.ok();
    }
}

impl Following {
    /// Until the router stops.
    pub(crate) async fn stopped(&mut self) {
        self.stopped.as_mut().await;
    }

    pub(crate) fn poll_stopped(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.stopped.as_mut().poll(context)
    }
}
