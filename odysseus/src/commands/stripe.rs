use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use payments::CaughtUp;

use super::beside_the_service;
use crate::{
    cli::{Stripe, StripeAction},
    out,
    subgraphs::{Settings, Subgraph, settings},
};

pub(super) async fn stripe(ask: Stripe) -> anyhow::Result<ExitCode> {
    let StripeAction::CatchUp { since } = ask.action;
    let database = settings::existing_database(Subgraph::Payments, &ask.folder.data).await?;
    // What stands in for Stripe in the embedded stack is not to be reached from outside.
    let Settings::Payments(config) = Settings::from_env(Subgraph::Payments)? else {
        bail!("payments has the settings of another service");
    };
    let catch_up = payments::catch_up(&config, database, &beside_the_service()?)?;
    let done = catch_up.since(since, |so_far| out::complain(format!("{} …", told(so_far)))).await;
    let done = done.context("what was heard stays heard; run it again")?;
    match done.between {
        None => out::line(format!("nothing happened at Stripe since {}", second(since))),
        Some((oldest, newest)) => {
            out::line(format!("{}, from {} to {}", told(&done), second(oldest), second(newest)));
        }
    }
    if done.failed > 0 {
        out::complain("not everything could be heard: mend what was told, and run it again");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn told(so_far: &CaughtUp) -> String {
    let CaughtUp { read, new, known, parked, failed, .. } = so_far;
    format!("{read} read: {new} new, {known} known, {parked} put aside, {failed} failed")
}

fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
