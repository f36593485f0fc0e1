use e2e::{Person, anybody};
use serde_json::{Value, json};

use crate::{Stage, id};

/// By an id alone: whatever it points at, with a field of each that somebody may see.
const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id ... on Organization { called: name } ... on Event { title } \
    ... on TicketType { sold: name } ... on User { email } ... on Order { number } ... on Ticket { code } \
    ... on Reservation { status } ... on Payment { provider } } }";

#[tokio::test]
async fn an_id_alone_leads_to_the_thing_in_whichever_service_it_is() {
    let stage = Stage::set().await;
    let (buyer, show) = (stage.person("Bea").await, &stage.show);
    let seats = stage.seats(&buyer, 2).await;
    let order = buyer.orders(&show.event, &seats[..1]).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    let held = buyer.holds(&show.event, &seats[1..]).await.unwrap();
    stage.platform.sandbox().mail(&buyer.email, "Winter Journey").await;
    let ticket = &order["tickets"][0];
    for (kind, of, field, expected) in [
        ("Organization", show.organization.as_str(), "called", json!("Olga presents")),
        ("Event", &show.event, "title", json!("Winter Journey")),
        ("TicketType", &show.floor, "sold", json!("Standing")),
        ("User", &buyer.id, "email", json!(buyer.email)),
        ("Order", id(&order), "number", order["number"].clone()),
        ("Ticket", id(ticket), "code", ticket["code"].clone()),
        ("Reservation", id(&held), "status", json!("ACTIVE")),
        ("Payment", id(&order["payment"]), "provider", json!("stripe")),
    ] {
        let node = buyer.does("node", NODE, json!({ "id": of })).await.unwrap();
        assert_eq!(node, json!({ "__typename": kind, "id": of, field: expected }));
    }
    // Who may not see what it points at is told no more than of what is not there.
    let stranger = stage.person("Sly").await;
    for of in [id(&order), id(ticket), id(&held), id(&order["payment"]), &buyer.id] {
        let told = seen_by(&stranger, of).await;
        let nothing = of.split_once('-').map(|(first, _)| format!("{first}-0000-7000-8000-000000000001"));
        let nothing = nothing.unwrap();
        let of_nothing = seen_by(&stranger, &nothing).await;
        assert_eq!(told.to_string().replace(of, "…"), of_nothing.to_string().replace(&nothing, "…"));
    }
}

#[tokio::test]
async fn an_id_says_what_it_points_at_and_is_read_without_that_where_it_is_known() {
    let stage = Stage::set().await;
    let (show, who) = (&stage.show, anybody(stage.platform.address()));
    let query = "query($id: ID!) { event(id: $id) { id } }";
    let refused = who.does("event", query, json!({ "id": show.organization })).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.field()), ("BAD_USER_INPUT", "id"), "{refused:?}");
    assert_eq!(refused.extensions["reason"], "WRONG_KIND", "{refused:?}");
    let (kind, number) = show.event.split_once('_').unwrap();
    assert_eq!(kind, "evt");
    let read = who.does("event", query, json!({ "id": number })).await.unwrap();
    assert_eq!(read["id"], show.event);
    let refused = who.does("node", NODE, json!({ "id": number })).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.field()), ("BAD_USER_INPUT", "id"), "{refused:?}");
}

/// What is told of something, and why not more.
async fn seen_by(who: &Person, of: &str) -> Value {
    let answer = who.asks(NODE, json!({ "id": of })).await.unwrap();
    let codes: Vec<_> = answer.errors.iter().map(|refused| refused.code.as_str()).collect();
    json!({ "data": answer.data, "refused": codes })
}
