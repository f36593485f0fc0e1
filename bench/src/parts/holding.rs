use std::time::Duration;

use e2e::{Person, Refused};
use futures::future::join_all;
use serde_json::Value;

use super::{CLIENTS, CROWD};
use crate::{
    cpu::Meter,
    load::{Sample, closed, open},
    plain::Plain,
    report::Figure,
    stage::Stage,
};

/// How much of what it can do is asked of the platform while latency is measured.
const EASY: f64 = 0.5;
/// Which share of the seats is for measuring how many holds there are; the others are for how long one takes.
const MOST: f64 = 0.6;
/// How many seats one order can take.
const TAKEN: usize = 10;

pub(super) async fn holds(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let hold = async || {
        let (turn, seats) = stage.next_two();
        held(buyer(stage, turn).holds(&stage.show.event, seats).await)
    };
    // No longer than there are seats: refusals would be measured as holds.
    let while_there_are = |share: f64, rate: f64| {
        length.min(Duration::from_secs_f64(stage.pairs_left() * share / rate.max(1.0)))
    };
    let warm = closed(CLIENTS, length / 5, async |_, _| hold().await).await;
    let meter = Meter::start();
    let fast = while_there_are(MOST, warm.rate()).min(length * 3 / 5);
    let most = closed(CLIENTS, fast, async |_, _| hold().await).await;
    let (processors, limits) = (processors("a hold", &meter, most.done), meter.limits());
    let rate = most.rate() * EASY;
    let calm = open(rate, while_there_are(1.0, rate), |_| hold()).await;
    let mut figures = vec![
        Figure::new(format!("holds of two seats, {CLIENTS} clients"), most.rate(), "/s")
            .with_note(most.refusals())
            .with_note(limits),
        processors,
    ];
    figures.extend(latencies("a hold", &calm));
    if let Some(server) = stage.postgres() {
        let plain = Plain::on(server).await?.holds(length).await;
        figures.push(Figure::new("the same by plain PostgreSQL", plain.rate(), "/s"));
        figures.push(Figure::new("holds beside plain PostgreSQL", most.rate() / plain.rate(), "of it"));
    }
    Ok(figures)
}

pub(super) async fn standing(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let hold = async |number: usize| {
        let buyer = &stage.buyers[number % stage.buyers.len()];
        held(buyer.holds_standing(&stage.show.event, &stage.show.floor, 1).await)
    };
    let meter = Meter::start();
    let most = closed(CLIENTS, length, async |client, _| hold(client).await).await;
    let (processors, limits) = (processors("a place", &meter, most.done), meter.limits());
    let calm = open(most.rate() * EASY, length, |number| hold(usize::try_from(number).unwrap_or(0))).await;
    let mut figures = vec![
        Figure::new(format!("places to stand, {CLIENTS} clients"), most.rate(), "/s")
            .with_note(most.refusals())
            .with_note(limits),
        processors,
    ];
    figures.extend(latencies("a place", &calm));
    if let Some(server) = stage.postgres() {
        let plain = Plain::on(server).await?.standing(length).await;
        figures.push(Figure::new("a plain counter of PostgreSQL", plain.rate(), "/s"));
        figures.push(Figure::new("places beside the plain counter", most.rate() / plain.rate(), "of it"));
    }
    Ok(figures)
}

/// A thousand ask at once; one gets it, and nobody sees a fault.
pub(super) async fn one_seat(stage: &Stage) -> anyhow::Result<Vec<Figure>> {
    let seat = &stage.seats[..1];
    let (meter, begun) = (Meter::start(), tokio::time::Instant::now());
    let outcomes = join_all((0..CROWD).map(|number: usize| async move {
        let buyer = &stage.buyers[number % stage.buyers.len()];
        buyer.holds(&stage.show.event, seat).await
    }))
    .await;
    let seconds = begun.elapsed().as_secs_f64();
    // Somebody who holds the seat and asks again is told of the same hold.
    let mut winners: Vec<_> =
        outcomes.iter().flatten().map(|reservation| reservation["id"].as_str().unwrap_or_default()).collect();
    winners.sort_unstable();
    winners.dedup();
    let mut others = std::collections::BTreeMap::<&str, u32>::new();
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        *others.entry(&refused.code).or_default() += 1;
    }
    anyhow::ensure!(winners.len() == 1, "{} got the same seat: {winners:?}; {others:?}", winners.len());
    let faults = ["INTERNAL", Refused::NO_ANSWER, "SERVICE_UNAVAILABLE"];
    anyhow::ensure!(
        !faults.iter().any(|fault| others.contains_key(fault)),
        "not everybody was answered: {others:?}"
    );
    let told: Vec<_> = others.iter().map(|(code, count)| format!("{count} {code}")).collect();
    Ok(vec![
        Figure::new("1,000 people want one seat: all are answered within", seconds, "s")
            .with_note(told.join(", "))
            .with_note(meter.limits()),
    ])
}

/// The first seats are taken and stay so; everybody wants two of them.
pub(super) async fn sold_out(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let row = &stage.seats[..TAKEN];
    let owner = &stage.buyers[0];
    let reservation = owner.holds(&stage.show.event, row).await?;
    // An order keeps them for longer than this measures.
    owner.checks_out(reservation["id"].as_str().unwrap_or_default()).await?;
    let meter = Meter::start();
    let refusals = closed(CLIENTS, length, async |client, turn| {
        let buyer = &stage.buyers[1 + client % (stage.buyers.len() - 1)];
        let place = usize::try_from(turn).unwrap_or(0) % (row.len() - 1);
        match buyer.holds(&stage.show.event, &row[place..place + 2]).await {
            Err(refused) if refused.code == "SEATS_UNAVAILABLE" => Ok(()),
            Err(refused) => Err(refused),
            Ok(_) => Err(Refused::no_answer("a seat was given out twice")),
        }
    })
    .await;
    anyhow::ensure!(!refusals.refused.contains_key(Refused::NO_ANSWER), "{}", refusals.refusals());
    Ok(vec![
        Figure::new(format!("refusals of seats that are gone, {CLIENTS} clients"), refusals.rate(), "/s")
            .with_note(refusals.refusals())
            .with_note(meter.limits()),
    ])
}

/// What one of so many things cost in all processes together.
pub(super) fn processors(what: &str, meter: &Meter, done: u64) -> Figure {
    let each = meter.each(done);
    let told: Vec<_> = each.iter().map(|(name, millis)| format!("{name} {millis:.2}")).collect();
    Figure::new(format!("processors for {what}"), each.values().sum(), "ms").with_note(told.join(", "))
}

/// How long requests take while half as many come as could.
pub(super) fn latencies(what: &str, calm: &Sample) -> [Figure; 2] {
    let [usual, long] = calm.times.figures(&format!("{what} at half of that"));
    [usual, long.with_note(calm.refusals())]
}

fn held(outcome: Result<Value, Refused>) -> Result<(), Refused> {
    outcome.map(drop)
}

/// Somebody of the stage, by a number.
pub(super) fn buyer(stage: &Stage, number: usize) -> &Person {
    &stage.buyers[number % stage.buyers.len()]
}
