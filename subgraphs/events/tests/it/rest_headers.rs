//! Pages that lead to the next, and answers that may be kept.

use reqwest::{
    Response,
    header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, LINK, VARY},
};
use serde_json::{Value, json};

use crate::rest::Rest;

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// So many published events, the last of them first.
async fn events(rest: &Rest, count: usize) -> Vec<Value> {
    let venue = rest.graph.venue(json!({})).await;
    let layout = rest.graph.layout(&venue).await;
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(rest.graph.published(&venue, &layout, json!({ "tags": ["late night"] })).await);
    }
    events
}

#[tokio::test]
async fn each_page_leads_to_the_next_with_the_same_filter() {
    let rest = Rest::start().await;
    let events = events(&rest, 3).await;
    let (mut path, mut seen) = ("/events?tags=late+night&first=2".to_owned(), Vec::new());
    loop {
        let response = rest.get_with(None, &path, HeaderMap::new()).await;
        assert_eq!(response.status(), 200, "{path}");
        let link = header(&response, LINK).map(str::to_owned);
        let page: Value = response.json().await.unwrap();
        seen.extend(page["items"].as_array().unwrap().iter().map(|event| event["id"].clone()));
        let Some(link) = link else { break };
        let next = link.strip_prefix("</api/events/v1").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert!(next.starts_with("/events?tags=late+night&first=2&after="), "{link}");
        path = next.to_owned();
    }
    seen.sort_by_key(Value::to_string);
    let mut ids: Vec<_> = events.iter().map(|event| event["id"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn what_everybody_sees_of_events_is_kept_for_seconds_and_sent_once() {
    let rest = Rest::start().await;
    let event = events(&rest, 1).await.remove(0);
    let one = format!("/events/{}", event["slug"].as_str().unwrap());
    let ask = async |path: &str, known: Option<HeaderValue>| {
        let known = known.into_iter().map(|tag| (IF_NONE_MATCH, tag)).collect();
        rest.get_with(None, path, known).await
    };
    for path in [one.as_str(), "/events"] {
        let response = ask(path, None).await;
        assert_eq!(header(&response, CACHE_CONTROL), Some("public, max-age=5"), "{path}");
        assert_eq!(header(&response, VARY), Some("authorization"), "{path}");
        let tag = response.headers()[ETAG].clone();
        assert_eq!(ask(path, Some(tag.clone())).await.status(), 304, "{path}");
        let change = "mutation($id: ID!, $title: String!) { updateEvent(input: { eventId: $id, title: $title }) { id } }";
        let title = format!("Changed after {path}");
        rest.graph
            .data(Some(rest.graph.organizer), change, json!({ "id": event["id"], "title": title }))
            .await;
        let changed = ask(path, Some(tag)).await;
        assert_eq!(changed.status(), 200, "{path}");
        assert!(changed.text().await.unwrap().contains(&title));
    }
}

#[tokio::test]
async fn what_a_member_sees_is_kept_by_nobody_on_the_way() {
    let rest = Rest::start().await;
    let venue = rest.graph.venue(json!({})).await;
    let draft = rest.graph.event(&venue, json!({})).await;
    let one = format!("/events/{}", draft["id"].as_str().unwrap());
    for path in [one.as_str(), "/events?statuses=DRAFT"] {
        let own = rest.get_with(Some(rest.graph.organizer), path, HeaderMap::new()).await;
        assert_eq!(own.status(), 200);
        assert_eq!(header(&own, CACHE_CONTROL), Some("private, no-cache"), "{path}");
        assert_eq!(header(&own, VARY), Some("authorization"), "{path}");
    }
    let missing = rest.get_with(None, &one, HeaderMap::new()).await;
    assert_eq!((missing.status().as_u16(), header(&missing, CACHE_CONTROL)), (404, Some("no-store")));
}
