//! How many codes that do not exist, or proofs that prove nothing, one client may try.

use std::{
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kernel::{Refusal, reasons};
use moka::sync::Cache;
use service::clients::Quota;

/// How many clients are remembered.
const CLIENTS: u64 = 100_000;

/// Counts what clients try. What turns out to exist is taken back: who is refused is refused whatever they try, and learns
/// nothing of it.
///
/// It counts for this process alone, and forgets at a restart.
#[derive(Debug)]
pub(super) struct WrongCodes<C: Eq + Hash + Send + Sync + 'static> {
    /// As people call them: `promo codes`.
    what: &'static str,
    quota: Quota,
    /// Until when each client would have to wait to have tried nothing.
    forgiven_at: Cache<C, Arc<Mutex<Instant>>>,
}

impl<C: Copy + Eq + Hash + Send + Sync + 'static> WrongCodes<C> {
    pub(super) fn new(what: &'static str, quota: Quota) -> Self {
        let quota = Quota { burst: quota.burst.max(1), every: quota.every.max(Duration::from_millis(1)) };
        let forgiven_at =
            Cache::builder().max_capacity(CLIENTS).time_to_idle(quota.every * quota.burst).build();
        Self { what, quota, forgiven_at }
    }

    /// One more of these clients together, which counts as wrong until it is known; refused, with a hint when to come again,
    /// when one of them has tried too many.
    pub(super) fn tries(&self, clients: &[C]) -> Result<(), Refusal> {
        for (place, client) in clients.iter().enumerate() {
            if let Err(refusal) = self.count(*client) {
                self.knew(&clients[..place]);
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// What they tried exists.
    pub(super) fn knew(&self, clients: &[C]) {
        for forgiven_at in clients.iter().filter_map(|client| self.forgiven_at.get(client)) {
            let mut forgiven_at = forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
            *forgiven_at = forgiven_at.checked_sub(self.quota.every).unwrap_or(*forgiven_at);
        }
    }

    fn count(&self, client: C) -> Result<(), Refusal> {
        let now = Instant::now();
        let forgiven_at = self.forgiven_at.get_with(client, || Arc::new(Mutex::new(now)));
        let mut forgiven_at = forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
        let next = now.max(*forgiven_at) + self.quota.every;
        let wait = next.saturating_duration_since(now + self.quota.every * self.quota.burst);
        if wait.is_zero() {
            *forgiven_at = next;
            return Ok(());
        }
        metrics::counter!("clients_limited_total", "what" => format!("wrong {}", self.what)).increment(1);
        let seconds = u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
        let what = self.what;
        let message = format!("Too many wrong {what} from one place just now. Try again in {seconds} s.");
        Err(Refusal::new(reasons::TOO_MANY_REQUESTS, message).with("retryAfterSeconds", seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> WrongCodes<&'static str> {
        WrongCodes::new("promo codes", Quota::new(3, Duration::from_hours(1)))
    }

    #[test]
    fn so_many_wrong_codes_are_tried_and_then_none_whoever_tries_with_them() {
        let codes = codes();
        for _ in 0..3 {
            codes.tries(&["ada", "house"]).unwrap();
        }
        let refusal = codes.tries(&["ada"]).unwrap_err();
        assert!(refusal.is(reasons::TOO_MANY_REQUESTS), "{refusal}");
        assert!(
            (3_599..=3_600).contains(&refusal.details["retryAfterSeconds"].as_u64().unwrap()),
            "{refusal:?}"
        );
        codes.tries(&["bob", "house"]).unwrap_err();
        for _ in 0..3 {
            codes.tries(&["bob"]).unwrap(); // what was refused has cost nothing
        }
        codes.tries(&["bob"]).unwrap_err();
    }

    #[test]
    fn codes_that_exist_cost_nothing() {
        let codes = codes();
        for _ in 0..10 {
            codes.tries(&["ada", "house"]).unwrap();
            codes.knew(&["ada", "house"]);
        }
        for _ in 0..3 {
            codes.tries(&["ada", "house"]).unwrap();
        }
        codes.tries(&["ada", "house"]).unwrap_err();
    }
}
