//! Several pictures of an event: sent over REST, put in order over both.

use kernel::{ImageId, UserId};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use testbed::problem;

use crate::{
    graph::{Graph, in_days},
    images::{draft, picture, published, read, seen, told},
    rest::Rest,
};

const ARRANGE: &str =
    "mutation($input: ArrangeEventImagesInput!) { arrangeEventImages(input: $input) { images { id } } }";
const REMOVE: &str = "mutation($event: ID!, $image: ID!) { removeEventImage(eventId: $event, imageId: $image) { images { id } } }";

fn of(event: &Value) -> String {
    format!("/events/{}/images", event["id"].as_str().unwrap())
}

async fn add(rest: &Rest, who: Option<UserId>, event: &Value, red: u8) -> Response {
    let path = format!("{}?altText=Picture%20{red}.", of(event));
    rest.send(Method::POST, who, &path, Some("image/png"), picture(2, 1, red)).await
}

/// The organizer gives the event one more picture, and gets its id.
async fn added(rest: &Rest, event: &Value, red: u8) -> Value {
    let response = add(rest, Some(rest.graph.organizer), event, red).await;
    assert_eq!(response.status(), 200, "{:?}", response.text().await);
    response.json::<Value>().await.unwrap()["id"].clone()
}

/// The ids of what the graph shows of the event, and the id of the first.
async fn shown(graph: &Graph, event: &Value) -> (Vec<Value>, Value) {
    let query = "query($id: ID!) { event(id: $id) { image { id } images { id } } }";
    let data = graph.data(Some(graph.organizer), query, json!({ "id": event["id"] })).await;
    (ids(&data["event"]), data["event"]["image"]["id"].clone())
}

fn ids(of: &Value) -> Vec<Value> {
    of["images"].as_array().unwrap().iter().map(|image| image["id"].clone()).collect()
}

#[tokio::test]
async fn pictures_are_shown_in_their_order_and_the_first_stands_for_the_event() {
    let rest = Rest::start().await;
    let event = published(&rest).await;
    assert_eq!(shown(&rest.graph, &event).await, (vec![], Value::Null));
    let before = told(&rest.graph).await;
    let [one, two, three] =
        [added(&rest, &event, 1).await, added(&rest, &event, 2).await, added(&rest, &event, 3).await];
    assert_eq!(
        shown(&rest.graph, &event).await,
        (vec![one.clone(), two.clone(), three.clone()], one.clone())
    );
    assert_eq!(told(&rest.graph).await, before + 3);

    assert_eq!(added(&rest, &event, 2).await, two, "the same with the same words is there already");
    assert_eq!(told(&rest.graph).await, before + 3);

    let put = Some(rest.graph.organizer);
    let path = format!("/events/{}/image?altText=Other.", event["id"].as_str().unwrap());
    let first = rest.send(Method::PUT, put, &path, Some("image/png"), picture(2, 1, 9)).await;
    let first = first.json::<Value>().await.unwrap()["id"].clone();
    assert_eq!(
        shown(&rest.graph, &event).await,
        (vec![first.clone(), two.clone(), three.clone()], first.clone()),
        "the first alone is replaced"
    );

    let listed = read(&rest, "/events").await["items"][0].clone();
    let alone = read(&rest, &format!("/events/{}", event["id"].as_str().unwrap())).await;
    for over_rest in [listed, alone] {
        assert_eq!(ids(&over_rest), [first.clone(), two.clone(), three.clone()]);
        assert_eq!(over_rest["image"], over_rest["images"][0]);
        assert_eq!(over_rest["images"][1]["altText"], "Picture 2.");
    }
}

#[tokio::test]
async fn an_order_holds_over_the_graph_and_over_rest() {
    let rest = Rest::start().await;
    let (graph, event) = (&rest.graph, published(&rest).await);
    let [one, two, three] =
        [added(&rest, &event, 1).await, added(&rest, &event, 2).await, added(&rest, &event, 3).await];
    let before = told(graph).await;
    let input = json!({ "input": { "eventId": event["id"], "imageIds": [three, one, two] } });
    for _ in 0..2 {
        let data = graph.data(Some(graph.organizer), ARRANGE, input.clone()).await;
        assert_eq!(ids(&data["arrangeEventImages"]), [three.clone(), one.clone(), two.clone()]);
    }
    assert_eq!(told(graph).await, before + 1, "what is so already is told to nobody");

    let body = json!({ "imageIds": [two, three, one] }).to_string().into_bytes();
    let answer =
        rest.send(Method::PUT, Some(graph.organizer), &of(&event), Some("application/json"), body).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(ids(&answer.json().await.unwrap()), [two.clone(), three.clone(), one.clone()]);
    assert_eq!(shown(graph, &event).await.1, two);

    for wrong in
        [json!([two, three]), json!([two, three, three]), json!([two, three, ImageId::new().public()])]
    {
        let input = json!({ "input": { "eventId": event["id"], "imageIds": wrong } });
        let refused = graph.refused(Some(graph.organizer), ARRANGE, input).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "imageIds".to_owned()));
    }
    let malformed = json!({ "input": { "eventId": event["id"], "imageIds": [two, "42", one] } });
    let refused = graph.refused(Some(graph.organizer), ARRANGE, malformed).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "imageIds[1]".to_owned()));
}

#[tokio::test]
async fn one_picture_goes_and_the_next_moves_up_and_all_go_at_once() {
    let rest = Rest::start().await;
    let (graph, event) = (&rest.graph, published(&rest).await);
    let organizer = Some(graph.organizer);
    let [one, two, three, four] = [
        added(&rest, &event, 1).await,
        added(&rest, &event, 2).await,
        added(&rest, &event, 3).await,
        added(&rest, &event, 4).await,
    ];
    for _ in 0..2 {
        let variables = json!({ "event": event["id"], "image": one });
        let data = graph.data(organizer, REMOVE, variables).await;
        assert_eq!(ids(&data["removeEventImage"]), [two.clone(), three.clone(), four.clone()]);
    }
    for _ in 0..2 {
        let path = format!("{}/{}", of(&event), three.as_str().unwrap());
        assert_eq!(rest.send(Method::DELETE, organizer, &path, None, Vec::new()).await.status(), 204);
    }
    assert_eq!(shown(graph, &event).await, (vec![two.clone(), four], two));
    let file = format!("/api/events/v1/images/{}/2.jpg", one.as_str().unwrap());
    assert_eq!(seen(&rest, &json!(file)).await, 200, "pages that are open show it yet");

    let all = format!("/events/{}/image", event["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(rest.send(Method::DELETE, organizer, &all, None, Vec::new()).await.status(), 204);
        assert_eq!(shown(graph, &event).await, (vec![], Value::Null));
    }
}

#[tokio::test]
async fn the_thirteenth_picture_is_refused() {
    let rest = Rest::start().await;
    let event = draft(&rest).await;
    for red in 0..12 {
        added(&rest, &event, red).await;
    }
    let refused = problem(add(&rest, Some(rest.graph.organizer), &event, 100).await).await;
    assert_eq!((&refused["status"], &refused["reason"]), (&json!(409), &json!("TOO_MANY_IMAGES")));
    assert_eq!(shown(&rest.graph, &event).await.0.len(), 12);
}

#[tokio::test]
async fn managers_add_arrange_and_remove_and_nobody_else() {
    let rest = Rest::start().await;
    let (graph, event, hidden) = (&rest.graph, published(&rest).await, draft(&rest).await);
    let image = added(&rest, &event, 1).await;
    for (who, event, status) in [
        (None, &event, 401),
        (Some(graph.scanner), &event, 403),
        (Some(graph.stranger), &event, 403),
        (Some(graph.stranger), &hidden, 404),
    ] {
        assert_eq!(problem(add(&rest, who, event, 2).await).await["status"], status);
        let body = json!({ "imageIds": [image] }).to_string().into_bytes();
        let order = rest.send(Method::PUT, who, &of(event), Some("application/json"), body).await;
        assert_eq!(problem(order).await["status"], status);
        let path = format!("{}/{}", of(event), image.as_str().unwrap());
        let removal = rest.send(Method::DELETE, who, &path, None, Vec::new()).await;
        assert_eq!(problem(removal).await["status"], status);
    }
    assert_eq!(shown(graph, &event).await.0, [image]);
}

#[tokio::test]
async fn the_same_picture_sent_twice_at_once_is_added_once() {
    let rest = Rest::start().await;
    let event = draft(&rest).await;
    let (one, two) = tokio::join!(added(&rest, &event, 7), added(&rest, &event, 7));
    assert_eq!(one, two);
    assert_eq!(shown(&rest.graph, &event).await.0, [one]);
}

#[tokio::test]
async fn all_pictures_of_a_list_cost_one_statement_however_many_there_are() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    for day in 0..4 {
        let change = json!({ "startsAt": in_days(10 + day), "endsAt": in_days(11 + day) });
        let event = graph.published(&venue, &layout, change).await;
        for red in 0..3 {
            added(&rest, &event, red).await;
        }
    }
    let query = "query($first: Int) { events(first: $first) { nodes { image { altText } images { url(width: 300) } } } }";
    for first in [1, 4] {
        let before = graph.database.statements();
        let asked = graph.data(None, query, json!({ "first": first }));
        let data = service::request::answering(None, asked).await;
        assert_eq!(graph.database.statements() - before, 2, "{first}");
        let nodes = data["events"]["nodes"].as_array().unwrap();
        assert!(nodes.iter().all(|node| node["images"].as_array().unwrap().len() == 3));
        let before = graph.database.statements();
        read(&rest, &format!("/events?first={first}")).await;
        assert_eq!(graph.database.statements() - before, 3, "{first} over REST");
    }
}
