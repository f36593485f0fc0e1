//! What an index of events finds: it follows the database, and every replica has its own.

use std::time::Duration;

use contracts::{
    Contract,
    tickets::{StockChanged, StockLevel, TicketTypeChanged},
};
use events::{
    Config, Events,
    adapters::{
        inbound::{events::Inbox, graphql::schema},
        outbound::index::Replica,
    },
    ask_for_new_indexes, indexed_use_cases,
};
use kernel::{Currency, EventId, Money, TicketTypeId};
use messaging::Handler;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    consumer::message,
    graph::{CANCEL, Graph, foundation, in_days, merged},
    rest::Rest,
};

const FOUND: &str = "query($filter: EventFilter, $sort: EventSort, $first: Int, $after: String) { \
    events(filter: $filter, sort: $sort, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } \
    facets { field buckets { value label count } } nodes { id title distanceKm } } }";

/// A graph whose service keeps an index.
struct Indexed {
    graph: Graph,
    replica: Replica,
    _kept: JoinSet<()>,
}

/// The use cases of another replica on the same database, with its index.
fn replica(graph: &Graph, kept: &mut JoinSet<()>) -> (Events, Replica) {
    let (events, replica, follower) =
        indexed_use_cases(&Config::default(), graph.database.clone(), &foundation());
    kept.spawn(follower.keep_on());
    (events, replica)
}

impl Indexed {
    async fn start() -> Self {
        let mut graph = Graph::start().await;
        let mut kept = JoinSet::new();
        let (events, replica) = replica(&graph, &mut kept);
        graph.schema = schema(events.clone(), "https://tickets.example");
        graph.events = events;
        let indexed = Self { graph, replica, _kept: kept };
        indexed.replica.caught_up().await;
        indexed
    }

    /// Ids of events of these titles, each a day after the one before, in Vienna.
    async fn programme<const N: usize>(&self, changes: [Value; N]) -> [String; N] {
        let venue = self.graph.venue(json!({})).await;
        let layout = self.graph.layout(&venue).await;
        let mut ids = Vec::new();
        for (day, change) in (10..).zip(changes) {
            let dated = json!({ "startsAt": in_days(day), "endsAt": in_days(day + 1), "tags": [], "description": "" });
            let event = self.graph.published(&venue, &layout, merged(dated, change)).await;
            ids.push(event["id"].as_str().unwrap().to_owned());
        }
        self.replica.caught_up().await;
        ids.try_into().unwrap()
    }

    async fn ask(&self, ask: Value) -> Value {
        self.graph.data(None, FOUND, ask).await["events"].clone()
    }

    async fn titles(&self, filter: Value) -> Vec<String> {
        let found = self.ask(json!({ "filter": filter })).await;
        let titles: Vec<_> = texts(&found["nodes"], "title");
        assert_eq!(found["totalCount"], titles.len());
        titles
    }

    async fn update(&self, id: &str, change: Value) {
        let update = "mutation($input: UpdateEventInput!) { updateEvent(input: $input) { id } }";
        let input = merged(json!({ "eventId": id }), change);
        self.graph.data(Some(self.graph.organizer), update, json!({ "input": input })).await;
    }

    async fn hears<C: Contract + serde::Serialize>(&self, told: &C, times: usize) {
        let inbox = Inbox::new(self.graph.events.clone(), Duration::ZERO);
        let message = message(told);
        for _ in 0..times {
            inbox.handle(&message).await.unwrap();
        }
        self.replica.caught_up().await;
    }
}

fn texts(of: &Value, field: &str) -> Vec<String> {
    of.as_array().unwrap().iter().map(|node| node[field].as_str().unwrap().to_owned()).collect()
}

fn event_id(id: &str) -> EventId {
    id.parse().unwrap()
}

#[tokio::test]
async fn events_are_found_with_typing_errors_by_performers_and_in_any_form_of_a_word() {
    let indexed = Indexed::start().await;
    indexed
        .programme([
            json!({ "title": "Neujahrskonzert", "performers": ["Wiener Philharmoniker"] }),
            json!({ "title": "Café Müller", "description": "Alte Häuser." }),
            json!({ "title": "東京フィルハーモニー" }),
        ])
        .await;
    for (query, expected) in [
        ("philharmonker", "Neujahrskonzert"),
        ("neujahr", "Neujahrskonzert"),
        ("cafe mueler", "Café Müller"),
        ("haus", "Café Müller"),
        ("フィル", "東京フィルハーモニー"),
    ] {
        assert_eq!(indexed.titles(json!({ "query": query })).await, [expected], "{query}");
    }
    let drafts = indexed.graph.venue(json!({})).await;
    indexed.graph.event(&drafts, json!({ "title": "Müller, a secret draft" })).await;
    indexed.replica.caught_up().await;
    assert_eq!(indexed.titles(json!({ "query": "secret" })).await, Vec::<String>::new());
    let own = json!({ "filter": { "query": "secret", "statuses": ["DRAFT"] } });
    let found = indexed.graph.data(Some(indexed.graph.organizer), FOUND, own).await;
    assert_eq!(texts(&found["events"]["nodes"], "title"), ["Müller, a secret draft"]);
}

#[tokio::test]
async fn a_changed_event_is_found_by_its_new_title_and_one_that_is_off_is_not_for_sale() {
    let indexed = Indexed::start().await;
    let [hamlet, faust] =
        indexed.programme([json!({ "title": "Hamlet" }), json!({ "title": "Faust" })]).await;
    // Whoever changes an event finds it as it is, at once.
    indexed.update(&hamlet, json!({ "title": "Macbeth" })).await;
    assert_eq!(indexed.titles(json!({ "query": "macbeth" })).await, ["Macbeth"]);
    assert_eq!(indexed.titles(json!({ "query": "hamlet" })).await, Vec::<String>::new());
    let cancel = json!({ "input": { "eventId": faust, "reason": "Fire." } });
    indexed.graph.data(Some(indexed.graph.organizer), CANCEL, cancel).await;
    let published = json!({ "query": "faust", "statuses": ["PUBLISHED"] });
    assert_eq!(indexed.titles(published).await, Vec::<String>::new());
    assert_eq!(
        indexed.titles(json!({ "query": "faust", "onlyAvailable": true })).await,
        Vec::<String>::new()
    );
    assert_eq!(indexed.titles(json!({ "query": "faust" })).await, ["Faust"], "its page says why it is off");
}

#[tokio::test]
async fn prices_and_what_is_left_are_followed_told_twice_or_late() {
    let indexed = Indexed::start().await;
    let [night, day] =
        indexed.programme([json!({ "title": "Night" }), json!({ "title": "Day and Night" })]).await;
    let ticket_type_id = TicketTypeId::new();
    let offer = |event: &str, ticket_type_id, version, cents| TicketTypeChanged {
        ticket_type_id,
        event_id: event_id(event),
        version,
        name: "Seat".to_owned(),
        lowest_price: Money::new(cents, Currency::EUR),
        highest_price: Money::new(9_900, Currency::EUR),
        hidden: false,
    };
    indexed.hears(&offer(&night, ticket_type_id, 2, 2_500), 2).await;
    indexed.hears(&offer(&night, ticket_type_id, 1, 100), 1).await;
    indexed.hears(&offer(&night, TicketTypeId::new(), 1, 3_000), 1).await;
    // What a hidden ticket type costs is not to be found out.
    let hidden = TicketTypeChanged { hidden: true, ..offer(&night, TicketTypeId::new(), 1, 500) };
    indexed.hears(&hidden, 2).await;
    for (most, by_words, expected) in [
        ("25", true, vec!["Night"]),
        ("25.00", false, vec!["Night"]),
        ("24.99", true, vec![]),
        ("24.99", false, vec![]),
    ] {
        let filter = json!({ "priceMax": most, "query": by_words.then_some("night") });
        assert_eq!(indexed.titles(filter.clone()).await, expected, "{filter}");
    }
    let stock = |event: &str, version, level| StockChanged { event_id: event_id(event), version, level };
    indexed.hears(&stock(&day, 2, StockLevel::None), 2).await;
    indexed.hears(&stock(&day, 1, StockLevel::Few), 1).await;
    for filter in [json!({ "onlyAvailable": true }), json!({ "onlyAvailable": true, "query": "night" })] {
        assert_eq!(indexed.titles(filter.clone()).await, ["Night"], "{filter}");
    }
    indexed.hears(&stock(&day, 3, StockLevel::Plenty), 1).await;
    assert_eq!(indexed.titles(json!({ "onlyAvailable": true, "query": "night" })).await.len(), 2);
    let facets = indexed.ask(json!({ "filter": { "query": "night" } })).await["facets"].clone();
    let prices = facets.as_array().unwrap().iter().find(|facet| facet["field"] == "PRICE_BAND").unwrap();
    assert_eq!(prices["buckets"], json!([{ "value": "EUR:20-50", "label": "EUR 20 to 50", "count": 1 }]));
}

#[tokio::test]
async fn facets_count_the_whole_list_and_its_values_are_filters() {
    let indexed = Indexed::start().await;
    indexed
        .programme([
            json!({ "title": "A", "category": "MUSIC", "tags": ["Open Air"] }),
            json!({ "title": "B", "category": "MUSIC", "tags": ["open air", "Rock"] }),
            json!({ "title": "C", "category": "DANCE" }),
        ])
        .await;
    let found = indexed.ask(json!({ "first": 1 })).await;
    let buckets = |field: &str| {
        let facets = found["facets"].as_array().unwrap();
        facets.iter().find(|facet| facet["field"] == field).unwrap()["buckets"].clone()
    };
    let music = json!([{ "value": "MUSIC", "label": "Music", "count": 2 }, { "value": "DANCE", "label": "Dance", "count": 1 }]);
    assert_eq!(buckets("CATEGORY"), music);
    assert_eq!(buckets("CITY"), json!([{ "value": "vienna", "label": "Vienna", "count": 3 }]));
    assert_eq!(buckets("TAG")[0]["count"], 2);
    assert_eq!(indexed.titles(json!({ "tags": [buckets("TAG")[0]["value"]] })).await, ["A", "B"]);
    assert_eq!(indexed.titles(json!({ "city": "vienna" })).await.len(), 3);
    // An organization's own list has them as well, whatever is over.
    let of =
        json!({ "of": [{ "__typename": "Organization", "id": indexed.graph.organization.to_string() }] });
    let query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Organization { events { \
        facets { field buckets { count } } } } } }";
    let own = indexed.graph.data(None, query, of).await;
    assert_eq!(own["_entities"][0]["events"]["facets"][1]["buckets"], json!([{ "count": 3 }]));
}

#[tokio::test]
async fn whoever_types_is_told_what_they_may_mean() {
    let indexed = Indexed::start().await;
    let [blut, _] = indexed
        .programme([
            json!({ "title": "Wiener Blut" }),
            json!({ "title": "Gala", "performers": ["Wiener Sängerknaben"], "tags": ["Wienerlied"] }),
        ])
        .await;
    let ask = "query($prefix: String!, $first: Int) { eventSuggestions(prefix: $prefix, first: $first) { text kind event { id } } }";
    let told = indexed.graph.data(None, ask, json!({ "prefix": "wien" })).await["eventSuggestions"].clone();
    assert_eq!(
        told,
        json!([
            { "text": "Wiener Sängerknaben", "kind": "PERFORMER", "event": null },
            { "text": "Wienerlied", "kind": "TAG", "event": null },
            { "text": "Wiener Blut", "kind": "EVENT", "event": { "id": blut } },
        ])
    );
    let one = indexed.graph.data(None, ask, json!({ "prefix": "wien", "first": 1 })).await;
    assert_eq!(one["eventSuggestions"].as_array().unwrap().len(), 1);
    assert_eq!(indexed.graph.data(None, ask, json!({ "prefix": " " })).await["eventSuggestions"], json!([]));
    for (field, ask_for) in [
        ("first", json!({ "prefix": "wien", "first": 0 })),
        ("first", json!({ "prefix": "wien", "first": 21 })),
        ("prefix", json!({ "prefix": "x".repeat(101) })),
        ("prefix", json!({ "prefix": "a\nb" })),
    ] {
        let refused = indexed.graph.refused(None, ask, ask_for).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
    }
}

#[tokio::test]
async fn similar_events_of_a_list_cost_one_statement() {
    let indexed = Indexed::start().await;
    let [_, two, three] = indexed
        .programme([
            json!({ "title": "One", "category": "MUSIC", "performers": ["The Band"] }),
            json!({ "title": "Two", "category": "MUSIC" }),
            json!({ "title": "Three", "category": "DANCE", "performers": ["the band"] }),
        ])
        .await;
    let query = "{ events { nodes { similar(first: 2) { id } performers { id name } url calendarUrl } } }";
    let database = &indexed.graph.database;
    let before = database.statements();
    let answer = service::request::answering(None, indexed.graph.data(None, query, json!({}))).await;
    assert_eq!(database.statements() - before, 2);
    let nodes = &answer["events"]["nodes"];
    assert_eq!(nodes[0]["similar"], json!([{ "id": three }, { "id": two }]));
    assert_eq!(
        nodes[0]["performers"][0]["id"], nodes[2]["performers"][0]["id"],
        "one performer in two spellings"
    );
    assert_eq!(nodes[0]["url"], "https://tickets.example/events/one");
    assert!(nodes[0]["calendarUrl"].as_str().unwrap().ends_with("/calendar.ics"), "{nodes}");
}

#[tokio::test]
async fn the_nearest_is_told_with_its_distance_and_words_cost_one_statement() {
    let indexed = Indexed::start().await;
    indexed.programme([json!({ "title": "Night" })]).await;
    let near = json!({ "lat": 48.2082, "lon": 16.3738, "km": 50 });
    let ask = json!({ "sort": "DISTANCE", "filter": { "near": near, "query": "nihgt" } });
    let database = &indexed.graph.database;
    let before = database.statements();
    let found = service::request::answering(None, indexed.ask(ask)).await;
    assert_eq!(database.statements() - before, 1);
    let km = found["nodes"][0]["distanceKm"].as_f64().unwrap();
    assert!((1.2..1.4).contains(&km), "{km}");
    assert_eq!(indexed.ask(json!({})).await["nodes"][0]["distanceKm"], json!(null));
}

#[tokio::test]
async fn replicas_agree_and_a_new_index_is_made_beside_the_one_that_answers() {
    let indexed = Indexed::start().await;
    let [hamlet, ..] = indexed
        .programme(["Hamlet", "Night of Hamlets", "Camlet", "Nothing"].map(|title| json!({ "title": title })))
        .await;
    indexed.update(&hamlet, json!({ "title": "Hamlet, Prince of Denmark" })).await;
    let mut kept = JoinSet::new();
    let (events, other) = replica(&indexed.graph, &mut kept);
    other.caught_up().await;
    indexed.replica.caught_up().await;
    let elsewhere = schema(events, "https://tickets.example");
    let asked = json!({ "filter": { "query": "hamlet" }, "first": 2 });
    let here = indexed.ask(asked.clone()).await;
    let there = async |ask: Value| {
        let request = async_graphql::Request::new(FOUND).variables(async_graphql::Variables::from_json(ask));
        serde_json::to_value(elsewhere.execute(request).await).unwrap()["data"]["events"].clone()
    };
    assert_eq!(here["totalCount"], 3, "one of them misspelt");
    assert_eq!(there(asked.clone()).await, here);
    // A cursor of one replica is a cursor of the other.
    let next = merged(asked.clone(), json!({ "after": here["pageInfo"]["endCursor"] }));
    assert_eq!(texts(&there(next).await["nodes"], "title"), ["Camlet"]);

    ask_for_new_indexes(&indexed.graph.database).await.unwrap();
    while indexed.replica.times_made() < 2 || other.times_made() < 2 {
        assert_eq!(indexed.ask(asked.clone()).await, here, "it answers meanwhile");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(indexed.ask(asked.clone()).await, here);
    assert_eq!(there(asked).await, here);
}

#[tokio::test]
async fn what_was_found_once_is_found_however_often_indexes_are_made_anew_meanwhile() {
    let indexed = Indexed::start().await;
    let [event] = indexed.programme([json!({ "title": "Nothing yet" })]).await;
    for word in ["Amsel", "Buchfink", "Dompfaff", "Elster", "Gimpel", "Kormoran", "Lerche", "Zaunkönig"] {
        let made = indexed.replica.times_made();
        ask_for_new_indexes(&indexed.graph.database).await.unwrap();
        indexed.update(&event, json!({ "title": word })).await;
        indexed.replica.caught_up().await;
        let filter = json!({ "query": word });
        // It is, also by the index that was under way.
        while indexed.replica.times_made() == made {
            assert_eq!(indexed.titles(filter.clone()).await, [word]);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(indexed.titles(filter).await, [word]);
    }
}

#[tokio::test]
async fn what_is_no_price_and_no_language_is_refused_by_name() {
    let graph = Graph::start().await;
    for (field, filter) in [
        ("priceMax", json!({ "priceMax": "-1" })),
        ("priceMax", json!({ "priceMax": "1.23456" })),
        ("locale", json!({ "locale": "german" })),
        ("locale", json!({ "locale": "de_AT" })),
    ] {
        let refused = graph.refused(None, FOUND, json!({ "filter": filter })).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()), "{filter}");
    }
    let venue = graph.venue(json!({})).await;
    let input = merged(graph.event_input(&venue), json!({ "performers": ["The Band", " "] }));
    let create = crate::graph::create_event();
    let refused = graph.ask(Some(graph.organizer), &create, json!({ "input": input })).await;
    assert_eq!(refused["errors"][0]["extensions"]["path"], json!(["input", "performers", "1"]), "{refused}");
}

#[tokio::test]
async fn rest_takes_the_same_conditions() {
    let rest = Rest::start().await;
    let venue = rest.graph.venue(json!({})).await;
    let layout = rest.graph.layout(&venue).await;
    rest.graph.published(&venue, &layout, json!({ "performers": ["Johann Strauss Orchester"] })).await;
    for (query, count) in [("query=strauss&locale=de", 1), ("onlyAvailable=true", 1), ("priceMax=10", 0)] {
        let response = rest.get_with(None, &format!("/events?{query}"), HeaderMap::new()).await;
        let listed: Value = response.json().await.unwrap();
        assert_eq!(listed["totalCount"], count, "{query}: {listed}");
    }
    let response = rest.get_with(None, "/events?priceMax=ten", HeaderMap::new()).await;
    assert_eq!(response.status(), 400);
}
