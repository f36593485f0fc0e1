//! When to open, and for how long, in failsafe's terms.

use std::time::{Duration, Instant};

use failsafe::{
    FailurePolicy,
    failure_policy::{
        ConsecutiveFailures, OrElse, SuccessRateOverTimeWindow, consecutive_failures,
        success_rate_over_time_window,
    },
};

use crate::{Settings, state::State};

/// The window over which a share of failures counts.
const WINDOW: Duration = Duration::from_secs(10);
/// The share of calls that must succeed.
const SUCCESSES: f64 = 0.5;
/// How many calls a window needs for its share to mean anything.
const ENOUGH: u32 = 20;

/// Opens after some failures in a row, or when more than half of many calls fail; tells [`State`]
/// until when.
pub(crate) struct Policy {
    rule: OrElse<ConsecutiveFailures<Pauses>, SuccessRateOverTimeWindow<Pauses>>,
    state: State,
}

impl Policy {
    pub(crate) fn new(settings: &Settings, state: State) -> Self {
        let pauses = Pauses {
            next: Duration::from_millis(settings.pause_millis.max(1)),
            longest: Duration::from_millis(settings.longest_pause_millis.max(settings.pause_millis).max(1)),
        };
        let in_a_row = consecutive_failures(settings.failures.max(1), pauses.clone());
        let rule = in_a_row.or_else(success_rate_over_time_window(SUCCESSES, ENOUGH, WINDOW, pauses));
        Self { rule, state }
    }
}

impl FailurePolicy for Policy {
    fn record_success(&mut self) {
        self.rule.record_success();
    }

    fn mark_dead_on_failure(&mut self) -> Option<Duration> {
        let pause = self.rule.mark_dead_on_failure();
        if let Some(pause) = pause {
            self.state.ends(Instant::now() + pause);
        }
        pause
    }

    fn revived(&mut self) {
        self.rule.revived();
    }
}

/// Pauses that double up to a longest one, each between half and all of its length.
#[derive(Clone, Debug)]
struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        Some(rand::random_range(pause / 2..=pause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_jittered_within_their_half() {
        let seconds = Duration::from_secs;
        let lengths = Pauses { next: seconds(1), longest: seconds(5) };
        for (pause, whole) in lengths.zip([1, 2, 4, 5, 5].map(seconds)) {
            assert!(whole / 2 <= pause && pause <= whole, "{pause:?} of {whole:?}");
        }
    }
}
