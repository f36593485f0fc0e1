//! Seat maps over REST: a letter a seat, and nothing while nothing has changed.

use contracts::events::{EventChange, EventStatus};
use kernel::{EventId, UserId};
use reqwest::{Client, Response, StatusCode, header};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tickets::Config;
use tokio::net::TcpListener;

use crate::stage::{FLOOR, STALLS, Stage};

struct Maps<'s> {
    stage: &'s Stage,
    address: String,
    client: Client,
}

impl<'s> Maps<'s> {
    async fn of(stage: &'s Stage) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/api/tickets/v1/events", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, stage.routes.clone()).into_future());
        Self { stage, address, client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn get(&self, event: EventId, by: Option<UserId>, known: Option<&str>) -> Response {
        let mut ask = self.client.get(format!("{}/{event}/seat-map", self.address));
        if let Some(user) = by {
            ask = ask.bearer_auth(self.stage.signer.token(user));
        }
        if let Some(tag) = known {
            ask = ask.header(header::IF_NONE_MATCH, tag);
        }
        ask.send().await.unwrap()
    }

    /// The map with its tag.
    async fn map(&self) -> (String, Value) {
        let answer = self.get(self.stage.event, None, None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        (answer.headers()[header::ETAG].to_str().unwrap().to_owned(), answer.json().await.unwrap())
    }

    async fn is_known(&self, tag: &str) -> bool {
        self.get(self.stage.event, None, Some(tag)).await.status() == StatusCode::NOT_MODIFIED
    }
}

#[tokio::test]
async fn a_map_is_sent_again_only_when_it_has_changed() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let maps = Maps::of(&stage).await;
    let (empty, map) = maps.map().await;
    let free = json!([
        { "key": STALLS, "available": 20, "statuses": "a".repeat(20) },
        { "key": FLOOR, "available": 30, "statuses": "" },
    ]);
    assert_eq!(map["sections"], free);
    assert!(maps.is_known(&empty).await);

    stage.holds(UserId::new(), &[2, 11]).await.unwrap();
    assert!(!maps.is_known(&empty).await);
    let (held, map) = maps.map().await;
    assert_eq!(map["sections"][0]["statuses"], "aahaaaaaaaahaaaaaaaa");
    assert_eq!(map["sections"][0]["available"], 18);
    let graph = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
                 seatMap { version sections { key available statuses } } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    assert_eq!(stage.data(None, graph, of).await["_entities"][0]["seatMap"], map);
    assert!(maps.is_known(&held).await);

    // Time runs out, and nobody has tidied up.
    let lapse = "UPDATE reservations SET expires_at = 1; UPDATE seats SET held_until = 1 WHERE held_until IS NOT NULL";
    stage.database.writes.execute_unprepared(lapse).await.unwrap();
    assert!(!maps.is_known(&held).await);
    assert_eq!(maps.map().await.1["sections"], free);
}

#[tokio::test]
async fn whoever_takes_brotli_gets_the_same_map_in_less() {
    let stage = Stage::new().await;
    let maps = Maps::of(&stage).await;
    let (_, map) = maps.map().await;
    let ask = maps.client.get(format!("{}/{}/seat-map", maps.address, stage.event));
    let answer = ask.header(header::ACCEPT_ENCODING, "gzip, br").send().await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_ENCODING], "br");
    assert_eq!(answer.headers()[header::VARY], "Accept-Encoding");
    let mut plain = Vec::new();
    let sent = answer.bytes().await.unwrap();
    brotli::BrotliDecompress(&mut sent.as_ref(), &mut plain).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&plain).unwrap(), map);
    assert!(sent.len() < plain.len());
}

#[tokio::test]
async fn a_map_is_shown_to_whoever_may_see_its_event_once_places_are_open() {
    let stage = Stage::empty(Config::default()).await;
    stage.hear(&stage.layout_defined()).await;
    stage.hear(&stage.event_changed(1, EventChange::Created, EventStatus::Draft)).await;
    let maps = Maps::of(&stage).await;
    let missing = async |event, by| {
        let answer = maps.get(event, by, None).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        answer.json::<Value>().await.unwrap()["detail"].as_str().unwrap().to_owned()
    };
    let nothing = missing(EventId::new(), None).await;
    assert_eq!(missing(stage.event, None).await, nothing);
    assert_eq!(missing(stage.event, Some(UserId::new())).await, nothing);
    assert_ne!(missing(stage.event, Some(stage.organizer)).await, nothing);
    stage.hear(&stage.event_changed(2, EventChange::Published, EventStatus::Published)).await;
    assert_eq!(maps.map().await.1["sections"][1], json!({ "key": FLOOR, "available": 30, "statuses": "" }));
}
