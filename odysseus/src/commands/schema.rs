use std::{fs, process::ExitCode};

use anyhow::Context as _;

use crate::{cli::Schema, out, subgraphs::Subgraph};

pub(super) fn schema(ask: &Schema) -> anyhow::Result<ExitCode> {
    let subgraphs = ask.service.map_or_else(|| Subgraph::ALL.to_vec(), |one| vec![one]);
    for subgraph in &subgraphs {
        let sdl = subgraph.sdl();
        let Some(root) = &ask.write else {
            if subgraphs.len() > 1 {
                out::line(format!("# {}", subgraph.name()));
            }
            out::line(sdl.trim_end());
            continue;
        };
        let file = root.join("subgraphs").join(subgraph.name()).join("schema.graphql");
        if fs::read_to_string(&file).is_ok_and(|known| known == sdl) {
            continue; // its time stays, so that nothing is built again
        }
        fs::write(&file, sdl).with_context(|| format!("{} cannot be written", file.display()))?;
        out::line(file.display());
    }
    Ok(ExitCode::SUCCESS)
}
