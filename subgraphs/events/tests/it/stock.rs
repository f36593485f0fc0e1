//! Whether everybody is told how many places are left is the organizer's choice.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::graph::{EVENT, Graph, create_event, merged};

/// Changes an event; the event as everybody sees it.
async fn updated(graph: &Graph, event: &Value, change: Value) -> Value {
    let update = "mutation($input: UpdateEventInput!) { updateEvent(input: $input) { showsStock } }";
    let input = json!({ "input": merged(json!({ "eventId": event["id"] }), change) });
    let changed = graph.data(Some(graph.organizer), update, input).await["updateEvent"].clone();
    let query = format!("query($id: ID!) {{ event(id: $id) {{ {EVENT} }} }}");
    let seen = graph.data(None, &query, json!({ "id": event["id"] })).await["event"].clone();
    assert_eq!(changed["showsStock"], seen["showsStock"]);
    seen
}

/// What other services were told of it, in order.
async fn told(graph: &Graph) -> Vec<Value> {
    let reads = &graph.database.reads;
    let query = Statement::from_string(
        reads.get_database_backend(),
        "SELECT payload FROM outbox WHERE subject = 'odysseus.events.event.changed.v1' ORDER BY seq",
    );
    let payload = |row: sea_orm::QueryResult| {
        let payload: Value = serde_json::from_str(&row.try_get::<String>("", "payload").unwrap()).unwrap();
        payload["event"]["shows_stock"].clone()
    };
    reads.query_all_raw(query).await.unwrap().into_iter().map(payload).collect()
}

#[tokio::test]
async fn it_is_shown_unless_the_organizer_hides_it() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    for (change, shown) in
        [(json!({}), true), (json!({ "showsStock": true }), true), (json!({ "showsStock": false }), false)]
    {
        assert_eq!(graph.event(&venue, change).await["showsStock"], shown);
    }
    let mut nothing_said = graph.event_input(&venue);
    nothing_said["showsStock"] = json!(null);
    let made = graph.data(Some(graph.organizer), &create_event(), json!({ "input": nothing_said })).await;
    assert_eq!(made["createEvent"]["showsStock"], true);
}

#[tokio::test]
async fn it_is_hidden_and_shown_again_while_tickets_are_sold_and_others_are_told() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    let event = graph.published(&venue, &layout, json!({})).await;
    let before = told(&graph).await.len();
    assert_eq!(updated(&graph, &event, json!({ "showsStock": false })).await["showsStock"], false);
    let renamed = updated(&graph, &event, json!({ "title": "Die Fledermaus II" })).await;
    assert_eq!((&renamed["title"], &renamed["showsStock"]), (&json!("Die Fledermaus II"), &json!(false)));
    assert_eq!(updated(&graph, &event, json!({ "showsStock": true })).await["showsStock"], true);
    assert_eq!(told(&graph).await[before..], [json!(false), json!(false), json!(true)]);
}
