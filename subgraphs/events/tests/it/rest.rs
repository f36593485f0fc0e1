//! Events over REST, as a browser or a calendar asks for them.

use std::sync::Arc;

use kernel::{EventId, SystemClock, UserId};
use messaging::InProcessBus;
use reqwest::{
    Method, Response,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::{Value, json};
use service::Foundation;
use testbed::{Served, Signer, openapi_is_checked_in, problem};

use crate::graph::{CANCEL, EVENT, Graph, in_days};

pub(crate) struct Rest {
    pub(crate) graph: Graph,
    served: Served,
    signer: Signer,
    client: reqwest::Client,
}

impl Rest {
    pub(crate) async fn start() -> Self {
        let graph = Graph::start().await;
        let clock = Arc::new(SystemClock);
        let signer = Signer::new(clock.clone());
        let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock, tokens: signer.verifier() };
        let assembled =
            events::assemble(events::Config::default(), graph.database.clone(), &foundation).await.unwrap();
        let served = Served::start(assembled.routes).await;
        Self { graph, served, signer, client: reqwest::Client::new() }
    }

    async fn get(&self, who: Option<UserId>, path: &str) -> Response {
        self.get_with(who, path, HeaderMap::new()).await
    }

    pub(crate) async fn get_with(&self, who: Option<UserId>, path: &str, headers: HeaderMap) -> Response {
        let mut request =
            self.client.get(format!("{}/api/events/v1{path}", self.served.url)).headers(headers);
        if let Some(user) = who {
            request = request.bearer_auth(self.signer.token(user));
        }
        request.send().await.unwrap()
    }

    /// Sends a body of this type.
    pub(crate) async fn send(
        &self,
        method: Method,
        who: Option<UserId>,
        path: &str,
        media_type: Option<&str>,
        body: Vec<u8>,
    ) -> Response {
        let mut request =
            self.client.request(method, format!("{}/api/events/v1{path}", self.served.url)).body(body);
        if let Some(user) = who {
            request = request.bearer_auth(self.signer.token(user));
        }
        if let Some(media_type) = media_type {
            request = request.header(CONTENT_TYPE, media_type);
        }
        request.send().await.unwrap()
    }

    async fn titles(&self, who: Option<UserId>, query: &str) -> Vec<String> {
        let response = self.get(who, &format!("/events?{query}")).await;
        assert_eq!(response.status(), 200, "{query}");
        let page: Value = response.json().await.unwrap();
        let titles = page["items"].as_array().unwrap().iter();
        titles.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }

    /// Three events in Vienna, and a draft.
    async fn programme(&self) -> Vec<Value> {
        let venue = self.graph.venue(json!({})).await;
        let layout = self.graph.layout(&venue).await;
        let mut events = Vec::new();
        for (title, category, tag, day) in [
            ("Hamlet", "THEATRE", "Shakespeare", 10),
            ("Café Müller", "DANCE", "Tanztheater", 11),
            ("Rock'n'Roll Night", "MUSIC", "Open Air", 12),
        ] {
            let change = json!({ "title": title, "category": category, "tags": [tag],
                "startsAt": in_days(day), "endsAt": in_days(day + 1) });
            events.push(self.graph.published(&venue, &layout, change).await);
        }
        self.graph.event(&venue, json!({ "title": "Hamlet, a secret draft" })).await;
        events
    }
}

#[test]
fn the_document_is_checked_in() {
    openapi_is_checked_in(env!("CARGO_MANIFEST_DIR"), &events::openapi());
}

#[tokio::test]
async fn filters_find_what_they_should() {
    let rest = Rest::start().await;
    let events = rest.programme().await;
    let begins = events[1]["startsAt"].as_str().unwrap().replace('+', "%2B");
    for (query, expected) in [
        (String::new(), vec!["Hamlet", "Café Müller", "Rock'n'Roll Night"]),
        ("query=cafe+muller".to_owned(), vec!["Café Müller"]),
        ("categories=THEATRE&categories=MUSIC".to_owned(), vec!["Hamlet", "Rock'n'Roll Night"]),
        ("tags=open%20air".to_owned(), vec!["Rock'n'Roll Night"]),
        ("city=VIENNA&sort=TITLE".to_owned(), vec!["Café Müller", "Hamlet", "Rock'n'Roll Night"]),
        ("lat=48.2&lon=16.36&km=5".to_owned(), vec!["Hamlet", "Café Müller", "Rock'n'Roll Night"]),
        ("lat=0&lon=0&km=5".to_owned(), vec![]),
        ("lat=48.2&lon=16.36&km=5&sort=DISTANCE&first=1".to_owned(), vec!["Hamlet"]),
        ("upcoming=true&tags=Shakespeare".to_owned(), vec!["Hamlet"]),
        ("upcoming=false".to_owned(), vec![]),
        (format!("startsAfter={begins}"), vec!["Café Müller", "Rock'n'Roll Night"]),
        (format!("organizationId={}&startsBefore={begins}", rest.graph.organization), vec!["Hamlet"]),
        ("statuses=DRAFT".to_owned(), vec![]),
    ] {
        assert_eq!(rest.titles(None, &query).await, expected, "{query}");
    }
    let drafts = rest.titles(Some(rest.graph.scanner), "statuses=DRAFT").await;
    assert_eq!(drafts, ["Hamlet, a secret draft"], "members see their drafts");
}

#[tokio::test]
async fn pages_follow_each_other() {
    let rest = Rest::start().await;
    rest.programme().await;
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let page: Value = rest.get(None, &format!("/events?first=2{after}")).await.json().await.unwrap();
        assert_eq!(page["totalCount"], 3);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["title"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!("&after={}", page["pageInfo"]["endCursor"].as_str().unwrap());
    }
    assert_eq!(seen, ["Hamlet", "Café Müller", "Rock'n'Roll Night"]);
}

#[tokio::test]
async fn an_event_is_as_in_the_graph_by_its_id_and_by_its_slug() {
    let rest = Rest::start().await;
    let hamlet = rest.programme().await.swap_remove(0);
    let query = format!("query($id: ID!) {{ event(id: $id) {{ {EVENT} }} }}");
    let graph = rest.graph.data(None, &query, json!({ "id": hamlet["id"] })).await["event"].clone();
    for name in [&hamlet["id"], &hamlet["slug"]] {
        let response = rest.get(None, &format!("/events/{}", name.as_str().unwrap())).await;
        assert_eq!(response.status(), 200);
        let event: Value = response.json().await.unwrap();
        for field in [
            "id",
            "slug",
            "title",
            "status",
            "tags",
            "category",
            "timezone",
            "currency",
            "cancelReason",
            "doorsAt",
            "imageUrl",
            "showsStock",
            "description",
        ] {
            assert_eq!(event[field], graph[field], "{field}");
        }
        assert_eq!(event["organizationId"], graph["organization"]["id"]);
        assert_eq!(event["venue"]["id"], graph["venue"]["id"]);
        let address = json!({ "street": "Arthur-Schnitzler-Platz 1", "postalCode": "1070", "city": "Vienna", "region": null,
            "countryCode": "AT", "formatted": ["Arthur-Schnitzler-Platz 1", "1070 Vienna", "Austria"] });
        assert_eq!(event["venue"]["address"], address);
        assert_eq!(event["venue"]["location"]["lat"], 48.205);
    }
}

#[tokio::test]
async fn drafts_are_there_for_members_only() {
    let rest = Rest::start().await;
    let venue = rest.graph.venue(json!({})).await;
    let draft = rest.graph.event(&venue, json!({})).await;
    let path = format!("/events/{}", draft["id"].as_str().unwrap());
    assert_eq!(rest.get(Some(rest.graph.organizer), &path).await.status(), 200);
    for who in [None, Some(rest.graph.stranger)] {
        for path in [path.clone(), format!("{path}/calendar.ics")] {
            let missing = problem(rest.get(who, &path).await).await;
            assert_eq!((&missing["status"], &missing["code"]), (&json!(404), &json!("NOT_FOUND")));
        }
    }
    let long = "x".repeat(201);
    for nothing in [EventId::new().to_string(), "nothing".to_owned(), long] {
        assert_eq!(
            problem(rest.get(None, &format!("/events/{nothing}")).await).await["status"],
            404,
            "{nothing}"
        );
    }
    let unheard_of = problem(rest.get(None, "/events/a%00b").await).await;
    assert_eq!(
        (&unheard_of["status"], &unheard_of["field"]),
        (&json!(400), &json!("idOrSlug")),
        "{unheard_of}"
    );
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused_naming_the_parameter() {
    let rest = Rest::start().await;
    for (query, field) in [
        ("first=0", "first"),
        ("first=x", "first"),
        ("after=%25", "after"),
        ("categories=NOISE", "categories"),
        ("sort=starts_at", "sort"),
        ("sort=DISTANCE", "sort"),
        ("upcoming=soon", "upcoming"),
        ("startsAfter=tomorrow", "startsAfter"),
        ("organizationId=42", "organizationId"),
        ("lat=1&lon=2", "km"),
        ("lat=91&lon=2&km=3", "lat"),
        ("lat=NaN&lon=2&km=3", "lat"),
        ("lat=1&lon=-181&km=3&sort=DISTANCE", "lon"),
        ("lat=1&lon=2&km=0", "km"),
        ("limit=3", "limit"),
        ("query=a%00b", "query"),
        ("city=Vienna&tags=live&tags=%00", "tags"),
        ("startsAfter=2027-01-02T00:00:00Z&startsBefore=2027-01-01T00:00:00Z", "startsBefore"),
    ] {
        let refused = problem(rest.get(None, &format!("/events?{query}")).await).await;
        assert_eq!(refused["status"], 400, "{query}: {refused}");
        let named = refused["field"].as_str().unwrap();
        assert!(named == field || named.starts_with(&format!("{field}[")), "{query}: {refused}");
    }
}

#[tokio::test]
async fn the_calendar_file_is_in_the_time_of_the_venue() {
    let rest = Rest::start().await;
    let venue = rest.graph.venue(json!({})).await;
    let layout = rest.graph.layout(&venue).await;
    let year = in_days(400)[..4].to_owned();
    let described = "One\r\nTwo\rEND:VEVENT\rBEGIN:VEVENT\rUID:injected\u{2028}Three\tFour";
    let change = json!({ "title": "A; B, C\\D \"E\"", "layoutId": layout, "description": described,
        "startsAt": format!("{year}-07-01T18:00:00Z"), "endsAt": format!("{year}-07-01T21:00:00Z") });
    let event = rest.graph.published(&venue, &layout, change).await;
    let response = rest.get(None, &format!("/events/{}/calendar.ics", event["slug"].as_str().unwrap())).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CONTENT_TYPE], "text/calendar; charset=utf-8");
    let disposition = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, format!("attachment; filename=\"{}.ics\"", event["slug"].as_str().unwrap()));
    let text = response.text().await.unwrap();
    let unfolded = text.replace("\r\n ", "");
    for line in [
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VTIMEZONE".to_owned(),
        "TZID:Europe/Vienna".to_owned(),
        format!("DTSTART;TZID=Europe/Vienna:{year}0701T200000"),
        format!("DTEND;TZID=Europe/Vienna:{year}0701T230000"),
        r#"SUMMARY:A\; B\, C\\D "E""#.to_owned(),
        "STATUS:CONFIRMED".to_owned(),
        "GEO:48.205;16.357".to_owned(),
        r"LOCATION:Volkstheater\, Arthur-Schnitzler-Platz 1\, 1070 Vienna\, Austria".to_owned(),
        format!("UID:event-{}@odysseus", event["id"].as_str().unwrap().trim_start_matches("evt_")),
    ] {
        assert!(unfolded.lines().any(|found| found == line), "{line} is missing in\n{unfolded}");
    }
    assert!(text.lines().all(|line| line.len() <= 75), "lines are folded:\n{text}");
    let bare = text.replace("\r\n", "");
    assert!(
        !bare.contains(|char: char| char.is_control() && char != '\t'),
        "no control characters but line ends:\n{text:?}"
    );
    assert!(
        unfolded.contains(r"DESCRIPTION:One\nTwo\nEND:VEVENT\nBEGIN:VEVENT\nUID:injected\nThree"),
        "{unfolded}"
    );
    let cancel = json!({ "input": { "eventId": event["id"], "reason": "Storm." } });
    rest.graph.data(Some(rest.graph.organizer), CANCEL, cancel).await;
    let later = rest.get(None, &format!("/events/{}/calendar.ics", event["id"].as_str().unwrap())).await;
    let later = later.text().await.unwrap();
    assert!(later.contains("STATUS:CANCELLED"), "{later}");
    let sequence = |text: &str| -> u32 {
        let line = text.lines().find_map(|line| line.strip_prefix("SEQUENCE:"));
        line.unwrap().trim().parse().unwrap()
    };
    assert!(sequence(&later) > sequence(&text), "it replaces the older entry");
}

#[tokio::test]
async fn who_looks_for_words_too_often_is_asked_to_wait_and_others_are_not() {
    let rest = Rest::start().await;
    let from = |address: &str| {
        HeaderMap::from_iter([("x-client-address".parse().unwrap(), address.parse().unwrap())])
    };
    let mut refused = None;
    for _ in 0..200 {
        let response = rest.get_with(None, "/events?query=hamlet", from("203.0.113.7")).await;
        if response.status() == 429 {
            refused = Some(problem(response).await);
            break;
        }
        assert_eq!(response.status(), 200);
    }
    let refused = refused.expect("two hundred at once are too many");
    assert_eq!((&refused["code"], refused["retryAfterSeconds"].is_u64()), (&json!("RATE_LIMITED"), true));
    for (path, address) in [("/events?query=hamlet", "203.0.113.8"), ("/events?city=Vienna", "203.0.113.7")] {
        assert_eq!(rest.get_with(None, path, from(address)).await.status(), 200, "{path} from {address}");
    }
}
