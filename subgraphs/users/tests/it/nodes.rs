//! Whatever has an id that says what it is, looked up by it alone.

use kernel::{EventId, LayoutId, OrderId, OrganizationId, UserId};
use serde::Serialize;
use serde_json::{Value, json};

use crate::stage::Stage;

const NODE: &str =
    "query($id: ID!) { node(id: $id) { __typename id ... on User { name } ... on Organization { slug } } }";

fn of(id: impl Serialize) -> Value {
    json!({ "id": id })
}

#[tokio::test]
async fn people_and_organizations_are_found_by_their_ids_as_far_as_they_may_be_seen() {
    let stage = Stage::new().await;
    let (ada, eve) = (stage.register("ada@example.org").await, stage.register("eve@example.org").await);
    let opera: OrganizationId = stage.found(&ada, "Oper").await.parse().unwrap();
    let own = stage.data(Some(ada.id), NODE, of(ada.id.public())).await;
    assert_eq!(own["node"], json!({ "__typename": "User", "id": ada.id.public(), "name": "ada" }));
    for other in [ada.id, UserId::new()] {
        assert_eq!(stage.data(Some(eve.id), NODE, of(other.public())).await, json!({ "node": null }));
    }
    let found = stage.data(None, NODE, of(opera.public())).await;
    assert_eq!(found["node"], json!({ "__typename": "Organization", "id": opera.public(), "slug": "oper" }));
    assert_eq!(stage.data(None, NODE, of(OrganizationId::new().public())).await, json!({ "node": null }));
}

#[tokio::test]
async fn what_other_services_have_is_named_by_its_type() {
    let stage = Stage::new().await;
    let (event, order) = (EventId::new().public(), OrderId::new().public());
    let named = stage.data(None, NODE, of(event)).await;
    assert_eq!(named["node"], json!({ "__typename": "Event", "id": event }));
    assert_eq!(stage.data(None, NODE, of(order)).await["node"]["__typename"], "Order");
}

#[tokio::test]
async fn an_id_that_does_not_say_what_it_is_is_refused() {
    let stage = Stage::new().await;
    let broken = "evt_1".to_owned();
    for id in [EventId::new().to_string(), LayoutId::new().public().to_string(), broken, "xyz".to_owned()] {
        let (code, field) = stage.refusal(None, NODE, of(&id)).await;
        assert_eq!((code.as_str(), field.as_str()), ("BAD_USER_INPUT", "id"), "{id}");
    }
}
