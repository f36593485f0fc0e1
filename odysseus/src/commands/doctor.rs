//! What would keep the platform from starting, and how to mend it. Looks only, changes nothing.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use service::Database;

use super::{Host, router::RouterSettings};
use crate::{
    SUPERGRAPH,
    cli::Doctor,
    embedded::folder::{self, Folder},
    out,
    subgraphs::{Settings, Subgraph, settings},
};

/// How long something elsewhere may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was found.
enum Finding {
    /// As it should be.
    Good(String),
    /// Nothing that keeps a start from working, but good to know.
    Note(String),
    /// What is wrong, and how to mend it.
    Bad { wrong: String, mend: String },
}

pub(super) async fn doctor(ask: Doctor) -> anyhow::Result<ExitCode> {
    let data = &ask.folder.data;
    let mut findings = vec![data_folder(data), port(ask.port).await, host()];
    for subgraph in Subgraph::ALL {
        findings.push(service(subgraph, data).await);
    }
    findings.push(router_settings());
    findings.push(keys().await);
    findings.push(supergraph());
    findings.push(pages());
    let mut healthy = true;
    for finding in &findings {
        match finding {
            Finding::Good(what) => out::line(format!("  ok    {what}")),
            Finding::Note(what) => out::line(format!("  note  {what}")),
            Finding::Bad { wrong, mend } => {
                healthy = false;
                out::line(format!("  WRONG {wrong}\n        to mend it: {mend}"));
            }
        }
    }
    out::line(if healthy { "\nReady for `odysseus run`." } else { "\nMend what is wrong, then ask again." });
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bad(wrong: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding::Bad { wrong: wrong.into(), mend: mend.into() }
}

/// It can be made or written to, and nobody else uses it.
fn data_folder(path: &Path) -> Finding {
    let shown = path.display();
    if !path.exists() {
        let parent = path.ancestors().skip(1).find(|parent| parent.as_os_str().is_empty() || parent.is_dir());
        let parent = parent.filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return match writable(parent) {
            Ok(()) => Finding::Good(format!("data folder {shown}: not there yet, and can be made")),
            Err(error) => bad(
                format!("data folder {shown}: it cannot be made in {}: {error}", parent.display()),
                "choose a folder that you may write to with --data",
            ),
        };
    }
    if let Err(error) = writable(path) {
        return bad(
            format!("data folder {shown}: it cannot be written to: {error}"),
            "mend its permissions, or choose another with --data",
        );
    }
    match Folder::take(path) {
        Ok(folder) => match folder.demo() {
            Ok(folder::DemoState::Loaded) => {
                Finding::Good(format!("data folder {shown}: holds the demonstration"))
            }
            Ok(folder::DemoState::Unfinished) => Finding::Note(format!(
                "data folder {shown}: loading the demonstration was interrupted; the next start begins anew"
            )),
            _ => Finding::Good(format!("data folder {shown}: can be used")),
        },
        Err(error) => bad(
            format!("data folder {shown}: {error:#}"),
            "stop the other process, or choose another folder with --data",
        ),
    }
}

fn writable(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".odysseus-doctor-{}", std::process::id()));
    fs::write(&probe, "")?;
    fs::remove_file(&probe)
}

/// The router's port is free, or it is clear who has it.
async fn port(port: u16) -> Finding {
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        let ours = ask(&format!("http://127.0.0.1:{port}/healthz")).await.is_ok();
        let who = if ours { "an odysseus seems to run there" } else { "another program has it" };
        return bad(
            format!("port {port}: {error}; {who}"),
            format!(
                "stop it, or choose another port with --port (such as {}, or 0 for any)",
                port.saturating_add(1)
            ),
        );
    }
    Finding::Good(format!("port {port}: free"))
}

fn host() -> Finding {
    match Host::from_env() {
        Ok(_) => Finding::Good("settings of the process (ODYSSEUS__…)".to_owned()),
        Err(wrong) => bad(wrong.to_string(), "correct it in the environment, or remove it"),
    }
}

/// Its settings parse, its database answers and has a schema that this program knows.
async fn service(subgraph: Subgraph, data: &Path) -> Finding {
    let name = subgraph.name();
    let settings = match settings::stored(subgraph, data) {
        Ok(settings) => settings,
        Err(wrong) => return bad(wrong.to_string(), "correct it in the environment, or remove it"),
    };
    let file = folder::database(data, subgraph);
    let (url, _) = settings.database();
    if url == folder::sqlite_url(&file) && !file.exists() {
        return Finding::Good(format!("{name}: settings in order; its database is made at the first start"));
    }
    database(subgraph, &settings).await
}

async fn database(subgraph: Subgraph, settings: &Settings) -> Finding {
    let name = subgraph.name();
    let (url, _) = settings.database();
    let mend = format!("check {}__DATABASE_URL and that the database is running", name.to_uppercase());
    let connected = tokio::time::timeout(PATIENCE, Database::connect(url, 1)).await;
    let database = match connected {
        Ok(Ok(database)) => database,
        Ok(Err(fault)) => return bad(format!("{name}: {}", fault.chain()), mend),
        Err(_) => return bad(format!("{name}: its database does not answer within {PATIENCE:?}"), mend),
    };
    match subgraph.migrations(&database).await {
        Ok(migrations) => {
            let pending = migrations.iter().filter(|(_, applied)| !applied).count();
            let state = if pending == 0 {
                "up to date".to_owned()
            } else {
                format!("{pending} migrations pending; `run` applies them")
            };
            Finding::Good(format!("{name}: database reachable, {state}"))
        }
        Err(fault) => bad(
            format!("{name}: {}", fault.chain()),
            "the database was perhaps made by a newer version: use that one, or another data folder",
        ),
    }
}

/// Only who runs the router alone needs these.
fn router_settings() -> Finding {
    match RouterSettings::from_env() {
        Ok(_) => Finding::Good("settings of a router that runs alone (ROUTER__…)".to_owned()),
        Err(error) => Finding::Note(format!("only for `odysseus router`: {error:#}")),
    }
}

/// Only who runs a service alone needs them from elsewhere.
async fn keys() -> Finding {
    let Ok(Host { jwks_url: Some(url), .. }) = Host::from_env() else {
        return Finding::Note("only for `odysseus serve`: ODYSSEUS__JWKS_URL is not set".to_owned());
    };
    match ask(&url).await {
        Ok(text) if text.contains("\"keys\"") => Finding::Good(format!("keys of access tokens at {url}")),
        Ok(_) => {
            bad(format!("{url} answers with something that is no key set"), "correct ODYSSEUS__JWKS_URL")
        }
        Err(error) => bad(
            format!("the keys of access tokens cannot be read from {url}: {error}"),
            "start users there, or correct ODYSSEUS__JWKS_URL",
        ),
    }
}

/// Every service is in what the router was built with.
fn supergraph() -> Finding {
    let missing: Vec<_> = Subgraph::ALL
        .into_iter()
        .map(Subgraph::name)
        .filter(|name| !SUPERGRAPH.contains(&format!("name: \"{name}\"")))
        .collect();
    if missing.is_empty() {
        Finding::Good("supergraph: all six services are in it".to_owned())
    } else {
        bad(format!("supergraph: {} not in it", missing.join(", ")), "`make supergraph`, then build again")
    }
}

fn pages() -> Finding {
    if router::pages_are_built() {
        Finding::Good("web pages: GraphiQL is there".to_owned())
    } else {
        bad("web pages: they are not built, so / and /graphiql are empty", "`make web`, then build again")
    }
}

async fn ask(url: &str) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
    Ok(client.get(url).send().await?.error_for_status()?.text().await?)
}
