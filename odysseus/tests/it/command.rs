//! The program as a child process.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long a start may take here, where many run at once.
const START: Duration = Duration::from_secs(90);

/// The program with these words; its settings are the defaults.
pub(crate) fn odysseus(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_odysseus"));
    command.args(words).stdin(Stdio::null());
    command
}

/// Runs to its end.
pub(crate) fn output(words: &[&str]) -> Output {
    odysseus(words).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A command that serves, answering requests.
pub(crate) struct Running {
    child: Child,
    /// Its address.
    pub(crate) url: String,
    /// What it said before.
    pub(crate) welcome: String,
}

impl Running {
    /// Starts the whole platform on a free port.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        Self::spawn(odysseus(&["run", "--port", "0", "--data"]).arg(data).args(more))
    }

    /// Starts a command that serves, and waits for the line that scripts wait for.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, told) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
        let mut stderr = child.stderr.take().unwrap();
        let complaints = thread::spawn(move || {
            let mut all = String::new();
            stderr.read_to_string(&mut all).map(|_| all).unwrap_or_default()
        });
        let deadline = Instant::now() + START;
        let mut welcome = String::new();
        while let Ok(line) = told.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if let Some(url) = line.strip_prefix("listening on ") {
                return Self { child, url: url.to_owned(), welcome };
            }
            welcome.push_str(&line);
            welcome.push('\n');
        }
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("it did not start; it said: {welcome}{}", complaints.join().unwrap());
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
        ended(&mut self.child, Duration::from_secs(40))
    }

    /// Takes the power away.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The `data` of an operation without errors.
    pub(crate) async fn graph(&self, query: &str) -> serde_json::Value {
        self.ask(reqwest::Client::new(), query).await
    }

    /// The data that an account of the demonstration is told.
    pub(crate) async fn graph_as(&self, email: &str, query: &str) -> serde_json::Value {
        let log_in = format!(
            "mutation {{ login(input: {{ email: \"{email}\", password: \"odysseus-demo\" }}) {{ accessToken }} }}"
        );
        let token = self.graph(&log_in).await["login"]["accessToken"].as_str().unwrap().to_owned();
        let bearer = reqwest::header::HeaderValue::try_from(format!("Bearer {token}")).unwrap();
        let headers = [(reqwest::header::AUTHORIZATION, bearer)].into_iter().collect();
        let client = reqwest::Client::builder().default_headers(headers).build().unwrap();
        self.ask(client, query).await
    }

    async fn ask(&self, client: reqwest::Client, query: &str) -> serde_json::Value {
        let body = serde_json::json!({ "query": query }).to_string();
        let answer = client
            .post(format!("{}/graphql", self.url))
            .header("content-type", "application/json")
            .timeout(Duration::from_secs(30))
            .body(body)
            .send()
            .await
            .unwrap();
        let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// Status and body of a page.
    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already, most of the time.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Waits for the end of a process, and ends it when it takes too long.
pub(crate) fn ended(child: &mut Child, within: Duration) -> ExitStatus {
    let deadline = Instant::now() + within;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() >= deadline {
            child.kill().unwrap();
            panic!("it did not end within {within:?}");
        }
        thread::sleep(Duration::from_millis(20));
    }
}
