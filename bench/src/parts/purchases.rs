use std::{sync::Mutex, time::Duration};

use e2e::{Person, Refused, Show};
use hdrhistogram::Histogram;
use tokio::time::Instant;

use super::holding::buyer;
use crate::{cpu, load::closed, report::Figure, stage::Stage};

/// How many buy at a time.
const CROWDS: [usize; 2] = [16, 64];
/// How long somebody waits for their ticket.
const PATIENCE: Duration = Duration::from_mins(1);

/// Hold, check out, pay, and follow the order until the ticket is there.
pub(super) async fn purchases(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for crowd in CROWDS {
        let waited = Mutex::new(Histogram::<u64>::new(3)?);
        let before = cpu::used();
        let bought = closed(crowd, length, async |client, _| {
            let took = purchase(stage, client).await?;
            let mut waited = waited.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            waited.saturating_record(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
            Ok(())
        })
        .await;
        let waited = waited.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let each = cpu::each(&before, bought.done);
        let of = |percentile: f64| {
            u32::try_from(waited.value_at_percentile(percentile)).map_or(f64::MAX, f64::from)
        };
        figures.push(
            Figure::new(format!("purchases, {crowd} at a time"), bought.rate(), "/s")
                .with_note(bought.refusals()),
        );
        figures.push(Figure::new(format!("from pay to ticket, {crowd} at a time, p50"), of(50.0), "ms"));
        figures.push(Figure::new(format!("from pay to ticket, {crowd} at a time, p99"), of(99.0), "ms"));
        let all = each.values().sum();
        let told: Vec<_> = each.iter().map(|(name, millis)| format!("{name} {millis:.1}")).collect();
        figures.push(
            Figure::new(format!("processor for a purchase, {crowd} at a time"), all, "ms")
                .with_note(told.join(", ")),
        );
    }
    Ok(figures)
}

/// How long it took from paying to the ticket.
pub(super) async fn purchase(stage: &Stage, client: usize) -> Result<Duration, Refused> {
    purchase_of(&stage.show, buyer(stage, client)).await
}

/// The same, of any show.
pub(super) async fn purchase_of(show: &Show, buyer: &Person) -> Result<Duration, Refused> {
    let id = |made: &serde_json::Value| made["id"].as_str().unwrap_or_default().to_owned();
    let reservation = buyer.holds_standing(&show.event, &show.floor, 1).await?;
    let order = id(&buyer.checks_out(&id(&reservation)).await?);
    let begun = Instant::now();
    let mut live = buyer.follows_status(&order).await;
    buyer.pays(&order, "pm_card_visa").await?;
    let completed =
        tokio::time::timeout(PATIENCE, live.until("the ticket", |order| order["status"] == "COMPLETED"));
    completed.await.map_err(Refused::no_answer)?;
    // Who has waited for it looks at the ticket.
    let seen = buyer.looks_at(&order).await?;
    if seen["tickets"].as_array().is_none_or(Vec::is_empty) {
        return Err(Refused::no_answer("a completed order without tickets"));
    }
    Ok(begun.elapsed())
}
