//! Standard output: the one place that writes to it.

use std::io::{self, Write as _};

/// Writes a line. Nobody reading any more is no reason to fail.
pub(crate) fn line(text: impl std::fmt::Display) {
    let mut out = io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// Writes a line to standard error.
pub(crate) fn complain(text: impl std::fmt::Display) {
    drop(writeln!(io::stderr(), "{text}"));
}
