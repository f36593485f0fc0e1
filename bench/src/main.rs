//! `bench`: measures the platform, started anew for each part, beside what plain PostgreSQL does in the same minutes.
//!
//! Throughput is measured by clients that ask again as soon as they are answered; latency by an open model: requests
//! begin when their time has come, whether or not those before them are done, and what they wait for that counts.
//! Each part looks afterwards whether what was kept is right; one that is not makes the run fail, after the others.

mod cpu;
mod load;
mod parts;
mod plain;
mod report;
mod stage;

use std::{panic::AssertUnwindSafe, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use futures::FutureExt as _;
use tokio::time::Instant;

use crate::{
    parts::Part,
    report::{Figure, Report},
    stage::Stage,
};

/// Measures Odysseus.
#[derive(Debug, Parser)]
struct Cli {
    /// What is measured; everything when nothing is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// On which stack; on one after the other when none is named.
    #[arg(long, value_enum)]
    stack: Option<StackName>,
    /// The program to measure, built with optimizations.
    #[arg(long, default_value = "target/release/odysseus")]
    program: PathBuf,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many messages the outbox keeps whose relay and sweep are measured.
    #[arg(long, default_value_t = 10_000_000)]
    rows: u64,
    /// How many events the index has that is searched.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// The folder for the figures as JSON, if any: a file for each stack.
    #[arg(long)]
    results: Option<PathBuf>,
    /// The page whose tables are written anew, if any.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// Which of the two stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StackName {
    /// A process for each service, on PostgreSQL that syncs each commit, and NATS.
    Production,
    /// One process on SQLite.
    Embedded,
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
    match Box::pin(measure(&Cli::parse())).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// True when all of it could be measured, and was right.
#[expect(clippy::print_stderr, reason = "a person started it and waits for what it says")]
async fn measure(cli: &Cli) -> anyhow::Result<bool> {
    let parts = if cli.parts.is_empty() { Part::ALL } else { &cli.parts };
    let stacks = cli.stack.map_or_else(|| StackName::value_variants().to_vec(), |stack| vec![stack]);
    let mut well = true;
    for stack in stacks {
        let mut report = Report::new(stack);
        for part in parts.iter().filter(|part| part.is_on(stack)) {
            eprintln!("── {} on the {} stack", part.name(), stack.as_str());
            let begun = Instant::now();
            let mut figures = Vec::new();
            // What a client cannot go on without panics: this part is over, others are not.
            let run = AssertUnwindSafe(Box::pin(run(cli, stack, *part, &mut figures))).catch_unwind().await;
            let wrong = match run {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("{error:#}")),
                Err(_) => Some("it panicked".to_owned()),
            };
            for figure in &figures {
                eprintln!("   {figure}");
            }
            if let Some(wrong) = &wrong {
                well = false;
                eprintln!("   FAILED: {wrong}");
            }
            eprintln!("   {:.0} s in all", begun.elapsed().as_secs_f64());
            report.add(*part, figures, wrong);
            // After each, so that nothing is lost.
            if let Some(results) = &cli.results {
                report.write(results)?;
            }
            if let Some(page) = &cli.page {
                report.write_table(page)?;
            }
        }
    }
    Ok(well)
}

#[expect(clippy::print_stderr, reason = "a person started it and waits for what it says")]
async fn run(cli: &Cli, stack: StackName, part: Part, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    if part == Part::Outbox {
        *figures = Box::pin(parts::outbox(cli.rows)).await?;
        return Ok(());
    }
    if part == Part::Search {
        *figures = Box::pin(parts::search(cli.events)).await?;
        return Ok(());
    }
    // Each part has a platform of its own, so that none pays for what another left.
    let mut begun = Instant::now();
    let mut took = || std::mem::replace(&mut begun, Instant::now()).elapsed().as_secs_f64();
    let stage = Box::pin(Stage::set(stack, &cli.program, part)).await?;
    let set = took();
    *figures = Box::pin(part.measure(&stage, Duration::from_secs(cli.seconds))).await?;
    let measured = took();
    let right = Box::pin(stage.is_right()).await;
    eprintln!(
        "   {set:.0} s to set the stage, {measured:.0} s to measure, {:.0} s until all was right",
        took()
    );
    right
}
