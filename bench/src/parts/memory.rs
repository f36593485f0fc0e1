use e2e::anybody;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::purchases::purchase;
use crate::{cpu, report::Figure, stage::Stage};

/// How much is done before memory is looked at.
const PURCHASES: usize = 1_000;
const MAPS: usize = 200;

/// What each process has in memory, before and after.
pub(super) async fn memory(stage: &Stage) -> anyhow::Result<Vec<Figure>> {
    let before = cpu::resident();
    stream::iter(0..PURCHASES)
        .map(|number| purchase(stage, number))
        .buffer_unordered(16)
        .try_collect::<Vec<_>>()
        .await?;
    let visitor = anybody(stage.address());
    let maps = stream::iter(0..MAPS).map(|_| visitor.sees_seat_map(&stage.show.event)).buffer_unordered(4);
    maps.try_for_each(async |_| Ok(())).await?;
    let ours = |name: &str| !["postgresql", "nats"].contains(&name);
    let figures = cpu::resident().into_iter().filter(|(name, _)| ours(name)).map(|(name, (after, most))| {
        let (then, _) = before.get(&name).copied().unwrap_or_default();
        Figure::new(format!("memory of {name} after {PURCHASES} purchases and {MAPS} maps"), after, "MB")
            .with_note(format!("{then:.0} MB before, {most:.0} MB at most"))
    });
    Ok(figures.collect())
}
