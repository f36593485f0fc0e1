//! `odysseus`, the command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    odysseus::run(odysseus::cli::Cli::parse())
}
