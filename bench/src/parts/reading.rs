use std::time::Duration;

use e2e::{Refused, anybody};
use futures::{StreamExt as _, TryStreamExt as _, future::join, stream};
use rand::seq::SliceRandom as _;
use reqwest::{
    Client, StatusCode,
    header::{ACCEPT_ENCODING, ETAG, HeaderValue, IF_NONE_MATCH},
};
use serde_json::json;

use super::{
    CLIENTS,
    holding::{buyer, latencies},
};
use crate::{
    cpu::Meter,
    load::{closed, open},
    report::Figure,
    stage::Stage,
};

/// What the page of an event shows.
const PAGE: &str = "query ($id: ID!) { event(id: $id) { title description startsAt endsAt status venue { name address { city } } \
    organization { name } ticketTypes { name price { amount currency } available status tiers { name price { amount } } } \
    availability { total available } priceRange { lowest { amount } highest { amount } } } }";
/// How many a second look at the map while latency is measured.
const LOOKS: f64 = 200.0;
/// How many a second hold seats meanwhile, so that there is another map.
const HOLDS: f64 = 20.0;
/// How many seats are held before, and how many by one.
const SCATTERED: usize = 2_000;
const AT_ONCE: usize = 10;
/// How many ask for the friendly map at a time.
const FRIENDLY: usize = 4;

pub(super) async fn event_page(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let visitors: Vec<_> = (0..CLIENTS).map(|_| anybody(stage.address())).collect();
    let look = async |number: usize| {
        let seen =
            visitors[number % visitors.len()].does("event", PAGE, json!({ "id": stage.show.event })).await?;
        if seen["ticketTypes"].is_array() {
            Ok(())
        } else {
            Err(Refused::no_answer("the page lacks its prices"))
        }
    };
    let meter = Meter::start();
    let most = closed(CLIENTS, length, async |client, _| look(client).await).await;
    let limits = meter.limits();
    anyhow::ensure!(most.refused.is_empty(), "{}", most.refusals());
    let calm = open(most.rate() / 2.0, length, |number| look(usize::try_from(number).unwrap_or(0))).await;
    let mut figures =
        vec![Figure::new(format!("event pages, {CLIENTS} clients"), most.rate(), "/s").with_note(limits)];
    figures.extend(latencies("a page", &calm));
    Ok(figures)
}

/// The friendly map in the graph; and the compact one, whose geometry is fetched once, while seats are held.
pub(super) async fn map(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let visitor = anybody(stage.address());
    let meter = Meter::start();
    let friendly =
        closed(FRIENDLY, length, async |_, _| visitor.sees_seat_map(&stage.show.event).await.map(drop)).await;
    anyhow::ensure!(friendly.refused.is_empty(), "{}", friendly.refusals());
    let limits = meter.limits();
    fill_here_and_there(stage).await?;
    let (at, client) = (stage.address().now(), Client::new());
    let plan = format!("{at}/api/events/v1/layouts/{}/plan.json", stage.show.layout);
    let map = format!("{at}/api/tickets/v1/events/{}/seat-map", stage.show.event);
    let (geometry, _) = fetch(&client, &plan, None).await?;
    let (statuses, tag) = fetch(&client, &map, None).await?;
    let tag = tag.ok_or_else(|| anyhow::anyhow!("{map} has no ETag"))?;
    let (_, unchanged) = fetch(&client, &map, Some(&tag)).await?;
    anyhow::ensure!(unchanged.as_ref() == Some(&tag), "a map that did not change is sent again");
    let looks = open(LOOKS, length, async |_| fetch(&client, &map, None).await.map(drop));
    let holds = open(HOLDS, length, async |_| {
        let (turn, seats) = stage.next_two();
        buyer(stage, turn).holds(&stage.show.event, seats).await.map(drop)
    });
    let (looks, holds) = join(looks, holds).await;
    anyhow::ensure!(looks.refused.is_empty(), "{}", looks.refusals());
    anyhow::ensure!(holds.done > 0, "no seat was held meanwhile: {}", holds.refusals());
    let what = format!("the compact map at {LOOKS:.0}/s while {HOLDS:.0} holds/s change it");
    let bytes = |bytes: usize| u32::try_from(bytes).map_or(f64::MAX, f64::from) / 1_000.0;
    let mut figures = vec![
        Figure::new(format!("friendly maps of 20,000 seats, {FRIENDLY} clients"), friendly.rate(), "/s")
            .with_note(limits),
        Figure::new("the compact map, the first time", bytes(geometry + statuses), "kB")
            .with_note(format!("{:.1} kB of it the geometry, which never changes", bytes(geometry))),
        Figure::new("the compact map, later", bytes(statuses), "kB"),
    ];
    figures.extend(looks.times.figures(&what));
    Ok(figures)
}

/// Some seats of the house are held, as they are in the middle of a sale.
async fn fill_here_and_there(stage: &Stage) -> anyhow::Result<()> {
    let mut seats = stage.seats.clone();
    seats.shuffle(&mut rand::rng());
    let holds = seats.chunks(AT_ONCE).take(SCATTERED / AT_ONCE).enumerate();
    let holds =
        stream::iter(holds.map(|(number, seats)| buyer(stage, number).holds(&stage.show.event, seats)));
    let held = holds.buffer_unordered(CLIENTS).try_for_each(async |_| Ok(())).await;
    held.map_err(|refused| anyhow::anyhow!("seats could not be held: {refused:?}"))
}

/// Fetches it compressed: how many bytes came, and which state of it they are. Nothing comes of what is known.
async fn fetch(
    client: &Client,
    url: &str,
    known: Option<&HeaderValue>,
) -> Result<(usize, Option<HeaderValue>), Refused> {
    let mut request = client.get(url).header(ACCEPT_ENCODING, "br");
    if let Some(tag) = known {
        request = request.header(IF_NONE_MATCH, tag);
    }
    let answer = request.send().await.map_err(Refused::no_answer)?;
    let expected = if known.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    if answer.status() != expected {
        return Err(Refused::no_answer(answer.status()));
    }
    let tag = answer.headers().get(ETAG).cloned();
    Ok((answer.bytes().await.map_err(Refused::no_answer)?.len(), tag))
}
