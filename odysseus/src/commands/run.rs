use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};

use super::{Host, signals::Signals};
use crate::{
    cli::Run,
    demo::accounts,
    embedded::{Embedded, Options},
    out,
};

pub(super) async fn run(ask: Run) -> anyhow::Result<ExitCode> {
    let options = Options { data: ask.folder.data, port: ask.port, demo: !ask.no_demo, router_workers: None };
    let mut signals = Signals::listen()?;
    let mut platform = tokio::select! {
        started = Embedded::start(options) => started?,
        () = signals.next() => {
            out::complain("stopped before it had started");
            return Ok(ExitCode::from(130));
        }
    };
    out::line(welcome(&platform));
    out::line(format!("listening on {}", platform.url()));
    let code = tokio::select! {
        () = signals.next() => {
            out::complain("stopping; once more to stop at once");
            ExitCode::SUCCESS
        }
        ended = platform.router_ended() => {
            ended?;
            ExitCode::FAILURE
        }
    };
    signals.next_one_ends();
    platform.leave(Host::from_env()?.drain()).await;
    platform.stop().await;
    Ok(code)
}

/// Where everything is, who can log in, where data lies.
fn welcome(platform: &Embedded) -> Table {
    let url = platform.url();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["Odysseus", "runs", ""]);
    for (name, path, about) in [
        ("Storefront", "/", "find an event, and buy tickets"),
        ("Developers", "/developers", "what runs where"),
        ("GraphiQL", "/graphiql", "try the graph in a browser, with examples"),
        ("Graph", "/graphql", "for programs: HTTP, WebSocket, server-sent events"),
        ("Sandbox", "/sandbox", "mails, messages and payments that were sent"),
        ("Health", "/readyz", "whether every part is ready"),
    ] {
        table.add_row([name.to_owned(), format!("{url}{path}"), about.to_owned()]);
    }
    if platform.has_demo() {
        for account in accounts::SHOWN {
            table.add_row([account.email, accounts::PASSWORD, account.purpose]);
        }
    }
    table.add_row(["Data", &platform.data().display().to_string(), "remove the folder to begin anew"]);
    table
}
