use contracts::events::LayoutDefined;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::graph::{CREATE_LAYOUT, Graph, layout_input};

#[tokio::test]
async fn a_layout_is_read_back_as_it_was_drawn_and_told() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let input = json!({ "input": layout_input(&venue) });
    let made = graph.data(Some(graph.organizer), CREATE_LAYOUT, input).await["createVenueLayout"].clone();
    assert_eq!(made["capacity"], 302);
    assert_eq!(
        made["sections"],
        json!([
            { "key": "ST", "name": "Stalls", "kind": "SEATED", "capacity": 2, "rows": [{ "label": "A", "seats": [
                { "key": "ST-A-1", "label": "1", "x": 1.5, "y": 2.0, "accessible": true, "restrictedView": false },
                { "key": "special", "label": "2", "x": 2.5, "y": 2.0, "accessible": false, "restrictedView": true },
            ] }] },
            { "key": "FL", "name": "Floor", "kind": "GENERAL_ADMISSION", "capacity": 300, "rows": [] },
        ])
    );
    let reads = &graph.database.reads;
    let query = Statement::from_string(
        reads.get_database_backend(),
        "SELECT payload FROM outbox WHERE subject = 'odysseus.events.layout.defined.v1'",
    );
    let rows = reads.query_all_raw(query).await.unwrap();
    assert_eq!(rows.len(), 1);
    let told: LayoutDefined =
        serde_json::from_str(&rows[0].try_get::<String>("", "payload").unwrap()).unwrap();
    assert_eq!(told.layout_id.to_string(), made["id"]);
    assert_eq!(told.sections[0].capacity() + told.sections[1].capacity(), 302);
}

#[tokio::test]
async fn a_layout_sent_twice_with_one_key_is_one_layout() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let mut input = layout_input(&venue);
    input["idempotencyKey"] = json!("click");
    let organizer = Some(graph.organizer);
    let first = graph.data(organizer, CREATE_LAYOUT, json!({ "input": input })).await;
    let second = graph.data(organizer, CREATE_LAYOUT, json!({ "input": input })).await;
    assert_eq!(first, second);
    input["sections"][1]["capacity"] = json!(301);
    let refused = graph.refused(organizer, CREATE_LAYOUT, json!({ "input": input })).await;
    assert_eq!(refused.0, "IDEMPOTENCY_KEY_REUSED");
    let query = "query($id: ID!) { venue(id: $id) { layouts { id capacity } } }";
    let layouts = graph.data(organizer, query, json!({ "id": venue })).await["venue"]["layouts"].clone();
    assert_eq!(layouts.as_array().unwrap().len(), 1);
}
