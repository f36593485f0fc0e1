use std::time::{Duration, Instant};

pub(crate) use e2e::chance::tell;
use e2e::{
    Crowd, Person, Production, Purchase, Settings, Shape, Show, arena, chance, faults_logged, invariants,
    rebuild,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tempfile::TempDir;

/// How many people buy in each case, and how many of them at once.
pub(crate) const BUYERS: usize = 50;
pub(crate) const AT_ONCE: usize = 10;
/// How long the platform may take to come to rest after a fault, and how much longer for each purchase: their mails are sent
/// one after the other.
const REST: Duration = Duration::from_secs(90);
const REST_EACH: Duration = Duration::from_millis(300);

/// The platform with a show on sale.
pub(crate) struct Stage {
    pub(crate) platform: Production,
    pub(crate) show: Show,
    pub(crate) seed: u64,
    pub(crate) organizer: Person,
    folder: Option<TempDir>,
}

impl Stage {
    pub(crate) async fn set(shape: Shape) -> Self {
        Self::set_with(shape, Settings::default()).await
    }

    pub(crate) async fn set_with(shape: Shape, settings: Settings) -> Self {
        let seed = chance::seed();
        tell(&format!("E2E_SEED={seed}"));
        // So that what is slow on purpose is not slower than a test's patience.
        let settings = Settings::default()
            .with("PAYMENTS__STRIPE_TIMEOUT_MS", &1_500)
            .with("PAYMENTS__ANSWER_MS", &2_500)
            .with("PAYMENTS__UNDECIDED_AFTER_MS", &500)
            .with("NOTIFICATIONS__SMTP_TIMEOUT_SECONDS", &2)
            .and(&settings);
        let folder = tempfile::Builder::new().prefix("odysseus-faults-").tempdir().unwrap();
        let program = env!("CARGO_BIN_EXE_platform-under-test");
        let start = Production::start(program.into(), settings, shape, folder.path().to_owned());
        let platform = Box::pin(start).await;
        let organizer = Person::registers(platform.address(), "Olga").await.unwrap();
        let show = organizer.puts_on_in("Winter Journey", arena()).await.unwrap();
        Self { platform, show, seed, organizer, folder: Some(folder) }
    }

    /// Another show, with all its places free.
    pub(crate) async fn puts_on_another(&mut self, title: &str) {
        // Rounds go on for longer than a token.
        self.organizer.logs_in().await.unwrap();
        self.show = self.organizer.puts_on_in(title, arena()).await.unwrap();
    }

    pub(crate) fn random(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed)
    }

    pub(crate) async fn person(&self, name: &str) -> Person {
        Person::registers(self.platform.address(), name).await.unwrap()
    }

    /// People who are about to buy.
    pub(crate) async fn crowd(&self, size: usize) -> Crowd {
        self.crowd_named("Guest", size).await
    }

    pub(crate) async fn crowd_named(&self, name: &str, size: usize) -> Crowd {
        Crowd::gathers(self.platform.address(), &self.show, name, size).await
    }

    /// The invariants hold, copies are what a rebuild would make them, and everybody got what they were
    /// promised. Nothing may be broken any more when this is asked.
    pub(crate) async fn is_right(&mut self, purchases: &[Purchase]) {
        let patience = Instant::now() + rest_after(purchases);
        loop {
            let wrong = Box::pin(self.wrong(purchases)).await;
            if wrong.is_empty() {
                return;
            }
            // What a bus has lost is missed only after a look at it.
            let told = wrong.join("\n  ");
            assert!(
                Instant::now() <= patience,
                "E2E_SEED={}: after the fault is wrong:\n  {told}",
                self.seed
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Waits until nothing is under way any more, or as long as that may take.
    pub(crate) async fn comes_to_rest(&self, purchases: &[Purchase]) {
        let stores = self.platform.stores().await.unwrap();
        let wrong = Box::pin(invariants::wrong_after(&stores, rest_after(purchases))).await.unwrap();
        assert!(
            wrong.is_empty(),
            "E2E_SEED={}: it did not come to rest:\n  {}",
            self.seed,
            wrong.join("\n  ")
        );
    }

    /// What of that is not so.
    pub(crate) async fn wrong(&mut self, purchases: &[Purchase]) -> Vec<String> {
        let stores = self.platform.stores().await.unwrap();
        let mut wrong = self.platform.fallen();
        for process in &mut wrong {
            *process = format!("{process} has ended by itself");
        }
        wrong.extend(Box::pin(invariants::wrong_after(&stores, rest_after(purchases))).await.unwrap());
        wrong.extend(Box::pin(rebuild::differences(&stores)).await.unwrap());
        wrong.extend(self.broken_promises(purchases).await);
        wrong
    }

    pub(crate) async fn broken_promises(&self, purchases: &[Purchase]) -> Vec<String> {
        let (sandbox, mut broken) = (self.platform.sandbox(), Vec::new());
        let payments = self.platform.dashboard().payments().await;
        let tickets = self.platform.store("tickets").await.unwrap();
        for purchase in purchases {
            if let Some(reservation) = &purchase.reservation {
                // Rows have the UUID alone.
                let id = reservation.trim_start_matches("res_");
                if tickets.count(&format!("reservations WHERE id = '{id}'")).await.unwrap() != 1 {
                    broken.push(format!("{purchase}: the reservation {reservation} is gone"));
                }
            }
            broken.extend(purchase.broken_promises(&sandbox, &payments).await);
        }
        broken
    }

    /// Turns all of the sandbox's switches off.
    pub(crate) async fn sandbox_is_well(&self) {
        self.platform.dashboard().is_well().await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for words in faults_logged(self.platform.place()) {
                tell(&words);
            }
            if let Some(folder) = self.folder.take() {
                tell(&format!("── what was logged is in {} ──", folder.keep().display()));
            }
        }
    }
}

/// A moment to wait, up to so many milliseconds.
pub(crate) async fn a_moment(random: &mut StdRng, longest: u64) {
    tokio::time::sleep(Duration::from_millis(random.random_range(0..=longest))).await;
}

fn rest_after(purchases: &[Purchase]) -> Duration {
    REST + REST_EACH * u32::try_from(purchases.len()).unwrap()
}
