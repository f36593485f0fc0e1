use std::{path::Path, process::Command};

use tempfile::TempDir;

use crate::{program::Program, tools::tool};

/// A Traefik.
pub struct Traefik {
    // Ended before its folder goes.
    _program: Program,
    folder: TempDir,
}

impl Traefik {
    /// Starts with these arguments and variables, and waits until `ready` (a URL, such as that of its
    /// `/ping`) answers well.
    pub async fn start(
        arguments: impl IntoIterator<Item: AsRef<std::ffi::OsStr>>,
        environment: &[(&str, &str)],
        ready: &str,
    ) -> Self {
        let folder = tempfile::Builder::new().prefix("odysseus-traefik-").tempdir();
        let folder = folder.expect("a folder for Traefik can be made");
        let mut command = Command::new(tool("bin/traefik"));
        command.args(arguments).envs(environment.iter().copied()).current_dir(folder.path());
        let mut program = Program::start(command, &folder.path().join("log"));
        let client = reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).build();
        let client = client.expect("a client can be made");
        let answers = async || {
            let answer = client.get(ready).send().await.and_then(reqwest::Response::error_for_status);
            answer.is_ok()
        };
        program.until("Traefik", answers).await;
        Self { _program: program, folder }
    }

    /// Starts by a file with its static configuration.
    pub async fn configured(file: &Path, environment: &[(&str, &str)], ready: &str) -> Self {
        Self::start([format!("--configFile={}", file.display())], environment, ready).await
    }

    /// What it has said, its access log too if that goes to its output.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}
