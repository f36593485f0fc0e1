use e2e::{Person, anybody, eventually};
use serde_json::{Value, json};

use crate::{Stage, id};

#[tokio::test]
async fn the_public_is_told_what_is_left_and_the_organizer_what_became_of_the_rest() {
    let stage = Stage::set().await;
    let (buyer, event) = (stage.person("Bea").await, &stage.show.event);
    let seats = stage.seats(&buyer, 3).await;
    let order = buyer.orders(event, &seats[..2]).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    buyer.waits_for(id(&order), &["COMPLETED"]).await;
    stage.platform.sandbox().mail(&buyer.email, "Winter Journey").await;
    buyer.holds_standing(event, &stage.show.floor, 4).await.unwrap();
    stage.organizer.blocks(event, &seats[2..], true).await.unwrap();
    let left = json!({ "level": "PLENTY", "total": 58, "available": 51 });
    let rest = |held: Value, sold: Value, blocked: Value| {
        let mut whole = left.clone();
        (whole["held"], whole["sold"], whole["blocked"]) = (held, sold, blocked);
        whole
    };
    let stranger = anybody(stage.platform.address());
    let everything = rest(json!(4), json!(2), json!(1));
    for (who, expected) in [
        (&stage.organizer, &everything),
        (&buyer, &rest(Value::Null, Value::Null, Value::Null)),
        (&stranger, &rest(Value::Null, Value::Null, Value::Null)),
    ] {
        // The public may be told what was so a moment ago.
        eventually(&format!("{} is told {expected}", who.name), async || {
            (availability(who, event).await == *expected).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_type_of_a_draft_is_not_yet_published_and_then_on_sale() {
    let stage = Stage::set().await;
    let (who, show) = (&stage.organizer, &stage.show);
    let made = who.creates_event(&show.organization, &show.venue, &show.layout, "Soon").await.unwrap();
    let event = id(&made);
    who.creates_ticket_type(event, "Seat", &["STALLS"], "10.00").await.unwrap();
    let status = async || {
        let query = "query($id: ID!) { event(id: $id) { saleStatus ticketTypes { status available } } }";
        who.does("event", query, json!({ "id": event })).await.unwrap()
    };
    let draft = status().await;
    assert_eq!(draft["saleStatus"], "NOT_PUBLISHED");
    assert_eq!(draft["ticketTypes"][0]["status"], "NOT_PUBLISHED");
    who.publishes(event).await.unwrap();
    let expected =
        json!({ "saleStatus": "ON_SALE", "ticketTypes": [{ "status": "ON_SALE", "available": 18 }] });
    assert_eq!(status().await, expected);
}

async fn availability(who: &Person, event: &str) -> Value {
    let query =
        "query($id: ID!) { event(id: $id) { availability { level total available held sold blocked } } }";
    who.does("event", query, json!({ "id": event })).await.unwrap()["availability"].take()
}
