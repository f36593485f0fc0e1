//! `odysseus`, as tests start it, kill it, and start it again.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    odysseus::run(odysseus::cli::Cli::parse())
}
