use std::{process::ExitCode, sync::Arc};

use anyhow::{Context as _, bail};
use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use kernel::SystemClock;
use messaging::DeadLetter;
use serde_json::json;
use uuid::Uuid;

use crate::{
    cli::{DeadLetters, DeadLettersAction, Letters, Whose},
    out,
    subgraphs::{Subgraph, settings},
};

/// How many are taken out of a database at once.
const AT_ONCE: u32 = 1_000;

/// The dead letters in one service's database.
struct Kept {
    service: Subgraph,
    letters: messaging::DeadLetters,
}

pub(super) async fn dead_letters(ask: DeadLetters) -> anyhow::Result<ExitCode> {
    let (DeadLettersAction::List { of, .. }
    | DeadLettersAction::Show { of, .. }
    | DeadLettersAction::Replay { of, .. }
    | DeadLettersAction::Drop { of, .. }) = &ask.action;
    let mut kept = Vec::new();
    for service in of.service.subgraphs() {
        let database = settings::existing_database(service, &ask.folder.data).await?;
        let letters = messaging::DeadLetters::new(database.writes, Arc::new(SystemClock));
        kept.push(Kept { service, letters });
    }
    match &ask.action {
        DeadLettersAction::List { of, json } => list(&kept, of, *json).await,
        DeadLettersAction::Show { of, which } => show(&kept, of, which).await,
        DeadLettersAction::Replay { of, which } => {
            let mut count = 0;
            for (kept, id) in chosen(&kept, of, which).await? {
                count += u64::from(kept.letters.replay(id).await?);
            }
            out::line(format!("{count} will be tried again by their running services"));
            Ok(ExitCode::SUCCESS)
        }
        DeadLettersAction::Drop { of, which } => {
            let mut count = 0;
            for (kept, id) in chosen(&kept, of, which).await? {
                count += u64::from(kept.letters.forget(id).await?);
            }
            out::line(format!("{count} are forgotten"));
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn list(all: &[Kept], of: &Whose, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["Service", "Id", "Subject", "Tries", "Since", "Why"]);
    let mut objects = Vec::new();
    for kept in all {
        for letter in letters(kept, of).await? {
            objects.push(object(kept.service, &letter));
            table.add_row([
                letter.consumer,
                letter.message.id.to_string(),
                letter.message.subject,
                letter.deliveries.to_string(),
                letter.buried_at.format("%F %T").to_string(),
                letter.error,
            ]);
        }
    }
    if as_json {
        out::line(serde_json::to_string_pretty(&objects)?);
    } else if objects.is_empty() {
        out::line("There are no dead letters.");
    } else {
        out::line(table);
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(all: &[Kept], of: &Whose, which: &Letters) -> anyhow::Result<ExitCode> {
    let mut objects = Vec::new();
    for (kept, id) in chosen(all, of, which).await? {
        if let Some(letter) = kept.letters.get(id).await? {
            objects.push(object(kept.service, &letter));
        }
    }
    out::line(serde_json::to_string_pretty(&objects)?);
    Ok(ExitCode::SUCCESS)
}

/// Those that are meant; an error for one that is not there.
async fn chosen<'a>(all: &'a [Kept], of: &Whose, which: &Letters) -> anyhow::Result<Vec<(&'a Kept, Uuid)>> {
    let mut chosen = Vec::new();
    for kept in all {
        let ids = letters(kept, of).await?.into_iter().map(|letter| letter.message.id);
        chosen.extend(ids.filter(|id| which.all || which.id.contains(id)).map(|id| (kept, id)));
    }
    if let Some(missing) = which.id.iter().find(|id| !chosen.iter().any(|(_, chosen)| chosen == *id)) {
        bail!("there is no dead letter {missing}; `odysseus dead-letters list` shows what there is");
    }
    Ok(chosen)
}

async fn letters(kept: &Kept, of: &Whose) -> anyhow::Result<Vec<DeadLetter>> {
    let letters = kept.letters.list(of.consumer.as_deref(), AT_ONCE).await;
    letters.with_context(|| format!("the database of {}", kept.service.name()))
}

fn object(service: Subgraph, letter: &DeadLetter) -> serde_json::Value {
    json!({
        "service": service.name(),
        "id": letter.message.id,
        "consumer": letter.consumer,
        "subject": letter.message.subject,
        "deliveries": letter.deliveries,
        "error": letter.error,
        "buriedAt": letter.buried_at,
        "message": letter.message,
    })
}
