//! How busy the machine is on which a process runs, so that what can wait gives way to who waits.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// For so long a look at the machine counts.
const LOOK: Duration = Duration::from_millis(200);
/// One that idles less than so much of its time is full.
const FULL_BELOW: f64 = 0.1;

/// The processors of this machine.
#[derive(Debug, Default)]
pub struct Machine(Mutex<Option<Look>>);

/// What was found at a look.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    ticks: Ticks,
    is_full: bool,
}

/// What the processors have spent since they were started.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ticks {
    idle: u64,
    all: u64,
}

impl Machine {
    /// True when nearly all of its processors' time was used lately: what is begun now makes everything else wait. Where
    /// that cannot be known it is not full.
    pub fn is_full(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(look) = *last
            && now - look.at < LOOK
        {
            return look.is_full;
        }
        let Some(ticks) = ticks() else { return false };
        let is_full = last.is_some_and(|look| are_full(look.ticks, ticks));
        *last = Some(Look { at: now, ticks, is_full });
        is_full
    }
}

fn are_full(then: Ticks, now: Ticks) -> bool {
    let since = |now: u64, then: u64| u32::try_from(now.saturating_sub(then)).map_or(0.0, f64::from);
    since(now.idle, then.idle) < FULL_BELOW * since(now.all, then.all)
}

#[cfg(target_os = "linux")]
fn ticks() -> Option<Ticks> {
    use procfs::CurrentSI as _;
    let spent = procfs::KernelStats::current().ok()?.total;
    let idle = spent.idle + spent.iowait.unwrap_or(0);
    let others = [spent.irq, spent.softirq, spent.steal].into_iter().flatten().sum::<u64>();
    Some(Ticks { idle, all: idle + spent.user + spent.nice + spent.system + others })
}

#[cfg(not(target_os = "linux"))]
fn ticks() -> Option<Ticks> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_idles_for_less_than_a_tenth_of_its_time_is_full() {
        let then = Ticks { idle: 1_000, all: 5_000 };
        assert!(are_full(then, Ticks { idle: 1_003, all: 5_040 }));
        assert!(!are_full(then, Ticks { idle: 1_004, all: 5_040 }));
        assert!(!are_full(then, then), "nothing was spent, and nothing is known");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_processors_spend_is_read_from_the_kernel() {
        let spent = ticks().expect("Linux tells");
        assert!(spent.all > spent.idle, "somebody has worked since the start: {spent:?}");
    }
}
