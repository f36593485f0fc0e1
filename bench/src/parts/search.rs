//! What an index of very many events answers, and how soon.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use contracts::{events::EventStatus, settings::EventTerms};
use events::{
    adapters::outbound::{index::Replica, persistence::Indexed},
    domain::{
        Address, Category, Event, EventAtVenue, EventDetails, EventSearch, EventSnapshot, EventSort,
        GeoPoint, Listing, Near, Venue, VenueSnapshot, ports::EventIndex,
    },
};
use futures::{StreamExt as _, stream};
use kernel::{Currency, EventId, OrganizationId, PageAsk, TimeZone, VenueId};
use tokio::time::Instant;

use crate::{cpu::Meter, load::Times, report::Figure};

/// How often each is asked.
const ASKED: u64 = 1_000;
/// How many ask at a time where it is looked how many can be answered.
const AT_ONCE: usize = 8;
/// How long an answer may take, but for one in a hundred.
const WITHIN: Duration = Duration::from_millis(20);
/// How many different names there are.
const NAMES: u64 = 30_000;

const SYLLABLES: [&str; 16] = [
    "ka", "lo", "mi", "ra", "ten", "sol", "bör", "ge", "stra", "vin", "do", "ler", "an", "ton", "qui", "fel",
];
/// Words that each is in an eighth of all events.
const COMMON: [&str; 8] = ["Jazz", "Festival", "Konzert", "Abend", "Sommer", "Orchester", "Tour", "Nacht"];
const CITIES: [(&str, &str, f64, f64); 8] = [
    ("Vienna", "AT", 48.205, 16.357),
    ("Zürich", "CH", 47.37, 8.549),
    ("Berlin", "DE", 52.506, 13.443),
    ("London", "GB", 51.512, -0.122),
    ("Lisbon", "PT", 38.706, -9.149),
    ("New York", "US", 40.759, -73.988),
    ("Tokyo", "JP", 35.661, 139.7),
    ("Graz", "AT", 47.07, 15.44),
];

/// What is asked, another each time.
type Asks<'a> = (&'static str, Box<dyn Fn(u64) -> Ask + 'a>);

/// Something that is asked of an index.
enum Ask {
    /// A page of what a search finds.
    Page(EventSearch, Option<EventSort>),
    /// The same, and all of it counted.
    PageAndFacets(EventSearch),
    /// What somebody may mean who has typed this.
    Guess(String),
}

/// Fills an index with so many events, not through a database, and asks it.
pub(crate) async fn search(events: u64) -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    let into = folder.path().to_owned();
    let index = tokio::task::spawn_blocking(move || Replica::of((0..events).map(event), &into)).await??;
    let mut figures = vec![
        Figure::new("filling an index", begun.elapsed().as_secs_f64(), "s")
            .with_note(format!("{events} events")),
        Figure::new("its files", megabytes(folder.path())?, "MB"),
    ];
    let meter = Meter::start();
    let mut late = Vec::new();
    for (what, ask) in asks() {
        let (mut times, mut found) = (Times::new(), 0);
        for nth in 0..ASKED {
            let begun = Instant::now();
            found += answer(&index, ask(nth)).await?;
            times.note(begun.elapsed());
        }
        anyhow::ensure!(found > 0, "{what}: nothing is found");
        if times.millis(99.0) > WITHIN.as_secs_f64() * 1_000.0 {
            late.push(what);
        }
        figures.extend(times.figures(what));
    }
    let begun = Instant::now();
    let all: Vec<_> = asks();
    let (index, all) = (&index, &all);
    let asked = stream::iter(0..ASKED).map(|nth| async move {
        let (_, ask) = &all[usize::try_from(nth).unwrap_or(0) % all.len()];
        answer(index, ask(nth)).await
    });
    let answered: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
    answered.into_iter().collect::<anyhow::Result<Vec<u64>>>()?;
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let rate = ASKED as f64 / begun.elapsed().as_secs_f64();
    figures.push(
        Figure::new(format!("all of these, {AT_ONCE} at a time"), rate, "/s").with_note(meter.limits()),
    );
    if late.is_empty() {
        return Ok(figures);
    }
    let last = figures
        .pop()
        .map(|figure| figure.with_note(format!("later than {} ms: {}", WITHIN.as_millis(), late.join(", "))));
    figures.extend(last);
    Ok(figures)
}

/// How many things are found.
async fn answer(index: &Replica, ask: Ask) -> anyhow::Result<u64> {
    match ask {
        Ask::Page(search, sort) => page(index, &listing(search, sort)?).await,
        Ask::PageAndFacets(search) => {
            let listing = listing(search, None)?;
            let found = page(index, &listing).await?;
            index.facets(&listing).await?.context("the index does not count")?;
            Ok(found)
        }
        Ask::Guess(typed) => {
            let guesses = index.guess(&typed, 8, now()).await?.context("the index does not guess")?;
            Ok(u64::try_from(guesses.names.len())?)
        }
    }
}

async fn page(index: &Replica, listing: &Listing) -> anyhow::Result<u64> {
    Ok(index.search(listing).await?.context("the index does not answer")?.total)
}

fn asks() -> Vec<Asks<'static>> {
    let words = |words: String| EventSearch { query: Some(words), ..EventSearch::default() };
    let filtered = |nth: u64| EventSearch {
        query: Some(common(nth).to_owned()),
        categories: vec![category(nth), category(nth + 1), category(nth + 2)],
        city: Some(city(nth).0.to_owned()),
        price_max: Some(1_000_000),
        only_available: true,
        ..EventSearch::default()
    };
    let near = |nth: u64| {
        let (_, _, lat, lon) = city(nth);
        let near = Some(Near { point: GeoPoint { lat, lon }, km: 50.0 });
        EventSearch { query: Some(common(nth).to_owned()), near, ..EventSearch::default() }
    };
    vec![
        ("a name", Box::new(move |nth| Ask::Page(words(name(nth * 17 % NAMES)), None))),
        ("a name with a typing error", Box::new(move |nth| Ask::Page(words(misspelt(nth)), None))),
        (
            "two words, one of them with a typing error",
            Box::new(move |nth| Ask::Page(words(format!("{} {}", common(nth), misspelt(nth))), None)),
        ),
        (
            "the same with facets",
            Box::new(move |nth| Ask::PageAndFacets(words(format!("{} {}", common(nth), misspelt(nth))))),
        ),
        ("the beginning of a word", Box::new(move |nth| Ask::Page(words(beginning(nth)), None))),
        (
            "a word that an eighth of all events have",
            Box::new(move |nth| Ask::Page(words(common(nth).to_owned()), None)),
        ),
        (
            "such a word, with city, kinds, price and what is left",
            Box::new(move |nth| Ask::Page(filtered(nth), None)),
        ),
        (
            "such a word within 50 km, the nearest first",
            Box::new(move |nth| Ask::Page(near(nth), Some(EventSort::Distance))),
        ),
        ("suggestions", Box::new(|nth| Ask::Guess(beginning(nth)))),
    ]
}

fn listing(search: EventSearch, sort: Option<EventSort>) -> anyhow::Result<Listing> {
    let refused = |refusal: kernel::Refusal| anyhow::anyhow!("{}", refusal.message);
    let order = search.order(sort, now()).map_err(refused)?;
    let page = PageAsk::parse(Some(20), None, 20).map_err(refused)?;
    Ok(Listing { search, order, page, counted: true, now: now() })
}

/// When it is, for all that is found: the same in every run.
fn now() -> DateTime<Utc> {
    Utc.timestamp_opt(1_800_000_000, 0).single().unwrap_or_default()
}

/// One of [`NAMES`] names of three or four syllables.
fn name(nth: u64) -> String {
    let mut left = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let mut name = String::new();
    for _ in 0..3 + left % 2 {
        name.push_str(pick(&SYLLABLES, left));
        left /= 16;
    }
    name
}

/// A name of an event, with another letter in place of its third.
fn misspelt(nth: u64) -> String {
    name(nth * 17 % NAMES).chars().enumerate().map(|(at, char)| if at == 2 { 'x' } else { char }).collect()
}

fn beginning(nth: u64) -> String {
    name(nth % NAMES).chars().take(4).collect()
}

fn common(nth: u64) -> &'static str {
    pick(&COMMON, nth)
}

fn city(nth: u64) -> (&'static str, &'static str, f64, f64) {
    pick(&CITIES, nth / 3)
}

fn category(nth: u64) -> Category {
    pick(&Category::ALL, nth / 5)
}

fn pick<T: Copy>(of: &[T], nth: u64) -> T {
    of[usize::try_from(nth).unwrap_or(0) % of.len()]
}

/// One event of those that are searched.
fn event(nth: u64) -> Indexed {
    let (city, country, lat, lon) = city(nth);
    // A house of its own for each few hundred, some kilometres around the city's middle.
    let away = |by: u64| f64::from(u32::try_from(nth / 24 % by).unwrap_or(0)) / 300.0;
    let venue = Venue::restore(VenueSnapshot {
        id: VenueId::new(),
        organization_id: OrganizationId::new(),
        name: format!("{} Hall", name(nth / 400 % NAMES)),
        address: Address {
            street: String::new(),
            postal_code: None,
            city: city.to_owned(),
            region: None,
            country: country.to_owned(),
        },
        location: Some(GeoPoint { lat: lat + away(97), lon: lon + away(89) }),
        timezone: TimeZone::UTC,
        created_at: now(),
    });
    let later = TimeDelta::minutes(i64::try_from(nth * 7 % 500_000).unwrap_or(0) + 60);
    let details = EventDetails {
        title: format!("{} {} {}", name(nth % NAMES), common(nth), name(nth / 7 % NAMES)),
        description: (0..18).map(|word| name((nth * 31 + word) % NAMES)).collect::<Vec<_>>().join(" "),
        category: category(nth),
        tags: vec![common(nth / 3).to_owned()],
        performers: vec![name(nth % 20_011)],
        starts_at: now() + later,
        ends_at: now() + later + TimeDelta::hours(3),
        doors_at: None,
        currency: Currency::EUR,
        image_url: None,
        shows_stock: true,
        terms: EventTerms::default(),
    };
    let event = Event::restore(EventSnapshot {
        id: EventId::new(),
        organization_id: venue.organization_id(),
        venue_id: venue.id(),
        layout_id: None,
        slug: String::new(),
        details,
        images: Vec::new(),
        status: EventStatus::Published,
        cancel_reason: None,
        published_at: Some(now()),
        created_at: now(),
        version: 1,
    });
    Indexed {
        found: EventAtVenue { event, venue },
        lowest_price: i64::try_from(nth % 200).ok().map(|price| price * 10_000),
        sold_out: nth.is_multiple_of(50),
        touched_at: 1,
    }
}

/// How large the files in a folder and the folders in it are.
fn megabytes(folder: &Path) -> anyhow::Result<f64> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += entry.metadata()?.len();
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some gigabytes")]
    Ok(bytes as f64 / 1_000_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_asked_of_a_million_events_is_found_among_few_as_well() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let index = Replica::of((0..2_000).map(event), folder.path()).expect("an index can be filled");
        for (what, ask) in asks() {
            let mut found = 0;
            for nth in 0..10 {
                found += answer(&index, ask(nth)).await.unwrap_or_else(|error| panic!("{what}: {error:#}"));
            }
            assert!(found > 0, "{what}");
        }
    }
}
