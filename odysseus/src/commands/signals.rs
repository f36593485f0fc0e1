use std::process::exit;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::out;

/// Ctrl-C and SIGTERM.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Listens from now on.
    pub(super) fn listen() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// The next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// From now on one ends the process at once.
    pub(super) fn next_one_ends(mut self) {
        tokio::spawn(async move {
            self.next().await;
            out::complain("stopped at once; the next start takes up what was left");
            exit(130);
        });
    }
}
