use std::{
    path::{Path, PathBuf},
    thread,
};

use tempfile::TempDir;

use crate::{
    Address, Dashboard, Production, Sandbox, Settings, Shape, Store, Stores, embedded::Embedded, invariants,
    process::Log,
};

/// The platform: processes, and a folder of its own.
pub struct Platform {
    // Ended before its folder goes.
    stack: Stack,
    folder: Option<TempDir>,
    expected: Vec<&'static str>,
}

enum Stack {
    Embedded(Box<Embedded>),
    Production(Box<Production>),
}

impl Platform {
    /// Starts `program`; it answers once this returns. `E2E_STACK` says on which stack: `production`, or
    /// the embedded one when it says nothing.
    pub async fn start(program: impl Into<PathBuf>, settings: Settings) -> Self {
        let folder = tempfile::Builder::new().prefix("odysseus-story-").tempdir();
        let folder = folder.expect("a folder for the platform can be made");
        let place = folder.path().to_owned();
        let stack = if is_for_production() {
            let start = Production::start(program.into(), settings, Shape::default(), place);
            // Boxed: what is deep in here is not to be deep in every story.
            Stack::Production(Box::new(Box::pin(start).await))
        } else {
            Stack::Embedded(Box::new(Box::pin(Embedded::start(program.into(), settings, place)).await))
        };
        Self { stack, folder: Some(folder), expected: Vec::new() }
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        match &self.stack {
            Stack::Embedded(embedded) => embedded.address(),
            Stack::Production(production) => production.address(),
        }
    }

    /// The stand-ins for Stripe, mail and SMS.
    pub fn sandbox(&self) -> Sandbox {
        match &self.stack {
            Stack::Embedded(embedded) => embedded.sandbox(),
            Stack::Production(production) => production.sandbox(),
        }
    }

    /// The same, for who goes on while they are killed.
    pub fn dashboard(&self) -> Dashboard {
        match &self.stack {
            Stack::Embedded(embedded) => Dashboard::at(embedded.address().clone()),
            Stack::Production(production) => production.dashboard(),
        }
    }

    /// Where they keep what they were told.
    pub fn sandbox_folder(&self) -> PathBuf {
        let place = self.folder.as_ref().expect("there until the platform is dropped").path();
        place.join(if self.is_one_process() { "data/sandbox" } else { "sandbox" })
    }

    /// Faults whose lines in the log have these words are what the test is about.
    pub fn is_expected_to_log(&mut self, words: &[&'static str]) {
        self.expected.extend(words);
    }

    /// A service's database, to be looked at.
    pub async fn store(&self, service: &str) -> Store {
        let store = match &self.stack {
            Stack::Embedded(embedded) => Box::pin(embedded.store(service)).await,
            Stack::Production(production) => Box::pin(production.store(service)).await,
        };
        store.expect("the service has a database")
    }

    /// Everything that is kept, to be looked at.
    pub async fn stores(&self) -> anyhow::Result<Stores> {
        match &self.stack {
            Stack::Embedded(embedded) => Box::pin(embedded.stores()).await,
            Stack::Production(production) => Box::pin(production.stores()).await,
        }
    }

    /// Starts what must not run, on what lies there.
    pub async fn start_again(&mut self) {
        match &mut self.stack {
            Stack::Embedded(embedded) => Box::pin(embedded.start_again()).await,
            Stack::Production(production) => Box::pin(production.start_again()).await,
        }
    }

    /// `kill -9`, of every process: no farewell, no flush.
    pub async fn kill(&mut self) {
        match &mut self.stack {
            Stack::Embedded(embedded) => Box::pin(embedded.kill()).await,
            Stack::Production(production) => Box::pin(production.kill_all()).await,
        }
    }

    /// `kill -9`, then a new start on the same data.
    pub async fn is_killed_and_starts_again(&mut self) {
        self.kill().await;
        self.start_again().await;
    }

    /// SIGTERM: it finishes what it has begun. True when it said that all went well.
    pub async fn stop(&mut self) -> bool {
        match &mut self.stack {
            Stack::Embedded(embedded) => Box::pin(embedded.stop()).await,
            Stack::Production(production) => Box::pin(production.stop()).await,
        }
    }

    /// True on the embedded stack.
    pub fn is_one_process(&self) -> bool {
        matches!(self.stack, Stack::Embedded(_))
    }

    /// SIGTERM to the one process, without waiting for what comes of it.
    pub async fn is_told_to_stop(&self) {
        match &self.stack {
            Stack::Embedded(embedded) => embedded.is_told_to_stop().await,
            Stack::Production(_) => panic!("there are many processes"),
        }
    }

    /// Everything that was logged.
    pub fn log_text(&self) -> String {
        self.logs().iter().map(Log::text).collect()
    }

    /// Lines of the logs that tell of a fault of ours which nobody expects.
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<_> = self.logs().iter().flat_map(Log::faults).collect();
        faults.retain(|fault| !self.expected.iter().any(|words| fault.contains(words)));
        faults
    }

    fn runs(&self) -> bool {
        match &self.stack {
            Stack::Embedded(embedded) => embedded.runs(),
            Stack::Production(production) => production.runs(),
        }
    }

    fn logs(&self) -> Vec<Log> {
        logs_in(self.folder.as_ref().expect("there until the platform is dropped").path())
    }

    /// Everything that is wrong with what is kept, while it still runs.
    fn wrong(&self) -> Vec<String> {
        if !self.runs() {
            return Vec::new();
        }
        // A thread of its own: this one belongs to the test's runtime, which must not be waited in.
        let looked = thread::scope(|scope| {
            let look = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async { invariants::wrong(&self.stores().await?).await })
            });
            look.join()
        });
        let mut wrong = match looked {
            Ok(Ok(wrong)) => wrong,
            Ok(Err(error)) => vec![format!("the invariants could not be looked at: {error:#}")],
            Err(_) => vec!["the look at the invariants panicked".to_owned()],
        };
        wrong.extend(self.faults().into_iter().map(|fault| format!("a fault was logged: {fault}")));
        wrong
    }

    #[expect(clippy::print_stderr, reason = "a test that failed tells why")]
    fn tell_why(&mut self) {
        let place = self.folder.as_ref().map_or(Path::new(""), TempDir::path);
        for words in faults_logged(place) {
            eprintln!("{words}");
        }
        if let Some(folder) = self.folder.take() {
            eprintln!("── what it kept is in {} ──", folder.keep().display());
        }
    }
}

impl Drop for Platform {
    /// Ends the processes. After a test that held, what they kept has to be right.
    fn drop(&mut self) {
        if thread::panicking() {
            self.tell_why();
            return;
        }
        let wrong = self.wrong();
        if !wrong.is_empty() {
            self.tell_why();
            panic!("the story held, but what it left is wrong:\n  {}", wrong.join("\n  "));
        }
    }
}

/// What the processes that log into a folder said last.
pub fn faults_logged(place: &Path) -> Vec<String> {
    let words = |log: Log| format!("── the last words in {} ──\n{}", log.0.display(), log.last_words());
    logs_in(place).into_iter().map(words).collect()
}

/// Everything that was logged in a folder.
fn logs_in(place: &Path) -> Vec<Log> {
    let files = std::fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut logs: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|kind| kind == "jsonl")).collect();
    logs.sort();
    logs.into_iter().map(Log).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a person chooses the stack, and no setting of the platform"
)]
fn is_for_production() -> bool {
    std::env::var("E2E_STACK").is_ok_and(|stack| stack == "production")
}
