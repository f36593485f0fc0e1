//! `odysseus`, as tests start it, kill it, and start it again. In tests it can also die at a given point, and
//! have a clock that is off.

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
};

use clap::Parser;
use kernel::SystemClock;

fn main() -> ExitCode {
    // Until the process ends.
    let _points = fail::FailScenario::setup();
    if let Some(point) = given("E2E_DIES_AT") {
        dies_at(&point);
    }
    if let Some(seconds) = given("E2E_CLOCK_OFF_SECONDS") {
        let seconds = seconds.parse().expect("a number of seconds");
        SystemClock::be_off_by(chrono::Duration::seconds(seconds));
    }
    odysseus::run(odysseus::cli::Cli::parse())
}

/// `point@3`: at once and without a farewell, when that point is passed for the third time.
fn dies_at(point: &str) {
    let (name, times) = point.split_once('@').unwrap_or((point, "1"));
    let left = AtomicU32::new(times.parse().expect("a number of times"));
    let dies = move || {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
    };
    fail::cfg_callback(name, dies).expect("the point can be set up");
}

#[expect(clippy::disallowed_methods, reason = "these are no settings of the platform")]
fn given(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
