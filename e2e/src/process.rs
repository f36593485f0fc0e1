use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{Settings, within};

/// A process of the platform.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it, and waits until it says where it listens; or what it said last.
    pub(crate) async fn start(
        program: &Path,
        arguments: &[String],
        settings: &Settings,
        log: &Path,
    ) -> Result<(Self, String), String> {
        let file = OpenOptions::new().create(true).append(true).open(log);
        let mut command = Command::new(program);
        settings.give_to(&mut command);
        let mut process = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file.expect("the log can be written"))
            .kill_on_drop(true)
            .spawn()
            .expect("the program can be started");
        let said = process.stdout.take().expect("its output is taken once");
        let mut lines = BufReader::new(said).lines();
        let address = within(&format!("the start of {arguments:?}"), async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(address) = line.strip_prefix("listening on ") {
                    return Some(address.trim().to_owned());
                }
            }
            None
        })
        .await;
        // Whatever else it says has to go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        match address {
            Some(address) => Ok((Self(process), address)),
            None => Err(format!("{arguments:?} did not start:\n{}", Log(log.to_owned()).last_words())),
        }
    }

    /// `kill -9`: no farewell, no flush.
    pub(crate) async fn kill(mut self) {
        // It may have ended by itself.
        self.0.kill().await.ok();
    }

    /// SIGTERM: it finishes what it has begun. True when it said that all went well.
    pub(crate) async fn stop(mut self) -> bool {
        self.is_told_to_stop().await;
        within("the platform's stop", self.0.wait()).await.is_ok_and(|status| status.success())
    }

    /// SIGTERM, without waiting for what comes of it.
    pub(crate) async fn is_told_to_stop(&self) {
        let id = self.0.id().expect("it has not been waited for").to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(asked.is_ok_and(|status| status.success()), "the process can be asked to stop");
    }

    /// True when it has ended, though nobody asked it to.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

/// What a process has logged.
pub(crate) struct Log(pub(crate) PathBuf);

impl Log {
    /// Lines that tell of a fault of ours.
    pub(crate) fn faults(&self) -> Vec<String> {
        // Hive-router does not wait for keys that are just being renewed, and says so as an error; it decides
        // nothing by them (router.yaml).
        let of_ours = |line: &Value| line["level"] == "ERROR" && line["target"] != "router::jwt";
        let lines = self.lines().into_iter().filter(of_ours);
        lines.map(|line| line.to_string()).collect()
    }

    /// What it said last, but for what it always says.
    pub(crate) fn last_words(&self) -> String {
        let lines = self.lines();
        let told: Vec<String> =
            lines.iter().filter(|line| line["level"] != "INFO").map(Value::to_string).collect();
        told[told.len().saturating_sub(40)..].join("\n")
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap_or_default()
    }

    fn lines(&self) -> Vec<Value> {
        let text = self.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line.to_owned())))
            .collect()
    }
}
