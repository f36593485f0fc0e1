//! Pictures of events: sent over REST, seen through the graph.

use std::{io::Cursor, time::Duration};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use kernel::{Clock, ImageId, SystemClock, UserId};
use reqwest::{
    Method, Response,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::retention;
use testbed::problem;

use crate::{
    graph::{CANCEL, Graph, in_days},
    rest::Rest,
};

/// A picture of one colour.
pub(crate) fn picture(width: u32, height: u32, red: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture: DynamicImage = RgbImage::from_pixel(width, height, Rgb([red, 90, 60])).into();
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn of(event: &Value) -> String {
    format!("/events/{}/image", event["id"].as_str().unwrap())
}

async fn set(rest: &Rest, who: Option<UserId>, event: &Value, alt_text: &str, bytes: Vec<u8>) -> Response {
    let path = format!("{}?altText={alt_text}", of(event));
    rest.send(Method::PUT, who, &path, Some("image/png"), bytes).await
}

/// The organizer gives the event a picture.
async fn given(rest: &Rest, event: &Value, alt_text: &str, bytes: Vec<u8>) -> Value {
    let response = set(rest, Some(rest.graph.organizer), event, alt_text, bytes).await;
    assert_eq!(response.status(), 200, "{:?}", response.text().await);
    response.json().await.unwrap()
}

async fn removed(rest: &Rest, who: Option<UserId>, event: &Value) -> Response {
    rest.send(Method::DELETE, who, &of(event), None, Vec::new()).await
}

/// The status of a file of a picture, by the address that was told.
pub(crate) async fn seen(rest: &Rest, url: &Value) -> u16 {
    let path = url.as_str().unwrap().split_once("/api/events/v1").unwrap().1;
    rest.get_with(None, path, HeaderMap::new()).await.status().as_u16()
}

/// What everybody reads there.
pub(crate) async fn read(rest: &Rest, path: &str) -> Value {
    let response = rest.get_with(None, path, HeaderMap::new()).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

pub(crate) async fn draft(rest: &Rest) -> Value {
    let venue = rest.graph.venue(json!({})).await;
    rest.graph.event(&venue, json!({})).await
}

pub(crate) async fn published(rest: &Rest) -> Value {
    let venue = rest.graph.venue(json!({})).await;
    let layout = rest.graph.layout(&venue).await;
    rest.graph.published(&venue, &layout, json!({})).await
}

/// What the graph tells of the event's picture.
async fn shown(graph: &Graph, event: &Value, fields: &str) -> Value {
    let query = format!("query($id: ID!) {{ event(id: $id) {{ image {{ {fields} }} }} }}");
    let data = graph.data(Some(graph.organizer), &query, json!({ "id": event["id"] })).await;
    data["event"]["image"].clone()
}

/// How many changes of events are told.
pub(crate) async fn told(graph: &Graph) -> i64 {
    let reads = &graph.database.reads;
    let query = "SELECT COUNT(*) AS n FROM outbox WHERE subject = 'odysseus.events.event.changed.v1'";
    let query = Statement::from_string(reads.get_database_backend(), query);
    reads.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
}

fn header(response: &Response, name: HeaderName) -> &str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn a_page_gets_the_file_that_fits_in_a_format_that_it_reads() {
    let rest = Rest::start().await;
    let event = published(&rest).await;
    assert_eq!(shown(&rest.graph, &event, "width").await, Value::Null);
    let before = told(&rest.graph).await;
    let image = given(&rest, &event, "A%20stage.", picture(800, 400, 200)).await;
    assert_eq!(told(&rest.graph).await, before + 1, "whoever shows the event hears of it");

    assert_eq!(
        (&image["width"], &image["height"], &image["altText"]),
        (&json!(800), &json!(400), &json!("A stage."))
    );
    let files = image["files"].as_array().unwrap();
    let sizes: Vec<_> = files.iter().map(|file| (file["width"].clone(), file["format"].clone())).collect();
    assert_eq!(sizes.len(), 9);
    assert_eq!(
        sizes[..4],
        [
            (json!(320), json!("AVIF")),
            (json!(320), json!("WEBP")),
            (json!(320), json!("JPEG")),
            (json!(640), json!("AVIF"))
        ]
    );
    for file in files {
        assert_eq!(seen(&rest, &file["url"]).await, 200, "{file}");
    }

    let fields = "altText width height placeholder small: url(width: 300, format: AVIF) high: url(height: 170, format: WEBP) \
        url large: url(width: 4096)";
    let shown = shown(&rest.graph, &event, fields).await;
    let url = |file: &str| {
        format!("https://tickets.example/api/events/v1/images/{}/{file}", image["id"].as_str().unwrap())
    };
    for (field, expected) in
        [("small", "320.avif"), ("high", "640.webp"), ("url", "800.jpg"), ("large", "800.jpg")]
    {
        assert_eq!(shown[field], url(expected));
    }
    assert_eq!(
        (&shown["altText"], &shown["width"], &shown["height"]),
        (&json!("A stage."), &json!(800), &json!(400))
    );
    let placeholder = shown["placeholder"].as_str().unwrap();
    assert!(placeholder.starts_with("data:image/webp;base64,") && placeholder.len() < 500, "{placeholder}");
}

#[tokio::test]
async fn a_file_is_kept_for_a_year_and_sent_once() {
    let rest = Rest::start().await;
    let image = given(&rest, &draft(&rest).await, "A", picture(10, 10, 1)).await;
    let id = image["id"].as_str().unwrap();
    for (file, media_type) in [("10.avif", "image/avif"), ("10.webp", "image/webp"), ("10.jpg", "image/jpeg")]
    {
        let path = format!("/images/{id}/{file}");
        let response = rest.get_with(None, &path, HeaderMap::new()).await;
        assert_eq!(response.status(), 200, "whoever has the address sees a draft's picture too");
        assert_eq!(header(&response, CONTENT_TYPE), media_type);
        assert_eq!(header(&response, CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(header(&response, HeaderName::from_static("x-content-type-options")), "nosniff");
        let tag = response.headers()[ETAG].clone();
        let again = rest.get_with(None, &path, [(IF_NONE_MATCH, tag)].into_iter().collect()).await;
        assert_eq!(again.status(), 304);
        assert_eq!(header(&again, CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert!(again.bytes().await.unwrap().is_empty());
    }
    let other = ImageId::new().public();
    for path in [
        format!("/images/{id}/11.jpg"),
        format!("/images/{id}/10.gif"),
        format!("/images/{id}/10"),
        format!("/images/{id}/4294967297.jpg"),
        format!("/images/{other}/10.jpg"),
    ] {
        let missing = problem(rest.get_with(None, &path, HeaderMap::new()).await).await;
        assert_eq!((&missing["status"], &missing["code"]), (&json!(404), &json!("NOT_FOUND")), "{path}");
    }
}

#[tokio::test]
async fn managers_set_pictures_and_nobody_else() {
    let rest = Rest::start().await;
    let (event, draft) = (published(&rest).await, draft(&rest).await);
    let graph = &rest.graph;
    let nowhere = json!({ "id": kernel::EventId::new().public() });
    for (who, event, status) in [
        (None, &event, 401),
        (Some(graph.scanner), &event, 403),
        (Some(graph.stranger), &event, 403),
        (Some(graph.scanner), &draft, 403),
        (Some(graph.stranger), &draft, 404),
        (Some(graph.stranger), &nowhere, 404),
        (Some(graph.organizer), &nowhere, 404),
    ] {
        let refused = problem(set(&rest, who, event, "A", picture(1, 1, 1)).await).await;
        assert_eq!(refused["status"], status, "{refused}");
        let same = problem(removed(&rest, who, event).await).await;
        assert_eq!((&same["status"], &same["detail"]), (&refused["status"], &refused["detail"]));
    }
    assert_eq!(shown(graph, &event, "width").await, Value::Null);
    given(&rest, &event, "A", picture(1, 1, 1)).await;
    given(&rest, &draft, "A", picture(1, 1, 1)).await;
}

#[tokio::test]
async fn the_same_picture_twice_is_set_once_also_at_the_same_time() {
    let rest = Rest::start().await;
    let event = draft(&rest).await;
    let before = told(&rest.graph).await;
    let (one, two) = tokio::join!(
        given(&rest, &event, "A", picture(30, 20, 7)),
        given(&rest, &event, "A", picture(30, 20, 7)),
    );
    assert_eq!(one, two);
    assert_eq!(given(&rest, &event, "A", picture(30, 20, 7)).await, one);
    assert_eq!(told(&rest.graph).await, before + 1);
    for (alt_text, red) in [("B", 7), ("B", 8)] {
        assert_ne!(given(&rest, &event, alt_text, picture(30, 20, red)).await["id"], one["id"]);
    }
    assert_eq!(told(&rest.graph).await, before + 3);
}

#[tokio::test]
async fn pages_that_are_open_show_a_picture_for_a_day_after_it_was_replaced_or_removed() {
    let rest = Rest::start().await;
    let (event, other) = (draft(&rest).await, draft(&rest).await);
    let replaced = given(&rest, &event, "A", picture(30, 20, 7)).await;
    let gone = given(&rest, &event, "A", picture(30, 20, 8)).await;
    let kept = given(&rest, &other, "A", picture(30, 20, 7)).await;
    for _ in 0..2 {
        assert_eq!(removed(&rest, Some(rest.graph.organizer), &event).await.status(), 204);
    }
    assert_eq!(shown(&rest.graph, &event, "width").await, Value::Null);
    let later = async |hours: u64, statuses: [u16; 3]| {
        let at = SystemClock.now() + Duration::from_hours(hours);
        retention::forget_once("events", &rest.graph.database, &events::AGES, at).await.unwrap();
        for (image, status) in [&replaced, &gone, &kept].into_iter().zip(statuses) {
            assert_eq!(seen(&rest, &image["files"][0]["url"]).await, status, "after {hours} hours");
        }
    };
    later(23, [200, 200, 200]).await;
    later(25, [404, 404, 200]).await;
    let rows = |table: &str| {
        let reads = &rest.graph.database.reads;
        let query = format!("SELECT COUNT(*) AS n FROM {table}");
        let query = Statement::from_string(reads.get_database_backend(), query);
        async move { reads.query_one_raw(query).await.unwrap().unwrap().try_get::<i64>("", "n").unwrap() }
    };
    assert_eq!((rows("images").await, rows("image_files").await), (1, 3));
    assert_eq!(shown(&rest.graph, &other, "width").await["width"], 30);
}

#[tokio::test]
async fn what_is_no_picture_is_refused_naming_what_is_wrong() {
    let rest = Rest::start().await;
    let event = draft(&rest).await;
    let (path, png) = (format!("{}?altText=A", of(&event)), picture(3, 3, 3));
    let large = vec![0; 10 * 1024 * 1024 + 1];
    let long = format!("{}?altText={}", of(&event), "x".repeat(501));
    for (path, media_type, bytes, status, field, reason) in [
        (path.as_str(), "image/png", b"This is a PNG.".to_vec(), 400, "body", "MALFORMED"),
        (&path, "image/png", Vec::new(), 400, "body", "MALFORMED"),
        (&path, "image/png", png[..png.len() / 2].to_vec(), 400, "body", "MALFORMED"),
        (&path, "image/jpeg", png.clone(), 400, "Content-Type", "INCONSISTENT"),
        (&path, "image/png", picture(8_001, 1, 3), 400, "body", "OUT_OF_RANGE"),
        (&path, "image/svg+xml", b"<svg/>".to_vec(), 415, "Content-Type", "UNSUPPORTED_MEDIA_TYPE"),
        (&path, "image/png", large, 413, "body", "BODY_TOO_LARGE"),
        (&of(&event), "image/png", png.clone(), 400, "altText", "REQUIRED"),
        (&format!("{}?altText=%20", of(&event)), "image/png", png.clone(), 400, "altText", "REQUIRED"),
        (&long, "image/png", png.clone(), 400, "altText", "TOO_LONG"),
        ("/events/42/image?altText=A", "image/png", png.clone(), 400, "eventId", "MALFORMED"),
    ] {
        let organizer = Some(rest.graph.organizer);
        let refused = problem(rest.send(Method::PUT, organizer, path, Some(media_type), bytes).await).await;
        assert_eq!(
            (&refused["status"], &refused["field"], &refused["reason"]),
            (&json!(status), &json!(field), &json!(reason)),
            "{path}: {refused}"
        );
        assert_eq!(refused["code"], "BAD_USER_INPUT");
    }
    let nameless = rest.send(Method::PUT, Some(rest.graph.organizer), &path, None, png).await;
    assert_eq!(problem(nameless).await["status"], 415);
    assert_eq!(shown(&rest.graph, &event, "width").await, Value::Null);

    given(&rest, &event, "A", picture(3, 3, 3)).await;
    let query = "query($id: ID!, $width: Int, $height: Int) { event(id: $id) { image { url(width: $width, height: $height) } } }";
    for (variables, field) in [(json!({ "width": 0 }), "width"), (json!({ "height": 4097 }), "height")] {
        let variables = crate::graph::merged(json!({ "id": event["id"] }), variables);
        let refused = rest.graph.refused(Some(rest.graph.organizer), query, variables).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
    }
}

#[tokio::test]
async fn an_event_that_was_called_off_keeps_the_picture_it_has() {
    let rest = Rest::start().await;
    let event = published(&rest).await;
    given(&rest, &event, "A", picture(3, 3, 3)).await;
    let cancel = json!({ "input": { "eventId": event["id"], "reason": "Storm." } });
    rest.graph.data(Some(rest.graph.organizer), CANCEL, cancel).await;
    let organizer = Some(rest.graph.organizer);
    let set = problem(set(&rest, organizer, &event, "A", picture(4, 4, 4)).await).await;
    let removed = problem(removed(&rest, organizer, &event).await).await;
    for refused in [set, removed] {
        assert_eq!((&refused["status"], &refused["reason"]), (&json!(409), &json!("EVENT_CANCELLED")));
    }
    assert_eq!(shown(&rest.graph, &event, "width").await["width"], 3);
}

#[tokio::test]
async fn an_organization_that_sends_pictures_all_the_time_is_asked_to_wait() {
    let rest = Rest::start().await;
    let event = draft(&rest).await;
    for red in 0..20 {
        given(&rest, &event, "A", picture(1, 1, red)).await;
    }
    let refused = set(&rest, Some(rest.graph.organizer), &event, "A", picture(1, 1, 100)).await;
    let refused = problem(refused).await;
    assert_eq!((&refused["status"], &refused["code"]), (&json!(429), &json!("RATE_LIMITED")));
    assert!(refused["retryAfterSeconds"].as_u64().unwrap() > 60, "{refused}");
    given(&rest, &event, "A", picture(1, 1, 19)).await;
}

#[tokio::test]
async fn pictures_of_a_list_cost_one_statement_however_many_there_are() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    for day in 0..5 {
        let change = json!({ "startsAt": in_days(10 + day), "endsAt": in_days(11 + day) });
        let event = graph.published(&venue, &layout, change).await;
        given(&rest, &event, "A", picture(1, 1, u8::try_from(day).unwrap())).await;
    }
    let query =
        "query($first: Int) { events(first: $first) { nodes { image { url(width: 300) altText } } } }";
    for first in [1, 5] {
        let before = graph.database.statements();
        let asked = graph.data(None, query, json!({ "first": first }));
        let data = service::request::answering(None, asked).await;
        assert_eq!(graph.database.statements() - before, 2, "{first}");
        let nodes = data["events"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.iter().filter(|node| node["image"]["altText"] == "A").count(), first);

        let before = graph.database.statements();
        let page = read(&rest, &format!("/events?first={first}")).await;
        // The events, how many there are, and their pictures.
        assert_eq!(graph.database.statements() - before, 3, "{first} over REST");
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.iter().filter(|item| item["image"]["altText"] == "A").count(), first);
    }
}

#[tokio::test]
async fn an_event_over_rest_has_its_picture_as_it_was_answered_to_whoever_sent_it() {
    let rest = Rest::start().await;
    let (event, other) = (published(&rest).await, published(&rest).await);
    let image = given(&rest, &event, "A%20stage.", picture(700, 350, 9)).await;
    for (event, expected) in [(&event, &image), (&other, &Value::Null)] {
        let one = read(&rest, &format!("/events/{}", event["id"].as_str().unwrap())).await;
        assert_eq!(one.get("image"), Some(expected));
        let page = read(&rest, "/events").await;
        let items = page["items"].as_array().unwrap();
        let listed = items.iter().find(|item| item["id"] == event["id"]).unwrap();
        assert_eq!(listed.get("image"), Some(expected));
    }
    assert_eq!(removed(&rest, Some(rest.graph.organizer), &event).await.status(), 204);
    let one = read(&rest, &format!("/events/{}", event["slug"].as_str().unwrap())).await;
    assert_eq!(one["image"], Value::Null);
}
