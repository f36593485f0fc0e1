//! `bench`: measures the platform, started anew for it, beside what plain PostgreSQL does in the same minutes.
//!
//! Throughput is measured by clients that ask again as soon as they are answered; latency by an open model: requests
//! begin when their time has come, whether or not those before them are done, and what they wait for that counts.
//! Each part looks afterwards whether what was kept is right; one that is not makes the run fail.

mod cpu;
mod load;
mod parts;
mod plain;
mod report;
mod stage;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};

use crate::{parts::Part, report::Report, stage::Stage};

/// Measures Odysseus.
#[derive(Debug, Parser)]
struct Cli {
    /// What is measured; everything when nothing is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// On which stack.
    #[arg(long, value_enum, default_value_t = StackName::Production)]
    stack: StackName,
    /// The program to measure, built with optimizations.
    #[arg(long, default_value = "target/release/odysseus")]
    program: PathBuf,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Where the figures go, as JSON.
    #[arg(long, default_value = "bench/results")]
    results: PathBuf,
    /// The page whose table for this stack is written anew, if any.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// Which of the two stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StackName {
    /// One process on SQLite.
    Embedded,
    /// A process for each service, on PostgreSQL that syncs each commit, and NATS.
    Production,
}

impl StackName {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Production => "production",
        }
    }
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "a person started it and waits for what it says")]
async fn main() -> ExitCode {
    match Box::pin(measure(Cli::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a person started it and waits for what it says")]
async fn measure(cli: Cli) -> anyhow::Result<()> {
    let parts = if cli.parts.is_empty() { Part::ALL.to_vec() } else { cli.parts };
    let length = Duration::from_secs(cli.seconds);
    let mut report = Report::new(cli.stack, &cli.program);
    for part in parts {
        // Each part has a platform of its own, so that none pays for what another left.
        eprintln!("── {part:?} on the {} stack", cli.stack.as_str());
        let stage = Box::pin(Stage::set(cli.stack, &cli.program)).await?;
        let figures = Box::pin(part.measure(&stage, length)).await?;
        for figure in &figures {
            eprintln!("   {figure}");
        }
        report.add(part, figures);
        Box::pin(stage.is_right()).await?;
    }
    report.write(&cli.results)?;
    if let Some(page) = &cli.page {
        report.write_table(page)?;
    }
    Ok(())
}
