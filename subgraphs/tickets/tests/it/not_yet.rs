//! What is shown before everything is there.

use contracts::events::{EventChange, EventStatus};
use kernel::{EventId, UserId};
use serde_json::{Value, json};
use tickets::Config;

use crate::stage::{STALLS, Stage};

const PAGE: &str = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { id ticketTypes { status available } \
                    priceRange { lowest { amount } } availability { total } seatMap { version } } } }";

fn page(event: EventId) -> Value {
    json!({ "of": [{ "__typename": "Event", "id": event }] })
}

#[tokio::test]
async fn an_event_that_is_not_known_here_yet_has_no_fields_here_and_is_no_fault() {
    let stage = Stage::new().await;
    let unknown = EventId::new();
    let nothing = json!([{ "id": unknown.public(), "ticketTypes": null, "priceRange": null, "availability": null, "seatMap": null }]);
    for by in [None, Some(UserId::new())] {
        assert_eq!(stage.data(by, PAGE, page(unknown)).await["_entities"], nothing);
    }
}

#[tokio::test]
async fn what_is_not_on_sale_yet_is_not_sold_out() {
    let stage = Stage::empty(Config::default()).await;
    stage.hear(&stage.layout_defined()).await;
    stage.hear(&stage.event_changed(1, EventChange::Created, EventStatus::Draft)).await;
    stage.sells("Seat", &[STALLS]).await;
    let status = async |by: Option<UserId>| {
        let shown = stage.data(by, PAGE, page(stage.event)).await;
        shown["_entities"][0]["ticketTypes"][0]["status"].clone()
    };
    assert_eq!(status(Some(stage.organizer)).await, "NOT_PUBLISHED");
    assert_eq!(status(None).await, Value::Null, "a draft is its organizers' alone");
    stage.hear(&stage.event_changed(2, EventChange::Published, EventStatus::Published)).await;
    assert_eq!(status(None).await, "ON_SALE");
    stage.hear(&stage.event_changed(3, EventChange::Updated, EventStatus::Postponed)).await;
    assert_eq!(status(None).await, "PAUSED");
}
