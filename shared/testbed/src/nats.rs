use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
};

use crate::{
    Port,
    program::Program,
    tools::{given, tool},
};

/// A NATS server with JetStream.
pub struct Nats {
    // Ended before its folder goes.
    program: Option<Program>,
    config: Option<PathBuf>,
    environment: Vec<(String, String)>,
    port: Port,
    folder: TempDir,
}

impl Nats {
    /// The URL of the server that `NATS_URL` names.
    pub fn given() -> Option<String> {
        given("NATS_URL")
    }

    /// Starts an open server.
    pub async fn start() -> Self {
        Self::start_with(None, &[]).await
    }

    /// Starts a server by a configuration file, whose variables are taken from `environment`. It finds the
    /// folder of its store in `NATS_STORE`; where it listens is not the file's to say.
    pub async fn configured(config: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_with(Some(config.to_owned()), environment).await
    }

    async fn start_with(config: Option<PathBuf>, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("odysseus-nats-").tempdir();
        let folder = folder.expect("a folder for NATS can be made");
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut nats =
            Self { program: None, config, environment: environment.collect(), port: Port::take(), folder };
        nats.start_again().await;
        nats
    }

    /// Where it is, such as `nats://127.0.0.1:12345`.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.port.address()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.program.take().expect("it runs");
    }

    /// Starts again on the same port, with what is in its store.
    pub async fn start_again(&mut self) {
        assert!(self.program.is_none(), "it runs already");
        let mut command = Command::new(tool("bin/nats-server"));
        match &self.config {
            // An argument beside the same setting in the file would be an error. Its monitoring takes any free port.
            Some(config) => command.arg("-c").arg(config).args(["-m", "-1"]).env("NATS_STORE", self.store()),
            None => command.arg("-js").arg("-sd").arg(self.store()),
        };
        command.args(["-a", "127.0.0.1", "-p", &self.port.number().to_string()]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let mut program = Program::start(command, &self.folder.path().join("log"));
        let address = self.address();
        program.until("NATS", async || speaks(address).await.is_some()).await;
        self.program = Some(program);
    }

    /// Loses everything it has stored; it must not run.
    pub fn wipe(&mut self) {
        assert!(self.program.is_none(), "it runs");
        if self.store().exists() {
            std::fs::remove_dir_all(self.store()).expect("its store can be removed");
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }
}

/// Something once it greets, with its streams ready.
async fn speaks(address: std::net::SocketAddr) -> Option<()> {
    let mut greeting = String::new();
    let connection = TcpStream::connect(address).await.ok()?;
    BufReader::new(connection).read_line(&mut greeting).await.ok()?;
    greeting.contains("\"jetstream\":true").then_some(())
}
