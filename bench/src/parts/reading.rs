use std::time::Duration;

use e2e::{Refused, anybody};
use reqwest::{Client, StatusCode, header};
use serde_json::json;

use super::{CLIENTS, holding::latencies};
use crate::{
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
    let most = closed(CLIENTS, length, async |client, _| look(client).await).await;
    anyhow::ensure!(most.refused.is_empty(), "{}", most.refusals());
    let calm = open(most.rate() / 2.0, length, |number| look(usize::try_from(number).unwrap_or(0))).await;
    let mut figures = vec![Figure::new(format!("event pages, {CLIENTS} clients"), most.rate(), "/s")];
    figures.extend(latencies("a page", &calm));
    Ok(figures)
}

/// The friendly map in the graph, and the compact one: geometry once, statuses by version.
pub(super) async fn map(stage: &Stage, length: Duration) -> anyhow::Result<Vec<Figure>> {
    let visitor = anybody(stage.address());
    let friendly =
        closed(4, length, async |_, _| visitor.sees_seat_map(&stage.show.event).await.map(drop)).await;
    anyhow::ensure!(friendly.refused.is_empty(), "{}", friendly.refusals());
    let client = Client::new();
    let url = format!("{}/api/tickets/v1/events/{}/seat-map", stage.address().now(), stage.show.event);
    let first = client.get(&url).send().await?.error_for_status()?;
    let tag = first.headers().get(header::ETAG).cloned();
    let tag = tag.ok_or_else(|| anyhow::anyhow!("{url} has no ETag"))?;
    #[expect(clippy::cast_precision_loss, reason = "some megabytes at most")]
    let size = first.bytes().await?.len() as f64 / 1_000.0;
    let compact = open(LOOKS, length, |_| async { fetch(&client, &url, None).await }).await;
    let known = open(LOOKS, length, |_| async { fetch(&client, &url, Some(&tag)).await }).await;
    let mut figures = vec![
        Figure::new("friendly maps of 20,000 seats, 4 clients", friendly.rate(), "/s"),
        Figure::new("the compact map, plain", size, "kB"),
    ];
    for (what, sample) in [("the compact map", compact), ("one that is known already", known)] {
        anyhow::ensure!(sample.refused.is_empty(), "{}", sample.refusals());
        figures.push(Figure::new(format!("{what} at {LOOKS:.0}/s, p99"), sample.millis(99.0), "ms"));
    }
    Ok(figures)
}

async fn fetch(client: &Client, url: &str, known: Option<&header::HeaderValue>) -> Result<(), Refused> {
    let mut request = client.get(url);
    if let Some(tag) = known {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let answer = request.send().await.map_err(Refused::no_answer)?;
    let expected = if known.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    if answer.status() != expected {
        return Err(Refused::no_answer(answer.status()));
    }
    answer.bytes().await.map(drop).map_err(Refused::no_answer)
}
