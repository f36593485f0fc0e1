//! What an index answers, without a database.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use contracts::events::EventStatus;
use kernel::{EventId, OrganizationId, PageAsk, TimeZone, VenueId};
use proptest::prelude::*;

use super::{built::Built, collecting::Sold};
use crate::{
    adapters::outbound::persistence::Indexed,
    domain::{
        Address, Category, Event, EventAtVenue, EventDetails, EventOrder, EventSearch, EventSnapshot,
        EventSort, FacetField, GeoPoint, Listing, Near, SuggestionKind, Venue, VenueSnapshot,
        ordering::EventPlace, search::SimilarAsk,
    },
    test_stage::{details, now},
};

/// An event that is to be found.
struct Draft {
    city: (&'static str, &'static str, f64, f64),
    venue: &'static str,
    status: EventStatus,
    price: Option<i64>,
    sold_out: bool,
    details: EventDetails,
}

const VIENNA: (&str, &str, f64, f64) = ("Vienna", "AT", 48.205, 16.357);
const ZURICH: (&str, &str, f64, f64) = ("Zürich", "CH", 47.37, 8.549);

fn draft(title: &str) -> Draft {
    let details = EventDetails { tags: Vec::new(), ..details(title) };
    Draft {
        city: VIENNA,
        venue: "Volkstheater",
        status: EventStatus::Published,
        price: None,
        sold_out: false,
        details,
    }
}

impl Draft {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn indexed(self, id: EventId) -> Indexed {
        let (city, country, lat, lon) = self.city;
        let venue = Venue::restore(VenueSnapshot {
            id: VenueId::new(),
            organization_id: OrganizationId::new(),
            name: self.venue.to_owned(),
            address: Address {
                street: String::new(),
                postal_code: None,
                city: city.to_owned(),
                region: None,
                country: country.to_owned(),
            },
            location: Some(GeoPoint { lat, lon }),
            timezone: TimeZone::UTC,
            created_at: now(),
        });
        let event = Event::restore(EventSnapshot {
            id,
            organization_id: venue.organization_id(),
            venue_id: venue.id(),
            layout_id: None,
            slug: String::new(),
            details: self.details,
            images: Vec::new(),
            status: self.status,
            cancel_reason: None,
            published_at: Some(now()),
            created_at: now(),
            version: 1,
        });
        let found = EventAtVenue { event, venue };
        Indexed { found, lowest_price: self.price, sold_out: self.sold_out, touched_at: 1 }
    }
}

/// An index of these, in pieces of a few documents each.
fn index(these: &[Indexed]) -> Built {
    let built = Built::empty(&std::env::temp_dir()).unwrap();
    for few in these.chunks(3) {
        built.put(&[], few).unwrap();
        built.commit().unwrap();
    }
    built
}

fn of(drafts: impl IntoIterator<Item = Draft>) -> (Built, Vec<Indexed>) {
    let mut day = 0;
    let dated = drafts.into_iter().map(|draft| {
        day += 1;
        let later = TimeDelta::days(day);
        draft.with(|it| {
            it.details.starts_at += later;
            it.details.ends_at += later;
        })
    });
    let these: Vec<_> = dated.map(|draft| draft.indexed(EventId::new())).collect();
    (index(&these), these)
}

fn listing(search: EventSearch, sort: Option<EventSort>, first: i32) -> Listing {
    let order = search.order(sort, now()).unwrap();
    let page = PageAsk::parse(Some(first), None, 20).unwrap();
    Listing { search, order, page, counted: true, now: now() }
}

fn query(words: &str) -> EventSearch {
    EventSearch { query: Some(words.to_owned()), ..EventSearch::default() }
}

fn found(built: &Built, search: EventSearch) -> Vec<EventId> {
    let hits = built.search(&listing(search, None, 100), Sold::default()).unwrap().unwrap();
    assert_eq!(hits.total, hits.places.len() as u64);
    hits.places.iter().map(EventPlace::id).collect()
}

fn titles(built: &Built, these: &[Indexed], search: EventSearch) -> Vec<String> {
    let title = |id: &EventId| {
        let it = these.iter().find(|it| it.found.event.id() == *id).unwrap();
        it.found.event.details().title.clone()
    };
    found(built, search).iter().map(title).collect()
}

#[test]
fn words_are_found_with_typing_errors_unfinished_without_accents_and_in_any_script() {
    let (built, these) = of([
        draft("Die Zauberflöte"),
        draft("Οδυσσεύς"),
        draft("東京フィルハーモニー 夏祭り"),
        draft("Straßenfest"),
        draft("Rock'n'Roll Night"),
        draft("Art Nouveau"),
    ]);
    for (words, expected) in [
        ("Zauberflöte", vec!["Die Zauberflöte"]),
        ("zauberflote", vec!["Die Zauberflöte"]),
        ("zauberf", vec!["Die Zauberflöte"]),
        ("zuaberflöte", vec!["Die Zauberflöte"]),
        ("zaubrflote die", vec!["Die Zauberflöte"]),
        ("ΟΔΥΣΣΕΥΣ", vec!["Οδυσσεύς"]),
        ("οδυσ", vec!["Οδυσσεύς"]),
        ("東京", vec!["東京フィルハーモニー 夏祭り"]),
        ("フィル", vec!["東京フィルハーモニー 夏祭り"]),
        ("strassenfest", vec!["Straßenfest"]),
        ("rocknroll nihgt", vec!["Rock'n'Roll Night"]),
        ("art", vec!["Art Nouveau"]),
        ("ort", vec![]),
        ("zauberflöte nouveau", vec![]),
        ("!", vec![]),
        (&"x".repeat(200), vec![]),
    ] {
        assert_eq!(titles(&built, &these, query(words)), expected, "{words}");
    }
}

#[test]
fn a_title_comes_before_performers_and_tags_before_the_rest_before_typing_errors() {
    let (built, these) = of([
        draft("Jizz Night"),
        draft("An Evening").with(|it| it.details.description = "Jazzy music".to_owned()),
        draft("Matinee").with(|it| it.details.performers = vec!["Jazz Trio".to_owned()]),
        draft("Soirée").with(|it| it.details.tags = vec!["Jazz".to_owned()]),
        draft("Cool Jazz"),
    ]);
    let expected = ["Cool Jazz", "Matinee", "Soirée", "An Evening", "Jizz Night"];
    assert_eq!(titles(&built, &these, query("jazz")), expected);
}

#[test]
fn forms_of_a_word_are_found_by_the_rules_of_its_language() {
    let (built, these) = of([
        draft("Advent").with(|it| it.details.description = "Alte Häuser und Konzerte".to_owned()),
        draft("Gala").with(|it| it.details.description = "She was dancing".to_owned()),
    ]);
    assert_eq!(titles(&built, &these, query("konzert")), ["Advent"]);
    assert_eq!(titles(&built, &these, query("haus")), ["Advent"]);
    assert_eq!(titles(&built, &these, query("dances")), ["Gala"]);
    let in_german = EventSearch { locale: Some("de-AT".to_owned()), ..query("dances") };
    assert_eq!(titles(&built, &these, in_german), Vec::<String>::new());
}

/// Events of several kinds in two cities.
fn season() -> (Built, Vec<Indexed>) {
    of((0..20).map(|nth: i64| {
        draft(&format!("Night {}", 20 - nth)).with(|it| {
            it.city = if nth % 3 == 0 { ZURICH } else { VIENNA };
            it.details.category = if nth % 2 == 0 { Category::Music } else { Category::Dance };
            it.details.tags = vec![if nth % 5 == 0 { "Open Air" } else { "open-air" }.to_owned()];
            it.price = (nth % 4 != 0).then_some(nth * 50_000);
            it.sold_out = nth % 7 == 0;
            it.status = if nth == 6 { EventStatus::Cancelled } else { EventStatus::Published };
        })
    }))
}

#[test]
fn facets_count_what_the_pages_show() {
    let (built, _) = season();
    for search in
        [EventSearch::default(), query("night"), EventSearch { only_available: true, ..query("night") }]
    {
        let total = found(&built, search.clone()).len();
        let facets = built.facets(&listing(search.clone(), None, 1)).unwrap();
        assert_eq!(facets.iter().map(|facet| facet.field).collect::<Vec<_>>(), FacetField::ALL);
        for facet in facets {
            let counted: u32 = facet.buckets.iter().map(|bucket| bucket.count).sum();
            if facet.field != FacetField::PriceBand {
                assert_eq!(counted as usize, total, "{:?}", facet.field);
            }
            for bucket in facet.buckets {
                let narrowed = match facet.field {
                    FacetField::Category => {
                        let category = Category::from_name(&bucket.value).unwrap();
                        EventSearch { categories: vec![category], ..search.clone() }
                    }
                    FacetField::City => EventSearch { city: Some(bucket.value.clone()), ..search.clone() },
                    FacetField::Tag => EventSearch { tags: vec![bucket.value.clone()], ..search.clone() },
                    FacetField::Month | FacetField::PriceBand => continue,
                };
                assert_eq!(found(&built, narrowed).len(), bucket.count as usize, "{bucket:?}");
            }
        }
    }
    let facets = built.facets(&listing(EventSearch::default(), None, 1)).unwrap();
    let labels: Vec<_> =
        facets[4].buckets.iter().map(|bucket| (bucket.label.as_str(), bucket.count)).collect();
    assert_eq!(labels, [("open-air", 20)], "two spellings are one tag, shown in the more frequent one");
}

#[test]
fn prices_what_is_left_and_distance_are_conditions_like_others() {
    let (built, these) = season();
    let price =
        |id: &EventId| these.iter().find(|it| it.found.event.id() == *id).unwrap().lowest_price.unwrap();
    let cheap = found(&built, EventSearch { price_max: Some(250_000), ..EventSearch::default() });
    assert_eq!(cheap.iter().map(price).collect::<Vec<_>>(), [50_000, 100_000, 150_000, 250_000]);
    let available = found(&built, EventSearch { only_available: true, ..EventSearch::default() });
    assert_eq!(available.len(), 20 - 3 - 1, "three are sold out and another one is off");
    let near = Near { point: GeoPoint { lat: 47.4, lon: 8.5 }, km: 20.0 };
    assert_eq!(found(&built, EventSearch { near: Some(near), ..EventSearch::default() }).len(), 7);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition_in_any_order() {
    let (built, these) = season();
    let near = Some(Near { point: GeoPoint { lat: 47.4, lon: 8.5 }, km: 2_000.0 });
    let sold: Sold = Arc::new(these.iter().zip(1..).map(|(it, n)| (it.found.event.id(), n % 3)).collect());
    for sort in [
        EventSort::StartsAt,
        EventSort::StartsAtDesc,
        EventSort::Title,
        EventSort::Newest,
        EventSort::Relevance,
        EventSort::Distance,
        EventSort::Popularity,
    ] {
        let search = EventSearch { near, ..query("night") };
        let whole = listing(search.clone(), Some(sort), 100);
        let whole = built.search(&whole, sold.clone()).unwrap().unwrap().places;
        assert_eq!(whole.len(), 20);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let mut ask = listing(search.clone(), Some(sort), 3);
            ask.page.after = after;
            let hits = built.search(&ask, sold.clone()).unwrap().unwrap();
            assert_eq!(hits.total, 20);
            let more = hits.places.len() > 3;
            seen.extend(hits.places.into_iter().take(3));
            if !more {
                break;
            }
            after = Some(kernel::Cursor::after(ask.order.write(seen.last().unwrap())));
        }
        assert_eq!(seen, whole, "{sort:?}");
        assert_eq!(seen.iter().map(EventPlace::id).collect::<BTreeSet<_>>().len(), 20, "{sort:?}");
    }
}

#[test]
fn a_changed_event_is_found_by_its_new_title_and_what_nobody_may_see_no_more() {
    let (built, these) = of([draft("Hamlet"), draft("Faust")]);
    let id = these[0].found.event.id();
    let changed = draft("Macbeth").indexed(id);
    for _ in 0..2 {
        // What is told again changes nothing.
        built.put(&[], std::slice::from_ref(&changed)).unwrap();
        built.commit().unwrap();
        assert_eq!(found(&built, query("hamlet")), []);
        assert_eq!(found(&built, query("macbeth")), [id]);
    }
    built.put(&[id], &[]).unwrap();
    built.commit().unwrap();
    assert_eq!(found(&built, query("macbeth")), []);
    assert_eq!(built.count(), 1);
}

#[test]
fn whoever_types_is_told_names_and_events_that_begin_so() {
    let philharmonic = || {
        draft("Summer Night").with(|it| {
            it.venue = "Wiener Stadthalle";
            it.details.performers = vec!["Wiener Philharmoniker".to_owned()];
            it.details.tags = vec!["Open Air".to_owned()];
        })
    };
    let over = |it: &mut Draft| {
        (it.details.starts_at, it.details.ends_at) = (long_ago(), long_ago() + TimeDelta::hours(1));
    };
    let (built, these) = of([
        philharmonic(),
        philharmonic(),
        draft("Wiener Blut"),
        draft("Wien bei Nacht").with(|it| it.status = EventStatus::Cancelled),
        draft("Wien, wie es war").with(over),
    ]);
    let guess = |typed: &str| built.guess(typed, 8, now(), &Sold::default()).unwrap();
    let names = guess("wie").names;
    let expected =
        [(SuggestionKind::Performer, "Wiener Philharmoniker"), (SuggestionKind::Venue, "Wiener Stadthalle")];
    assert_eq!(names, expected.map(|(kind, text)| (kind, text.to_owned())));
    assert_eq!(guess("wie").events, [these[2].found.event.id()], "what is off or over is not offered");
    let misspelt = [(SuggestionKind::Performer, "Wiener Philharmoniker".to_owned())];
    assert_eq!(guess("pihlharm").names, misspelt);
    assert_eq!(guess("vienna").names, [(SuggestionKind::City, "Vienna".to_owned())]);
    assert_eq!(guess("open a").names, [(SuggestionKind::Tag, "Open Air".to_owned())]);
    assert_eq!(guess("xyz"), crate::domain::Guesses::default());
}

fn long_ago() -> DateTime<Utc> {
    now() - TimeDelta::days(400)
}

#[test]
fn what_shares_performers_is_more_alike_than_what_shares_its_kind() {
    let of_band = |title: &str| draft(title).with(|it| it.details.performers = vec!["The Band".to_owned()]);
    let (built, these) = of([
        draft("Other Play"),
        draft("Tagged").with(|it| {
            it.details.category = Category::Music;
            it.details.tags = vec!["loud".to_owned()];
            it.city = ZURICH;
        }),
        of_band("Elsewhere").with(|it| (it.city, it.details.category) = (ZURICH, Category::Music)),
        of_band("Concert").with(|it| it.details.tags = vec!["Loud".to_owned()]),
        of_band("Off").with(|it| it.status = EventStatus::Cancelled),
        draft("Nothing in common but the city").with(|it| it.details.category = Category::Sports),
    ]);
    let id = |nth: usize| these[nth].found.event.id();
    let alike = built.similar(SimilarAsk { to: id(3), first: 6 }, now()).unwrap();
    assert_eq!(alike, [id(2), id(0), id(1)]);
    assert_eq!(built.similar(SimilarAsk { to: id(3), first: 1 }, now()).unwrap(), [id(2)]);
    assert_eq!(built.similar(SimilarAsk { to: EventId::new(), first: 6 }, now()).unwrap(), []);
}

/// What becomes of one of a few events.
#[derive(Clone, Debug)]
struct Step {
    which: usize,
    title: &'static str,
    tag: &'static str,
    seen: bool,
    day: i64,
    commit: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        0_usize..8,
        prop::sample::select(vec!["Night of Jazz", "Jazznacht", "Hamlet", "Nacht", "Jizz"]),
        prop::sample::select(vec!["jazz", "Night", "play"]),
        prop::bool::weighted(0.8),
        1_i64..5,
        any::<bool>(),
    );
    let step =
        step.prop_map(|(which, title, tag, seen, day, commit)| Step { which, title, tag, seen, day, commit });
    prop::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn an_index_that_was_fed_equals_one_that_is_made_anew(steps in steps()) {
        let ids: Vec<EventId> = (0..8).map(|_| EventId::new()).collect();
        let fed = Built::empty(&std::env::temp_dir()).unwrap();
        let mut now_there: Vec<Option<Indexed>> = vec![None; 8];
        for step in steps {
            let it = draft(step.title).with(|it| {
                it.details.tags = vec![step.tag.to_owned()];
                it.details.starts_at += TimeDelta::days(step.day);
                it.details.ends_at += TimeDelta::days(step.day);
            });
            let it = it.indexed(ids[step.which]);
            if step.seen {
                fed.put(&[], std::slice::from_ref(&it)).unwrap();
            } else {
                fed.put(&[ids[step.which]], &[]).unwrap();
            }
            now_there[step.which] = step.seen.then_some(it);
            if step.commit {
                fed.commit().unwrap();
            }
        }
        fed.commit().unwrap();
        let there: Vec<Indexed> = now_there.into_iter().flatten().collect();
        let anew = index(&there);
        for words in ["jazz", "nacht", "night ja", "hamlet"] {
            let ask = listing(query(words), None, 100);
            let [fed_hits, anew_hits] = [&fed, &anew].map(|built| built.search(&ask, Sold::default()).unwrap());
            prop_assert_eq!(fed_hits, anew_hits, "{}", words);
            let [of_fed, of_anew] = [&fed, &anew].map(|built| built.facets(&ask).unwrap());
            prop_assert_eq!(of_fed, of_anew, "{}", words);
        }
        let all = listing(EventSearch::default(), Some(EventSort::Title), 100);
        prop_assert_eq!(&all.order, &EventOrder::Title);
        let [fed_all, anew_all] = [&fed, &anew].map(|built| built.search(&all, Sold::default()).unwrap());
        prop_assert_eq!(fed_all, anew_all);
    }
}
