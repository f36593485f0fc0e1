use std::time::Duration;

use e2e::Refused;
use futures::future::join3;

use super::{holding::buyer, purchases::purchase_of};
use crate::{
    load::{Sample, closed, open},
    report::Figure,
    stage::Stage,
};

/// How many want the event that everybody talks about.
const CLIENTS: usize = 1_000;
/// How many a second hold, and buy, at the quiet one.
const HOLDS: f64 = 5.0;
const PURCHASES: f64 = 2.0;

/// What a thousand clients on one event mean for another one's holds and for purchases that are under way.
pub(super) async fn crowd(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let hot = closed(CLIENTS, length, async |client, _| {
        let (_, seats) = stage.next_two();
        match buyer(stage, client).holds(&stage.show.event, seats).await {
            // To be told to come back is an answer.
            Err(refused) if refused.code == "RATE_LIMITED" => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Err(refused)
            }
            held => held.map(drop),
        }
    });
    let quiet = open(HOLDS, length, |number| async move {
        let buyer = buyer(stage, usize::try_from(number).unwrap_or(0));
        buyer.holds_standing(&stage.quiet.event, &stage.quiet.floor, 1).await.map(drop)
    });
    let bought = open(PURCHASES, length, |number| async move {
        purchase_of(&stage.quiet, buyer(stage, usize::try_from(number).unwrap_or(0))).await.map(drop)
    });
    let (hot, quiet, bought) = join3(hot, quiet, bought).await;
    for sample in [&quiet, &bought] {
        anyhow::ensure!(sample.refused.is_empty(), "the quiet event suffered: {}", sample.refusals());
    }
    anyhow::ensure!(!hot.refused.contains_key(Refused::NO_ANSWER), "{}", hot.refusals());
    let late = |what: &str, sample: &Sample| Figure::new(format!("{what}, p99"), sample.millis(99.0), "ms");
    Ok(vec![
        Figure::new(format!("holds of one event, {CLIENTS} clients"), hot.rate(), "/s")
            .with_note(hot.refusals()),
        late("a hold of another event meanwhile", &quiet),
        late("a whole purchase of another event meanwhile", &bought),
    ])
}
