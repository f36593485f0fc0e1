//! Whole plans over REST: compact, kept for ever, and only for those who may see them.

use std::io::Cursor;

use events::domain::{DefineLayout, Drawing};
use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use serde_json::{Value, json};

use crate::{big_house::arena, rest::Rest};

fn headers<const N: usize>(pairs: [(reqwest::header::HeaderName, &str); N]) -> HeaderMap {
    pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_str(value).unwrap())).collect()
}

fn unpacked(body: &[u8]) -> Value {
    let mut json = Vec::new();
    brotli::BrotliDecompress(&mut Cursor::new(body), &mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}

#[tokio::test]
async fn the_plan_of_an_arena_is_small_and_kept_for_ever_once_it_is_public() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let venue = graph.venue(json!({})).await;
    let ask = DefineLayout {
        venue_id: venue.parse().unwrap(),
        name: "Arena".to_owned(),
        sections: arena(),
        drawing: Drawing::default(),
        idempotency_key: None,
    };
    let layout = graph.events.define_layout(graph.organizer, ask).await.unwrap().id.to_string();
    let path = format!("/layouts/{layout}/plan.json");
    for who in [None, Some(graph.stranger)] {
        assert_eq!(rest.get_with(who, &path, HeaderMap::new()).await.status(), 404);
    }
    let own = rest.get_with(Some(graph.scanner), &path, HeaderMap::new()).await;
    assert_eq!(own.headers()[CACHE_CONTROL], "private, max-age=31536000, immutable");

    graph.published(&venue, &layout, json!({})).await;
    let packed = rest.get_with(None, &path, headers([(ACCEPT_ENCODING, "gzip, br;q=0.9")])).await;
    assert_eq!(packed.status(), 200);
    assert_eq!(packed.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
    assert_eq!(packed.headers()[CONTENT_ENCODING], "br");
    assert_eq!(packed.headers()[VARY], "Accept-Encoding");
    let tag = packed.headers()[ETAG].to_str().unwrap().to_owned();
    let body = packed.bytes().await.unwrap();
    assert!(body.len() < 100_000, "{} bytes", body.len());
    let plan = unpacked(&body);

    let before = graph.database.statements();
    let as_json = rest.get_with(None, &path, headers([(ACCEPT_ENCODING, "br;q=0, identity")])).await;
    assert_eq!(as_json.headers().get(CONTENT_ENCODING), None);
    assert_eq!(as_json.json::<Value>().await.unwrap(), plan);
    for asked in [tag.as_str(), "*", &format!("\"other\", W/{tag}")] {
        let known = rest.get_with(None, &path, headers([(IF_NONE_MATCH, asked)])).await;
        assert_eq!((known.status().as_u16(), known.headers()[ETAG].to_str().unwrap()), (304, tag.as_str()));
    }
    assert_eq!(graph.database.statements(), before, "a plan that is public is served from memory");

    assert_eq!(
        (&plan["id"], &plan["capacity"], &plan["viewBox"][2]),
        (&json!(format!("lay_{layout}")), &json!(23_000), &json!(1253.7))
    );
    let sections = plan["sections"].as_array().unwrap();
    assert_eq!((sections.len(), sections[40].get("rows")), (41, None));
    let query = "query($id: ID!) { venue(id: $id) { layouts { sections { key rows { label seats { key label x y accessible } } } } } }";
    let drawn =
        graph.data(None, query, json!({ "id": venue })).await["venue"]["layouts"][0]["sections"].clone();
    for (section, drawn) in sections.iter().zip(drawn.as_array().unwrap()).take(3) {
        let rows = section["rows"].as_array().unwrap();
        for (row, drawn) in rows.iter().zip(drawn["rows"].as_array().unwrap()) {
            for (at, seat) in drawn["seats"].as_array().unwrap().iter().enumerate() {
                let key = format!(
                    "{}-{}-{}",
                    section["key"].as_str().unwrap(),
                    row["label"].as_str().unwrap(),
                    row["labels"][at].as_str().unwrap()
                );
                assert_eq!(
                    (&seat["key"], &seat["x"], &seat["y"]),
                    (&json!(key), &row["x"][at], &row["y"][at])
                );
            }
            assert_eq!((&row["accessible"], row.get("keys")), (&json!([0]), None));
        }
    }
}

#[tokio::test]
async fn a_house_of_a_hundred_thousand_seats_is_entered_and_read() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let venue = graph.venue(json!({})).await;
    let row = |section: usize, row: usize| json!({ "label": row.to_string(), "runs": [{ "from": 1, "to": 50, "x": section * 60, "y": row }] });
    let sections: Vec<Value> = (0..100)
        .map(|section| {
            let rows: Vec<Value> = (1..=20).map(|at| row(section, at)).collect();
            json!({ "key": format!("S{section}"), "name": format!("Block {section}"), "kind": "SEATED", "rows": rows })
        })
        .collect();
    let input = json!({ "input": { "venueId": venue, "name": "Stadium", "sections": sections } });
    assert!(input.to_string().len() < 500_000, "it is told in little");
    let create =
        "mutation($input: CreateVenueLayoutInput!) { createVenueLayout(input: $input) { id capacity } }";
    let made = graph.data(Some(graph.organizer), create, input).await["createVenueLayout"].clone();
    assert_eq!(made["capacity"], 100_000);
    let path = format!("/layouts/{}/plan.json", made["id"].as_str().unwrap());
    let packed = rest.get_with(Some(graph.organizer), &path, headers([(ACCEPT_ENCODING, "br")])).await;
    let body = packed.bytes().await.unwrap();
    assert!(body.len() < 500_000, "{} bytes", body.len());
    let plan = unpacked(&body);
    let sections = plan["sections"].as_array().unwrap().iter();
    let rows = sections.flat_map(|section| section["rows"].as_array().unwrap());
    assert_eq!(rows.map(|row| row["x"].as_array().unwrap().len()).sum::<usize>(), 100_000);
}
