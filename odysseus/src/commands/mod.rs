//! The commands, a file each.

mod dead_letters;
mod demo;
mod doctor;
mod healthcheck;
mod migrate;
mod nats;
mod operator;
mod reindex;
mod republish;
pub(crate) mod router;
mod run;
mod sandbox;
mod schema;
mod serve;
mod signals;
mod stripe;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use kernel::SystemClock;
use messaging::InProcessBus;
use serde::{Deserialize, Serialize};
use service::{
    Foundation, TokenVerifier,
    settings::{self, WrongSetting},
    telemetry::{self, LogSettings, TraceSettings},
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
    /// Where traces are sent.
    pub(crate) telemetry: TraceSettings,
    /// For how many seconds a process that is told to stop goes on answering while `/readyz` says that it is
    /// leaving; so long that whoever balances load has looked there. In production 3 or more.
    pub(crate) drain_seconds: u32,
    /// Where a service that runs alone finds the keys of access tokens.
    pub(crate) jwks_url: Option<String>,
    /// Where a service or the router listens, if the command does not say: `0.0.0.0:4000` in a container.
    pub(crate) listen: Option<SocketAddr>,
    /// A folder with fonts for tickets, beside `/usr/share/fonts`: for scripts that the program has no font for, such as
    /// Chinese, Japanese and Korean.
    pub(crate) fonts: Option<PathBuf>,
    /// How a service that runs alone reaches the others.
    pub(crate) nats: nats::NatsSettings,
}

impl Host {
    /// The settings of this process; a mistyped one is an error that names it.
    pub(crate) fn from_env() -> Result<Self, WrongSetting> {
        settings::load("ODYSSEUS")
    }

    /// How long a process that is told to stop goes on answering.
    pub(crate) fn drain(&self) -> Duration {
        Duration::from_secs(u64::from(self.drain_seconds))
    }
}

/// What use cases stand on in a command that works on a service's database, beside the service: nobody else is told at once, and
/// nobody's token is read.
fn beside_the_service() -> anyhow::Result<Foundation> {
    let clock = Arc::new(SystemClock);
    let tokens = TokenVerifier::from_url("http://127.0.0.1:9".to_owned(), clock.clone())?;
    Ok(Foundation { bus: Arc::new(InProcessBus::new()), clock, tokens })
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
    let host = if matches!(cli.command, Command::Doctor(_) | Command::Healthcheck(_)) {
        let log = LogSettings { filter: "off".to_owned(), ..LogSettings::default() };
        Host { log, ..Host::default() }
    } else {
        Host::from_env()?
    };
    let name = match &cli.command {
        Command::Serve(ask) => format!("odysseus-{}", ask.service.name()),
        Command::Router => "odysseus-router".to_owned(),
        _ => "odysseus".to_owned(),
    };
    let telemetry = {
        let _within = runtime.enter();
        telemetry::start(&name, &host.log, &host.telemetry)?
    };
    telemetry::measure();
    if let Some(folder) = host.fonts {
        printing::look_for_fonts_in(folder);
    }
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
            Command::Operator(ask) => operator::operator(ask).await,
            Command::Stripe(ask) => stripe::stripe(ask).await,
            Command::Reindex(folder) => reindex::reindex(folder).await,
            Command::Schema(ask) => schema::schema(&ask),
            Command::Demo(folder) => demo::demo(folder).await,
            Command::Doctor(ask) => doctor::doctor(ask).await,
        }
    }));
    runtime.block_on(telemetry.stop());
    // Whatever still hangs must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}
