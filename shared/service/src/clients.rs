//! Limits by client: how often one address, one account or one socket may do something.

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use kernel::{Refusal, reasons};
use serde::{Deserialize, Serialize};

/// How many keys are told apart at a time. Of more, several share what one may do.
const MOST_KEYS: usize = 100_000;
/// After how many questions those are forgotten that may do everything again.
const TIDY: u32 = 1_024;

/// So many at once, and then one more every so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// How many at once, by one who has done nothing for long.
    pub burst: u32,
    /// How long until there is one more; as a setting in milliseconds, under the name `every_millis`.
    #[serde(rename = "every_millis", with = "in_millis")]
    pub every: Duration,
}

impl Quota {
    /// So many at once, and one more each time `every` has passed.
    pub const fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every }
    }
}

mod in_millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

/// Counts what each of many does, and refuses what is too much.
///
/// It counts for this process alone and forgets at a restart: it keeps a service alive, and is no accounting.
/// Clones count together.
#[derive(Clone, Debug)]
pub struct Limiter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    what: &'static str,
    burst: NonZeroU32,
    by_key: DefaultKeyedRateLimiter<u64>,
    clock: DefaultClock,
    /// Nobody outside can choose keys that meet.
    hashes: RandomState,
    asked: AtomicU32,
    crowded: AtomicBool,
}

impl Limiter {
    /// A limiter of `what`, such as `registrations`: clients read it, and it is a label of the metric. A burst of zero
    /// counts as one, and no time as a millisecond.
    pub fn new(what: &'static str, quota: Quota) -> Self {
        let burst = NonZeroU32::new(quota.burst).unwrap_or(NonZeroU32::MIN);
        let every = quota.every.max(Duration::from_millis(1));
        let quota =
            governor::Quota::with_period(every).expect("this is longer than nothing").allow_burst(burst);
        Self(Arc::new(Inner {
            what,
            burst,
            by_key: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            hashes: RandomState::new(),
            asked: AtomicU32::new(0),
            crowded: AtomicBool::new(false),
        }))
    }

    /// One more by this key, such as an address or an account; `RATE_LIMITED` with `retryAfterSeconds` when it is too much.
    pub fn check(&self, key: &(impl Hash + ?Sized)) -> Result<(), Refusal> {
        self.check_n(key, 1)
    }

    /// So many more at once, all or none.
    pub fn check_n(&self, key: &(impl Hash + ?Sized), n: u32) -> Result<(), Refusal> {
        let Some(n) = NonZeroU32::new(n) else { return Ok(()) };
        let inner = &*self.0;
        inner.tidy();
        let key = inner.key(key);
        match inner.by_key.check_key_n(&key, n) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(inner.refusal(not_until.wait_time_from(inner.clock.now()))),
            // More than may ever be done at once.
            Err(_) => Err(inner.refusal(Duration::ZERO).with("most", inner.burst.get())),
        }
    }

    /// How many keys it remembers.
    pub fn remembered(&self) -> usize {
        self.0.by_key.len()
    }
}

impl Inner {
    fn key(&self, key: &(impl Hash + ?Sized)) -> u64 {
        let key = self.hashes.hash_one(key);
        if self.crowded.load(Ordering::Relaxed) { key % MOST_KEYS as u64 } else { key }
    }

    fn tidy(&self) {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            self.by_key.retain_recent();
            self.crowded.store(self.by_key.len() > MOST_KEYS, Ordering::Relaxed);
        }
    }

    fn refusal(&self, wait: Duration) -> Refusal {
        metrics::counter!("clients_limited_total", "what" => self.what).increment(1);
        let seconds = wait.as_millis().div_ceil(1_000).max(1);
        let message = format!("Too many {} from one place just now. Try again in {seconds} s.", self.what);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        Refusal::new(reasons::TOO_MANY_REQUESTS, message).with("retryAfterSeconds", seconds)
    }
}

/// Whom an address stands for: itself, or with version 6 its network of 64 bits, of which one household has all.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}
