use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use kernel::{Clock as _, SystemClock};
use messaging::outbox;
use service::Database;

use crate::{
    cli::Republish,
    out,
    subgraphs::{Subgraph, settings},
};

/// How often it is looked how much is left.
const LOOK: Duration = Duration::from_secs(1);
/// For how long nothing may happen before it is given up to wait.
const PATIENCE: u32 = 15;

pub(super) async fn republish(ask: Republish) -> anyhow::Result<ExitCode> {
    let since = ask.since.as_deref().map(|text| instant(text, SystemClock.now())).transpose()?;
    let mut databases = Vec::new();
    for service in ask.service.subgraphs() {
        databases.push((service, settings::existing_database(service, &ask.folder.data).await?));
    }
    let mut all = 0;
    for (service, database) in &databases {
        let name = service.name();
        let told = |count| out::complain(format!("{name}: {count} …"));
        let count = outbox::send_again(&database.writes, since, ask.subject.as_deref(), told).await?;
        out::line(format!("{name}: {count} will be published again"));
        all += count;
    }
    if all == 0 || ask.no_wait {
        return Ok(ExitCode::SUCCESS);
    }
    for (service, database) in &databases {
        if !sent(*service, database).await? {
            out::complain("nothing is sent any more: is the service running, and does it reach NATS?");
            return Ok(ExitCode::FAILURE);
        }
    }
    out::line("everything is published");
    Ok(ExitCode::SUCCESS)
}

/// Waits until its outbox is empty. False when nothing happens any more.
async fn sent(service: Subgraph, database: &Database) -> anyhow::Result<bool> {
    let (mut before, mut idle) = (i64::MAX, 0);
    loop {
        let left = outbox::waiting(&database.writes).await?;
        if left == 0 {
            return Ok(true);
        }
        out::complain(format!("{}: {left} left", service.name()));
        idle = if left < before { 0 } else { idle + 1 };
        if idle >= PATIENCE {
            return Ok(false);
        }
        before = left;
        tokio::time::sleep(LOOK).await;
    }
}

/// An instant, or one so long ago.
fn instant(text: &str, now: DateTime<Utc>) -> anyhow::Result<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let Some((number, unit)) = text.char_indices().last().map(|(last, _)| text.split_at(last)) else {
        bail!("--since needs an instant or how long ago");
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => bail!(
            "--since {text}: neither an instant such as 2026-05-01T18:00:00Z nor how long ago, such as 15m"
        ),
    };
    let number: u32 = number.parse().with_context(|| format!("--since {text}: {number} is no number"))?;
    Ok(now - Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_an_instant_or_how_long_ago() {
        let now = DateTime::parse_from_rfc3339("2026-05-01T18:00:00Z").unwrap().to_utc();
        for (text, expected) in [
            ("2026-04-30T20:00:00+02:00", "2026-04-30T18:00:00Z"),
            ("90s", "2026-05-01T17:58:30Z"),
            ("15m", "2026-05-01T17:45:00Z"),
            ("2h", "2026-05-01T16:00:00Z"),
            ("3d", "2026-04-28T18:00:00Z"),
        ] {
            let expected = DateTime::parse_from_rfc3339(expected).unwrap();
            assert_eq!(instant(text, now).unwrap(), expected, "{text}");
        }
        for wrong in ["", "yesterday", "15", "m", "-1h", "1.5h", "99999999999d"] {
            assert!(instant(wrong, now).is_err(), "{wrong}");
        }
    }
}
