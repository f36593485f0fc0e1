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
    let told = told(&graph).await;
    assert_eq!(json!(told.layout_id.public()), made["id"]);
    assert_eq!(told.sections[0].capacity() + told.sections[1].capacity(), 302);
}

/// The one layout that was told.
async fn told(graph: &Graph) -> LayoutDefined {
    let reads = &graph.database.reads;
    let query = Statement::from_string(
        reads.get_database_backend(),
        "SELECT payload FROM outbox WHERE subject = 'odysseus.events.layout.defined.v1'",
    );
    let rows = reads.query_all_raw(query).await.unwrap();
    assert_eq!(rows.len(), 1);
    serde_json::from_str(&rows[0].try_get::<String>("", "payload").unwrap()).unwrap()
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

const DRAWN: &str = "mutation($input: CreateVenueLayoutInput!) { createVenueLayout(input: $input) { id url createdAt \
    viewBox { x y width height } focalPoint { x y } sections { outline { x y } labelAt { x y } \
    rows { label seats { key label x y accessible restrictedView } } } } }";

#[tokio::test]
async fn what_a_plan_looks_like_is_kept_with_it() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let mut input = layout_input(&venue);
    let outline = json!([{ "x": 0, "y": 0 }, { "x": 40, "y": 0 }, { "x": 40, "y": 20 }]);
    input["focalPoint"] = json!({ "x": 20, "y": -20 });
    input["sections"][1]["outline"] = outline.clone();
    input["sections"][1]["labelAt"] = json!({ "x": 20.5, "y": 10 });
    let made = graph.data(Some(graph.organizer), DRAWN, json!({ "input": input })).await["createVenueLayout"]
        .clone();
    assert_eq!(made["viewBox"], json!({ "x": -1.0, "y": -21.0, "width": 42.0, "height": 42.0 }));
    assert_eq!(made["focalPoint"], json!({ "x": 20.0, "y": -20.0 }));
    assert_eq!(told(&graph).await.focal_point, Some((20.0, -20.0)), "others know where everybody looks");
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["url"], format!("https://tickets.example/api/events/v1/layouts/{id}/plan.json"));
    assert_eq!(
        (&made["sections"][0]["outline"], &made["sections"][0]["labelAt"]),
        (&json!([]), &json!(null))
    );
    assert_eq!(made["sections"][1]["outline"].as_array().unwrap().len(), 3);
    assert_eq!(made["sections"][1]["labelAt"], json!({ "x": 20.5, "y": 10.0 }));
    for (field, at, value) in [
        ("sections[1].outline", "outline", json!([{ "x": 0, "y": 0 }])),
        (
            "sections[1].outline[0].y",
            "outline",
            json!([{ "x": 0, "y": 1e9 }, { "x": 1, "y": 0 }, { "x": 1, "y": 1 }]),
        ),
        ("sections[1].labelAt.x", "labelAt", json!({ "x": -1e9, "y": 0 })),
    ] {
        let mut input = input.clone();
        input["sections"][1][at] = value;
        let refused = graph.refused(Some(graph.organizer), DRAWN, json!({ "input": input })).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
    }
}

#[tokio::test]
async fn seats_that_are_numbered_on_are_told_as_a_run() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let row = |runs: serde_json::Value| {
        json!({ "input": { "venueId": venue, "name": "Runs", "sections": [{ "key": "ST", "name": "Stalls", "kind": "SEATED",
            "rows": [{ "label": "A", "runs": runs, "seats": [{ "label": "0", "x": 0, "y": 5 }] }] }] } })
    };
    let runs = json!([
        { "from": 1, "to": 5, "step": 2, "x": 10, "y": 5, "dx": 1.5, "dy": 0.5, "accessible": [5] },
        { "from": 4, "to": 3, "prefix": "L", "x": 20, "y": 5, "restrictedView": [4] },
    ]);
    let made = graph.data(Some(graph.organizer), DRAWN, row(runs)).await["createVenueLayout"].clone();
    let seats = made["sections"][0]["rows"][0]["seats"].as_array().unwrap().iter();
    let seats: Vec<_> = seats
        .map(|seat| {
            (
                seat["key"].clone(),
                seat["x"].clone(),
                seat["y"].clone(),
                seat["accessible"] == true,
                seat["restrictedView"] == true,
            )
        })
        .collect();
    let seat = |key: &str, x: f32, y: f32, accessible, restricted| {
        (json!(key), json!(x), json!(y), accessible, restricted)
    };
    assert_eq!(
        seats,
        [
            seat("ST-A-0", 0.0, 5.0, false, false),
            seat("ST-A-1", 10.0, 5.0, false, false),
            seat("ST-A-3", 11.5, 5.5, false, false),
            seat("ST-A-5", 13.0, 6.0, true, false),
            seat("ST-A-L4", 20.0, 5.0, false, true),
            seat("ST-A-L3", 21.0, 5.0, false, false),
        ]
    );
    let run = |change: serde_json::Value| {
        json!([crate::graph::merged(json!({ "from": 1, "to": 5, "x": 0, "y": 0 }), change)])
    };
    for (field, runs) in [
        (".step", run(json!({ "step": 0 }))),
        (".to", run(json!({ "to": 100_000 }))),
        (".accessible", run(json!({ "step": 2, "accessible": [2] }))),
        (".restrictedView", run(json!({ "restrictedView": [6] }))),
        ("", json!([{ "from": 0, "to": 99_999, "x": 0, "y": 0 }, { "from": 0, "to": 0, "x": 0, "y": 0 }])),
    ] {
        let at = i32::from(field.is_empty());
        let refused = graph.refused(Some(graph.organizer), DRAWN, row(runs)).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), format!("sections[0].rows[0].runs[{at}]{field}")));
    }
    let twice = json!([{ "from": 1, "to": 3, "x": 0, "y": 0 }, { "from": 3, "to": 4, "x": 9, "y": 0 }]);
    let refused = graph.refused(Some(graph.organizer), DRAWN, row(twice)).await;
    assert_eq!(refused.1, "sections[0].rows[0].seats[4].label");
}
