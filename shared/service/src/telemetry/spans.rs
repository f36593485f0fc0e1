//! Which spans there are.

use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// Crates whose spans and warnings belong to traces.
const OURS: [&str; 12] = [
    "service",
    "messaging",
    "users",
    "events",
    "tickets",
    "payments",
    "notifications",
    "analytics",
    "router",
    "odysseus",
    "sandbox",
    "breaker",
];
/// What the router's library calls itself: its spans tell of a trace where time went, its warnings are worded by us.
const HIVE: &str = "hive-router";
/// Of spans that last as long as the process: they say whose work a line of the log is about, and are no traces.
pub(crate) const BACKGROUND: &str = "service::background";
const DATABASE: &str = "sea_orm";

/// True for spans that say whom, or whose work, a line of the log is about.
pub(super) fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::INFO && is_of(metadata, &OURS)
}

/// True for what is written, and not for what it is written within.
pub(super) fn is_a_line(metadata: &Metadata<'_>) -> bool {
    metadata.is_event()
}

/// False for lines with which the router's library tells at level `debug` what clients have written, passwords and
/// mail addresses among it. No setting brings them into a log.
pub(super) fn is_discreet(metadata: &Metadata<'_>) -> bool {
    const CLIENTS_WORDS: [&str; 6] = ["variables", "operation", "result", "query", "document", "body"];
    let is_curious = *metadata.level() > Level::INFO
        && is_of(metadata, &["router"])
        && metadata.fields().iter().any(|field| CLIENTS_WORDS.contains(&field.name()));
    !is_curious
}

/// What becomes part of a trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traced {
    /// Whether anybody will see it.
    pub(super) exported: bool,
}

impl Traced {
    fn verdict(self, metadata: &Metadata<'_>) -> Verdict {
        if metadata.is_span() {
            if metadata.target() == BACKGROUND {
                Verdict::No
            } else if is_ours(metadata) {
                Verdict::Yes
            } else if !self.exported || *metadata.level() > Level::INFO {
                Verdict::No
            } else if metadata.target() == HIVE {
                Verdict::Yes
            } else if is_of(metadata, &[DATABASE]) {
                Verdict::WithinAnother
            } else {
                Verdict::No
            }
        } else if self.exported && *metadata.level() <= Level::WARN && is_of(metadata, &OURS) {
            Verdict::Yes
        } else {
            Verdict::No
        }
    }
}

enum Verdict {
    Yes,
    /// A worker's look into its queue is no trace of its own.
    WithinAnother,
    No,
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Filter<S> for Traced {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        match self.verdict(metadata) {
            Verdict::Yes => true,
            Verdict::WithinAnother => context.lookup_current().is_some(),
            Verdict::No => false,
        }
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.verdict(metadata) {
            Verdict::Yes => Interest::always(),
            Verdict::WithinAnother => Interest::sometimes(),
            Verdict::No => Interest::never(),
        }
    }
}

fn is_of(metadata: &Metadata<'_>, crates: &[&str]) -> bool {
    let krate = metadata.target().split("::").next().unwrap_or_default();
    crates.contains(&krate)
}
