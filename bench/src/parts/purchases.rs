use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use e2e::{Person, Refused, Show};
use tokio::time::Instant;

use super::holding::{buyer, processors};
use crate::{
    cpu::Meter,
    load::{Times, closed, open},
    report::Figure,
    stage::Stage,
};

/// How many buy at a time.
const CROWDS: [usize; 2] = [16, 64];
/// How long somebody waits for their ticket.
const PATIENCE: Duration = Duration::from_mins(1);
/// How much of what it can do is asked of the platform while latency is measured.
const EASY: f64 = 0.5;

/// Hold, check out, pay, and follow the order until the ticket is there.
pub(super) async fn purchases(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut most: f64 = 0.0;
    closed(CROWDS[0], length / 4, async |client, _| purchase(stage, client).await.map(drop)).await; // warm
    for crowd in CROWDS {
        let waits = Waits::new();
        let meter = Meter::start();
        let bought =
            closed(crowd, length, async |client, _| waits.noted(purchase(stage, client).await)).await;
        most = most.max(bought.rate());
        figures.push(
            Figure::new(format!("purchases, {crowd} at a time"), bought.rate(), "/s")
                .with_note(bought.refusals())
                .with_note(meter.limits()),
        );
        figures.extend(waits.figures(&format!("from pay to ticket, {crowd} at a time")));
        figures.push(processors(&format!("a purchase, {crowd} at a time"), &meter, bought.done));
    }
    let waits = Waits::new();
    let easily = open(most * EASY, length, async |number| {
        waits.noted(purchase(stage, usize::try_from(number).unwrap_or(0)).await)
    })
    .await;
    let what = format!("at {:.0} purchases/s", most * EASY);
    figures.extend(waits.figures(&format!("from pay to ticket {what}")));
    figures.push(
        Figure::new(format!("from hold to ticket {what}, p99"), easily.times.millis(99.0), "ms")
            .with_note(easily.refusals()),
    );
    Ok(figures)
}

/// How long people waited from paying to their tickets.
pub(super) struct Waits(Mutex<Times>);

impl Waits {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Times::new()))
    }

    /// Takes note of one.
    pub(super) fn noted(&self, wait: Result<Duration, Refused>) -> Result<(), Refused> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).note(wait?);
        Ok(())
    }

    pub(super) fn figures(self, what: &str) -> [Figure; 2] {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).figures(what)
    }
}

/// How long it took from asking to pay until the ticket, with its QR code, had been pushed to the buyer's page.
pub(super) async fn purchase(stage: &Stage, client: usize) -> Result<Duration, Refused> {
    purchase_of(&stage.show, buyer(stage, client)).await
}

/// The same, of any show.
pub(super) async fn purchase_of(show: &Show, buyer: &Person) -> Result<Duration, Refused> {
    let id = |made: &serde_json::Value| made["id"].as_str().unwrap_or_default().to_owned();
    let reservation = buyer.holds_standing(&show.event, &show.floor, 1).await?;
    let order = id(&buyer.checks_out(&id(&reservation)).await?);
    // As their page does before it shows where to pay: the ticket is pushed to it.
    let mut live = buyer.follows_tickets(&order).await;
    let begun = Instant::now();
    buyer.pays(&order, "pm_card_visa").await?;
    let ticket = live.until("the ticket", |order| {
        order["status"] == "COMPLETED" && order["tickets"][0]["qrPayload"].is_string()
    });
    tokio::time::timeout(PATIENCE, ticket).await.map_err(Refused::no_answer)?;
    Ok(begun.elapsed())
}
