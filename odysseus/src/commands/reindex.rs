use std::process::ExitCode;

use anyhow::Context as _;

use crate::{
    cli::DataFolder,
    out,
    subgraphs::{Subgraph, settings},
};

pub(super) async fn reindex(folder: DataFolder) -> anyhow::Result<ExitCode> {
    let database = settings::existing_database(Subgraph::Events, &folder.data).await?;
    events::ask_for_new_indexes(&database).await.context("nothing was asked for; run it again")?;
    out::line(
        "each replica of events that runs makes a new index within seconds, and answers from the old one until then",
    );
    Ok(ExitCode::SUCCESS)
}
