use std::{
    ffi::OsString,
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, PoisonError, RwLock},
    thread,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{Sandbox, Store, invariants, within};

/// Settings of the platform in its environment, such as `TICKETS__HOLD_SECONDS`.
#[derive(Clone, Debug)]
pub struct Settings(Vec<(String, String)>);

/// Where the platform is at the moment; after a restart somewhere else.
#[derive(Clone, Debug, Default)]
pub struct Address(Arc<RwLock<String>>);

/// The platform: a process, and a folder of its own.
pub struct Platform {
    program: PathBuf,
    settings: Settings,
    address: Address,
    // Ended before its folder goes.
    process: Option<Child>,
    folder: Option<TempDir>,
}

impl Default for Settings {
    /// Passwords that cost nothing, and logs for machines.
    fn default() -> Self {
        Self(Vec::new())
            .with("USERS__PASSWORD_MEMORY_KIB", &8)
            .with("USERS__PASSWORD_ITERATIONS", &1)
            .with("ODYSSEUS__LOG__FORMAT", &"json")
            // Each start has another port, and a settings change between two tries is another story.
            .with("PAYMENTS__RETURN_URL", &"http://tickets.example.test")
    }
}

impl Settings {
    /// One more setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &impl ToString) -> Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }
}

impl Address {
    /// One that is known, such as that of a gateway before the platform.
    pub fn at(url: &str) -> Self {
        let address = Self::default();
        address.set(url);
        address
    }

    /// Such as `http://127.0.0.1:4000`.
    pub fn now(&self) -> String {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, address: &str) {
        address.clone_into(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Platform {
    /// Starts `program` in a new folder; it answers once this returns.
    pub async fn start(program: impl Into<PathBuf>, settings: Settings) -> Self {
        let folder = tempfile::Builder::new().prefix("odysseus-story-").tempdir();
        let folder = folder.expect("a folder for the platform can be made");
        let mut platform = Self {
            program: program.into(),
            settings,
            folder: Some(folder),
            address: Address::default(),
            process: None,
        };
        platform.start_again().await;
        platform
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Where its data lies.
    pub fn data(&self) -> PathBuf {
        self.place().join("data")
    }

    /// The stand-ins for Stripe, mail and SMS.
    pub fn sandbox(&self) -> Sandbox {
        Sandbox::at(self.address.clone())
    }

    /// A service's database, to be looked at.
    pub async fn store(&self, service: &str) -> Store {
        Store::open(&self.data(), service).await.expect("the service has a database")
    }

    /// Starts the process, which must not run, on what lies in the folder.
    pub async fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let log = OpenOptions::new().create(true).append(true).open(self.log());
        let mut process = Command::new(&self.program)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| is_harmless(name)))
            .envs(self.settings.0.iter().map(|(name, value)| (name, value)))
            .args(["run", "--port", "0", "--no-demo", "--data"])
            .arg(self.data())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.expect("the log can be written"))
            .kill_on_drop(true)
            .spawn()
            .expect("the program can be started");
        let said = process.stdout.take().expect("its output is taken once");
        let mut lines = BufReader::new(said).lines();
        let address = within("the start of the platform", async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(address) = line.strip_prefix("listening on ") {
                    return Some(address.trim().to_owned());
                }
            }
            None
        })
        .await;
        let Some(address) = address else {
            panic!("the platform did not start:\n{}", self.last_words());
        };
        self.address.set(&address);
        self.process = Some(process);
        // Whatever else it says has to go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    }

    /// `kill -9`: no farewell, no flush.
    pub async fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().await.expect("one's own child can be killed");
    }

    /// `kill -9`, then a new start on the same data.
    pub async fn is_killed_and_starts_again(&mut self) {
        self.kill().await;
        self.start_again().await;
    }

    /// SIGTERM: it finishes what it has begun. True when it said that all went well.
    pub async fn stop(&mut self) -> bool {
        let mut process = self.process.take().expect("it runs");
        let id = process.id().expect("it has not been waited for").to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(asked.is_ok_and(|status| status.success()), "the process can be asked to stop");
        within("the platform's stop", process.wait()).await.is_ok_and(|status| status.success())
    }

    /// Lines of the log that tell of a fault of ours.
    pub fn faults(&self) -> Vec<String> {
        // Hive-router does not wait for keys that are just being renewed, and says so as an error; it decides
        // nothing by them (router.yaml).
        let of_ours = |line: &Value| line["level"] == "ERROR" && line["target"] != "router::jwt";
        let lines = self.logged().into_iter().filter(of_ours);
        lines.map(|line| line.to_string()).collect()
    }

    fn logged(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line.to_owned())))
            .collect()
    }

    fn last_words(&self) -> String {
        let lines = self.logged();
        let told: Vec<String> =
            lines.iter().filter(|line| line["level"] != "INFO").map(Value::to_string).collect();
        told[told.len().saturating_sub(40)..].join("\n")
    }

    fn place(&self) -> &Path {
        self.folder.as_ref().expect("there until the platform is dropped").path()
    }

    fn log(&self) -> PathBuf {
        self.place().join("log.jsonl")
    }

    /// Everything that is wrong with what is kept, while the process still runs.
    fn wrong(&self) -> Vec<String> {
        if self.process.is_none() {
            return Vec::new();
        }
        let data = self.data();
        // A thread of its own: this one belongs to the test's runtime, which must not be waited in.
        let looked = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(invariants::wrong(&data))
        });
        let mut wrong = match looked.join() {
            Ok(Ok(wrong)) => wrong,
            Ok(Err(error)) => vec![format!("the invariants could not be looked at: {error:#}")],
            Err(_) => vec!["the look at the invariants panicked".to_owned()],
        };
        wrong.extend(self.faults().into_iter().map(|fault| format!("a fault was logged: {fault}")));
        wrong
    }

    #[expect(clippy::print_stderr, reason = "a test that failed tells why")]
    fn tell_why(&mut self) {
        eprintln!("── the platform's last words ──\n{}", self.last_words());
        if let Some(folder) = self.folder.take() {
            eprintln!("── what it kept is in {} ──", folder.keep().display());
        }
    }
}

impl Drop for Platform {
    /// Ends the process. After a test that held, what it kept has to be right.
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

/// What the process needs of the environment; settings of whoever runs the test are none of it.
fn is_harmless(name: &OsString) -> bool {
    ["PATH", "HOME", "TMPDIR", "LANG"].iter().any(|known| name == known)
}
