//! A published event gets other times through the graph.

use serde_json::{Value, json};

use crate::graph::{EVENT, Graph, in_days, merged};

const RESCHEDULE: &str = "mutation($input: RescheduleEventInput!) { rescheduleEvent(input: $input) { id status startsAt endsAt doorsAt } }";

fn to(event: &Value, starts: i64, change: Value) -> Value {
    let input = json!({ "eventId": event["id"], "startsAt": in_days(starts), "endsAt": in_days(starts + 1),
        "reason": "The singer is ill." });
    json!({ "input": merged(input, change) })
}

async fn published(graph: &Graph) -> Value {
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    graph.published(&venue, &layout, json!({})).await
}

#[tokio::test]
async fn everybody_sees_the_new_time_of_an_event_that_was_moved() {
    let graph = Graph::start().await;
    let event = published(&graph).await;
    let ask = to(&event, 40, json!({ "doorsAt": in_days(39), "refundableUntil": in_days(20) }));
    let moved = graph.data(Some(graph.organizer), RESCHEDULE, ask.clone()).await["rescheduleEvent"].clone();
    assert_eq!(moved["status"], "PUBLISHED");
    for field in ["startsAt", "endsAt", "doorsAt"] {
        assert_eq!(moved[field], ask["input"][field], "{field}");
    }
    let seen = format!("query($id: ID!) {{ event(id: $id) {{ {EVENT} }} }}");
    let seen = graph.data(None, &seen, json!({ "id": event["id"] })).await["event"].clone();
    assert_eq!(seen["startsAt"], ask["input"]["startsAt"]);
    assert_eq!(seen["slug"], event["slug"], "its address stays");
    let listed = graph.data(None, "{ events { nodes { startsAt } } }", json!({})).await;
    assert_eq!(listed["events"]["nodes"], json!([{ "startsAt": ask["input"]["startsAt"] }]));
    assert_eq!(graph.data(Some(graph.organizer), RESCHEDULE, ask).await["rescheduleEvent"], moved);
}

#[tokio::test]
async fn only_owners_and_managers_move_an_event() {
    let graph = Graph::start().await;
    let event = published(&graph).await;
    for (who, code) in
        [(None, "UNAUTHENTICATED"), (Some(graph.scanner), "FORBIDDEN"), (Some(graph.stranger), "FORBIDDEN")]
    {
        assert_eq!(graph.refused(who, RESCHEDULE, to(&event, 40, json!({}))).await.0, code);
    }
}

#[tokio::test]
async fn a_draft_is_not_moved_and_updating_moves_nothing_that_is_published() {
    let graph = Graph::start().await;
    let organizer = Some(graph.organizer);
    let draft = graph.event(&graph.venue(json!({})).await, json!({})).await;
    let answer = graph.ask(organizer, RESCHEDULE, to(&draft, 40, json!({}))).await;
    let told = &answer["errors"][0]["extensions"];
    assert_eq!((&told["code"], &told["reason"]), (&json!("CONFLICT"), &json!("STILL_A_DRAFT")), "{answer:#}");
    let event = published(&graph).await;
    let update = "mutation($input: UpdateEventInput!) { updateEvent(input: $input) { id } }";
    let ask = json!({ "input": { "eventId": event["id"], "startsAt": in_days(29) } });
    let answer = graph.ask(organizer, update, ask).await;
    let (message, told) = (&answer["errors"][0]["message"], &answer["errors"][0]["extensions"]);
    assert_eq!(told["reason"], "EVENT_PUBLISHED", "{answer:#}");
    assert!(message.as_str().unwrap().contains("rescheduleEvent"), "{message}");
}

#[tokio::test]
async fn a_key_stands_for_one_move() {
    let graph = Graph::start().await;
    let organizer = Some(graph.organizer);
    let event = published(&graph).await;
    let keyed = |starts: i64| to(&event, starts, json!({ "idempotencyKey": "click" }));
    let ask = keyed(40);
    let first = graph.data(organizer, RESCHEDULE, ask.clone()).await;
    let other = graph.data(organizer, RESCHEDULE, to(&event, 50, json!({}))).await;
    assert_eq!(graph.data(organizer, RESCHEDULE, ask).await, other, "it has moved on meanwhile");
    assert_ne!(first, other);
    let refused = graph.refused(organizer, RESCHEDULE, keyed(60)).await;
    assert_eq!(refused, ("IDEMPOTENCY_KEY_REUSED".to_owned(), "idempotencyKey".to_owned()));
}
