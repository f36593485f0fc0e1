//! What sells most comes first.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::tickets::{SoldLine, TicketsIssued};
use events::adapters::inbound::events::{Inbox, SUBJECTS};
use kernel::{Clock as _, Currency, EventId, Money, OrderId, SystemClock, TicketTypeId, UserId};
use messaging::{Handler as _, Message};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    consumer::message,
    graph::{Graph, in_days},
    orders::{one_by_one, page, run},
    rest::Rest,
};

fn sale_at(at: DateTime<Utc>, event_id: EventId, quantities: &[u32]) -> Message {
    let money = Money::new(1_000, Currency::EUR);
    let lines = quantities.iter().map(|quantity| SoldLine {
        ticket_type_id: TicketTypeId::new(),
        name: "Any".to_owned(),
        quantity: *quantity,
        amount: money,
    });
    message(&TicketsIssued {
        order_id: OrderId::new(),
        event_id,
        organization_id: None,
        buyer_id: UserId::new(),
        total: money,
        fees: money,
        tax: None,
        absorbed: None,
        lines: lines.collect(),
        at,
    })
}

fn sale(event: EventId, quantities: &[u32]) -> Message {
    sale_at(SystemClock.now(), event, quantities)
}

/// Events of these titles, the first of which begins first.
async fn programme<const N: usize>(graph: &Graph, titles: [&str; N]) -> [EventId; N] {
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    let mut ids = Vec::new();
    for (day, title) in (10..).zip(titles) {
        let change = json!({ "title": title, "startsAt": in_days(day), "endsAt": in_days(day + 1) });
        let event = graph.published(&venue, &layout, change).await;
        ids.push(event["id"].as_str().unwrap().parse().unwrap());
    }
    ids.try_into().unwrap()
}

fn popular() -> Value {
    json!({ "sort": "POPULARITY" })
}

#[tokio::test]
async fn what_sold_most_tickets_comes_first_and_the_rest_by_start() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
    let [_, b, c, d] = programme(graph, ["A", "B", "C", "D"]).await;
    assert_eq!(page(graph, popular()).await.0, ["A", "B", "C", "D"], "nothing was sold");
    for sold in [sale(b, &[1, 2]), sale(d, &[2]), sale(d, &[1]), sale(c, &[4, 1])] {
        assert!(SUBJECTS.contains(&sold.subject.as_str()));
        inbox.handle(&sold).await.unwrap();
    }
    let expected = ["C", "B", "D", "A"];
    assert_eq!(page(graph, popular()).await.0, expected);
    assert_eq!(one_by_one(graph, popular()).await, expected);
    let response = rest.get_with(None, "/events?sort=POPULARITY", HeaderMap::new()).await;
    let listed: Value = response.json().await.unwrap();
    let titles = listed["items"].as_array().unwrap().iter().map(|item| item["title"].clone());
    assert_eq!(titles.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_sale_told_twice_counts_once() {
    let graph = Graph::start().await;
    let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
    let [a, b] = programme(&graph, ["A", "B"]).await;
    let (twice, once) = (sale(b, &[3]), sale(a, &[4]));
    for sold in [&twice, &once, &twice] {
        inbox.handle(sold).await.unwrap();
    }
    assert_eq!(page(&graph, popular()).await.0, ["A", "B"]);
}

#[tokio::test]
async fn sales_of_one_event_at_the_same_moment_count_all() {
    let graph = Graph::start().await;
    let [a, b] = programme(&graph, ["A", "B"]).await;
    let mut selling = JoinSet::new();
    for sold in (0..20).map(|_| sale(b, &[1])) {
        let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
        selling.spawn(async move { inbox.handle(&sold).await.unwrap() });
    }
    selling.join_all().await;
    let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
    inbox.handle(&sale(a, &[19])).await.unwrap();
    assert_eq!(page(&graph, popular()).await.0, ["B", "A"]);
    inbox.handle(&sale(a, &[1])).await.unwrap();
    assert_eq!(page(&graph, popular()).await.0, ["A", "B"], "as many were sold, and it is earlier");
}

#[tokio::test]
async fn a_sale_counts_that_is_told_before_its_event_is_known() {
    let graph = Graph::start().await;
    let unknown = EventId::new();
    Inbox::new(graph.events.clone(), Duration::ZERO).handle(&sale(unknown, &[1])).await.unwrap();
    programme(&graph, ["A", "B"]).await;
    assert_eq!(page(&graph, popular()).await.0, ["A", "B"]);
    run(&graph, "UPDATE events SET id = $1 WHERE title = 'B'", [unknown.uuid().into()]).await;
    assert_eq!(page(&graph, popular()).await.0, ["B", "A"]);
}

#[tokio::test]
async fn what_was_sold_long_ago_does_not_count() {
    let graph = Graph::start().await;
    let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
    let [_, b, c] = programme(&graph, ["A", "B", "C"]).await;
    let now = SystemClock.now();
    inbox.handle(&sale_at(now - TimeDelta::days(30), b, &[9])).await.unwrap();
    inbox.handle(&sale_at(now - TimeDelta::days(28), c, &[1])).await.unwrap();
    assert_eq!(page(&graph, popular()).await.0, ["C", "A", "B"]);
}

#[tokio::test]
async fn a_cursor_is_taken_while_sales_go_on_and_tells_nobody_how_many_there_are() {
    let graph = Graph::start().await;
    let inbox = Inbox::new(graph.events.clone(), Duration::ZERO);
    let [_, b, c] = programme(&graph, ["A", "B", "C"]).await;
    inbox.handle(&sale(c, &[2])).await.unwrap();
    let first = json!({ "sort": "POPULARITY", "first": 1 });
    let (titles, info) = page(&graph, first.clone()).await;
    assert_eq!(titles, ["C"]);
    inbox.handle(&sale(c, &[5])).await.unwrap();
    assert_eq!(page(&graph, first).await.1["endCursor"], info["endCursor"]);
    inbox.handle(&sale(b, &[1])).await.unwrap();
    let next = json!({ "sort": "POPULARITY", "after": info["endCursor"] });
    assert_eq!(page(&graph, next.clone()).await.0, ["B", "A"]);
    // What overtakes the one before is on neither page, and the page comes all the same.
    inbox.handle(&sale(b, &[9])).await.unwrap();
    assert_eq!(page(&graph, next).await.0, ["A"]);
    let other = json!({ "sort": "STARTS_AT", "after": info["endCursor"] });
    let query =
        "query($sort: EventSort, $after: String) { events(sort: $sort, after: $after) { nodes { id } } }";
    assert_eq!(graph.refused(None, query, other).await, ("BAD_USER_INPUT".to_owned(), "after".to_owned()));
}
