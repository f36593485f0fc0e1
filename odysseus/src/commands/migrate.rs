use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::{
    cli::{Direction, Migrate},
    embedded::folder::Folder,
    out,
    subgraphs::{Subgraph, settings},
};

pub(super) async fn migrate(ask: Migrate) -> anyhow::Result<ExitCode> {
    if ask.direction == Direction::Down && !ask.yes {
        bail!("`down` destroys what the tables of the last migration hold; say --yes if you mean it");
    }
    let folder = Folder::take(&ask.folder.data)?;
    for subgraph in ask.service.subgraphs() {
        one(subgraph, ask.direction, &folder)
            .await
            .with_context(|| format!("the database of {}", subgraph.name()))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn one(subgraph: Subgraph, direction: Direction, folder: &Folder) -> anyhow::Result<()> {
    let settings = settings::stored(subgraph, folder.path())?;
    let database = settings.open_database(subgraph).await?;
    match direction {
        Direction::Up => subgraph.migrate(&database).await?,
        Direction::Down => subgraph.migrate_back(&database).await?,
        Direction::Status => {}
    }
    for (name, applied) in subgraph.migrations(&database).await? {
        out::line(format!("{:<14} {} {name}", subgraph.name(), if applied { "applied" } else { "pending" }));
    }
    Ok(())
}
