use std::time::Duration;

use e2e::{Person, Refused};
use futures::future::join3;

use super::{
    CROWD,
    purchases::{Waits, purchase_of},
};
use crate::{
    cpu::Meter,
    load::{closed, open},
    report::Figure,
    stage::Stage,
};

/// How many a second hold, and buy, at the quiet one.
const HOLDS: f64 = 10.0;
const PURCHASES: f64 = 4.0;
/// How long those who are told to come back stay away.
const AWAY: Duration = Duration::from_secs(1);
/// How much longer than others this measures, since few come to the quiet event.
const LONGER: u32 = 4;

/// What a thousand clients on one event mean for another one's holds and for purchases that are under way.
pub(super) async fn crowd(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let length = length * LONGER;
    let meter = Meter::start();
    let hot = closed(CROWD, length, async |client, _| {
        let (_, seats) = stage.next_two();
        match stage.buyers[client].holds(&stage.show.event, seats).await {
            // To be told to come back is an answer.
            Err(refused) if refused.code == "RATE_LIMITED" => {
                tokio::time::sleep(AWAY).await;
                Err(refused)
            }
            held => held.map(drop),
        }
    });
    let (few, waits) = (&stage.buyers[CROWD..], Waits::new());
    let ordinary = |number: u64| -> &Person { &few[usize::try_from(number).unwrap_or(0) % few.len()] };
    let quiet = open(HOLDS, length, async |number| {
        ordinary(number).holds_standing(&stage.quiet.event, &stage.quiet.floor, 1).await.map(drop)
    });
    let bought = open(PURCHASES, length, async |number| {
        waits.noted(purchase_of(&stage.quiet, ordinary(number)).await)
    });
    let (hot, quiet, bought) = join3(hot, quiet, bought).await;
    let limits = meter.limits();
    for sample in [&quiet, &bought] {
        anyhow::ensure!(sample.refused.is_empty(), "the quiet event suffered: {}", sample.refusals());
    }
    anyhow::ensure!(!hot.refused.contains_key(Refused::NO_ANSWER), "{}", hot.refusals());
    let mut figures = vec![
        Figure::new(format!("holds of one event, {CROWD} clients"), hot.rate(), "/s")
            .with_note(hot.refusals())
            .with_note(limits),
    ];
    figures.extend(quiet.times.figures("a hold of another event meanwhile"));
    figures.extend(waits.figures("from pay to ticket of another event meanwhile"));
    Ok(figures)
}
