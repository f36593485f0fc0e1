//! The commands, a file each.

mod dead_letters;
mod demo;
mod doctor;
mod healthcheck;
mod migrate;
mod nats;
mod republish;
mod router;
mod run;
mod sandbox;
mod schema;
mod serve;
mod signals;

use std::{net::SocketAddr, process::ExitCode};

use serde::{Deserialize, Serialize};
use service::{
    settings::{self, WrongSetting},
    telemetry::{self, LogSettings},
};

use crate::{
    cli::{Cli, Command},
    out,
};

/// Settings of the process itself: `ODYSSEUS__LOG__FORMAT` and so on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Host {
    /// How logs are written.
    pub(crate) log: LogSettings,
    /// Where a service that runs alone finds the keys of access tokens.
    pub(crate) jwks_url: Option<String>,
    /// Where a service or the router listens, if the command does not say: `0.0.0.0:4000` in a container.
    pub(crate) listen: Option<SocketAddr>,
    /// How a service that runs alone reaches the others.
    pub(crate) nats: nats::NatsSettings,
}

impl Host {
    /// The settings of this process; a mistyped one is an error that names it.
    pub(crate) fn from_env() -> Result<Self, WrongSetting> {
        settings::load("ODYSSEUS")
    }
}

/// Does what the command line asks for.
pub fn run(cli: Cli) -> ExitCode {
    match obey(cli) {
        Ok(code) => code,
        Err(error) => {
            out::complain(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn obey(cli: Cli) -> anyhow::Result<ExitCode> {
    // Several libraries here could bring rustls; one of its providers has to be the process's own.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Refused only when somebody was quicker, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Doctor tells about wrong settings itself; a health check has one thing to say.
    if matches!(cli.command, Command::Doctor(_) | Command::Healthcheck(_)) {
        telemetry::log(&LogSettings { filter: "off".to_owned(), ..LogSettings::default() })?;
    } else {
        telemetry::log(&Host::from_env()?.log)?;
    }
    telemetry::measure();
    let done = runtime.block_on(Box::pin(async {
        match cli.command {
            Command::Run(ask) => run::run(ask).await,
            Command::Serve(ask) => serve::serve(ask).await,
            Command::Router => router::router().await,
            Command::Sandbox => sandbox::sandbox().await,
            Command::Healthcheck(ask) => healthcheck::healthcheck(ask).await,
            Command::Migrate(ask) => migrate::migrate(ask).await,
            Command::DeadLetters(ask) => dead_letters::dead_letters(ask).await,
            Command::Republish(ask) => republish::republish(ask).await,
            Command::Schema(ask) => schema::schema(&ask),
            Command::Demo(folder) => demo::demo(folder).await,
            Command::Doctor(ask) => doctor::doctor(ask).await,
        }
    }));
    // Whatever still hangs must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}
