//! A picture, from the camera of whoever puts on an event to the page of whoever looks for one.

use e2e::{Person, anybody, eventually};
use kernel::EventId;
use reqwest::{
    Client, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::{Stage, id};

/// The largest picture that is taken, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;
/// What a page shows of an event.
const PAGE: &str = "query($id: ID!) { event(id: $id) { image { url(width: 300, format: AVIF) altText width height placeholder } } }";

#[tokio::test]
async fn a_large_picture_is_sent_once_and_seen_small_by_everybody() {
    let stage = Stage::set().await;
    let (organizer, event) = (&stage.organizer, &stage.show.event);
    let visitor = anybody(stage.platform.address());
    let large = picture(1_200, 945);
    assert!((9_000_000..LARGEST).contains(&large.len()), "{} bytes", large.len());
    let sent = sends(organizer, event, "A%20sunset%20over%20the%20Danube.", large).await;
    assert_eq!(sent.status(), StatusCode::OK, "{:?}", sent.text().await);

    let seen = sees(&visitor, event, |image| !image.is_null()).await;
    assert_eq!(
        (&seen["altText"], &seen["width"], &seen["height"]),
        (&json!("A sunset over the Danube."), &json!(1_200), &json!(945))
    );
    assert!(seen["placeholder"].as_str().unwrap().starts_with("data:image/webp;base64,"), "{seen}");
    let url = seen["url"].as_str().unwrap();
    assert!(url.starts_with(&stage.platform.address().now()), "{url} is where everything is");
    let small = file(&visitor, url).await;
    assert!(small.len() < 100_000, "{} bytes for a page", small.len());

    let sent = sends(organizer, event, "The%20hall%20from%20outside.", picture(640, 480)).await;
    assert_eq!(sent.status(), StatusCode::OK, "{:?}", sent.text().await);
    let other = sees(&visitor, event, |image| image["altText"] == "The hall from outside.").await;
    assert_ne!(file(&visitor, other["url"].as_str().unwrap()).await, small);
    assert_eq!(file(&visitor, url).await, small, "pages that are open show it yet");
}

#[tokio::test]
async fn a_strangers_picture_of_a_draft_is_answered_like_one_of_nothing() {
    let stage = Stage::set().await;
    let (organizer, show) = (&stage.organizer, &stage.show);
    let draft = organizer.creates_event(&show.organization, &show.venue, &show.layout, "Soon").await.unwrap();
    let stranger = stage.person("Sly").await;
    stranger.creates_organization("Elsewhere").await.unwrap();
    let of_draft = problem(sends(&stranger, id(&draft), "A", picture(8, 8)).await).await;
    let of_nothing =
        problem(sends(&stranger, &EventId::new().public().to_string(), "A", picture(8, 8)).await).await;
    assert_eq!(of_draft["status"], 404, "{of_draft}");
    for said in ["status", "code", "reason", "title", "detail"] {
        assert_eq!(of_draft[said], of_nothing[said], "{said}");
    }
    for event in [id(&draft), &show.event] {
        let untouched = organizer.does("event", PAGE, json!({ "id": event })).await.unwrap();
        assert_eq!(untouched["image"], Value::Null);
    }
}

#[tokio::test]
async fn a_picture_that_is_too_large_is_refused_in_words() {
    let stage = Stage::set().await;
    let refused = problem(sends(&stage.organizer, &stage.show.event, "A", vec![0; LARGEST + 1]).await).await;
    assert_eq!(
        (&refused["status"], &refused["reason"], &refused["field"]),
        (&json!(413), &json!("BODY_TOO_LARGE"), &json!("body"))
    );
    let words = refused["detail"].as_str().unwrap();
    assert!(words.contains(&LARGEST.to_string()), "{words}");
}

/// Sends a picture through the front door.
async fn sends(who: &Person, event: &str, alt_text: &str, bytes: Vec<u8>) -> Response {
    let url = format!("{}/api/events/v1/events/{event}/image?altText={alt_text}", who.address().now());
    let request = Client::new().put(url).bearer_auth(who.token().unwrap()).header(CONTENT_TYPE, "image/png");
    request.body(bytes).send().await.unwrap()
}

/// The event's picture, as the page shows it, once it is so. The public may be told what was so a moment ago.
async fn sees(who: &Person, event: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    eventually("the page shows the picture", async || {
        let mut shown = who.does("event", PAGE, json!({ "id": event })).await.unwrap();
        Some(shown["image"].take()).filter(&is_so)
    })
    .await
}

/// A file that never changes.
async fn file(who: &Person, url: &str) -> Vec<u8> {
    let answer = who.fetches(url).await.unwrap();
    assert_eq!(answer.headers()[CONTENT_TYPE], "image/avif");
    assert_eq!(answer.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
    answer.bytes().await.unwrap().to_vec()
}

/// Why it was refused.
async fn problem(answer: Response) -> Value {
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    answer.json().await.unwrap()
}

/// A picture as an artist saves it: in sixteen bits, with transparency, as large as its pixels are.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_compression(png::Compression::NoCompression);
    let share = |part: u32, whole: u32| u16::try_from(u32::from(u16::MAX) * part / whole).unwrap();
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for level in [share(y, height), share(x, width), 20_000, u16::MAX] {
                pixels.extend(level.to_be_bytes());
            }
        }
    }
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}
