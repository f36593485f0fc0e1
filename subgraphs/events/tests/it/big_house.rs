use std::time::{Duration, Instant};

use contracts::events::{Places, RowPlan, SeatPlan, SectionPlan};
use events::domain::{DefineLayout, Drawing};
use serde_json::json;

use crate::graph::Graph;

/// Forty sections with 500 seats each, and standing room.
pub(crate) fn arena() -> Vec<SectionPlan> {
    let seat = |section: usize, row: usize, at: usize| SeatPlan {
        key: String::new(),
        label: (at + 1).to_string(),
        x: f32::from(u16::try_from(section * 30 + at).unwrap()),
        y: f32::from(u16::try_from(row).unwrap()),
        accessible: at == 0,
        restricted_view: false,
    };
    let row = |section: usize, row: usize| RowPlan {
        label: (row + 1).to_string(),
        seats: (0..25).map(|at| seat(section, row, at)).collect(),
    };
    let mut sections: Vec<SectionPlan> = (0..40)
        .map(|section| SectionPlan {
            key: (101 + section).to_string(),
            name: format!("Block {}", 101 + section),
            places: Places::Seated { rows: (0..20).map(|at| row(section, at)).collect() },
        })
        .collect();
    sections.push(SectionPlan {
        key: "FLOOR".to_owned(),
        name: "Floor".to_owned(),
        places: Places::GeneralAdmission { capacity: 3_000 },
    });
    sections
}

#[tokio::test]
async fn an_arena_is_drawn_quickly_and_its_seats_are_read_only_when_asked_for() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let ask = DefineLayout {
        venue_id: venue.parse().unwrap(),
        name: "Arena".to_owned(),
        sections: arena(),
        drawing: Drawing::default(),
        idempotency_key: None,
    };
    let started = Instant::now();
    let layout = graph.events.define_layout(graph.organizer, ask).await.unwrap();
    // Far above what it takes, far below what anything that grows with the square would.
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(layout.capacity, 23_000);

    let id = json!({ "id": venue });
    let heads = "query($id: ID!) { venue(id: $id) { layouts { capacity sections { key capacity kind } } } }";
    let found = graph.data(Some(graph.organizer), heads, id.clone()).await["venue"]["layouts"][0].clone();
    assert_eq!(found["sections"].as_array().unwrap().len(), 41);
    let seats =
        "query($id: ID!) { venue(id: $id) { layouts { sections { rows { label seats { key } } } } } }";
    let found = graph.data(Some(graph.organizer), seats, id).await["venue"]["layouts"][0].clone();
    let rows =
        found["sections"].as_array().unwrap().iter().flat_map(|section| section["rows"].as_array().unwrap());
    let seats: Vec<_> = rows.flat_map(|row| row["seats"].as_array().unwrap()).collect();
    assert_eq!((seats.len(), &seats[0]["key"]), (20_000, &json!("101-1-1")));
}

#[tokio::test]
async fn seats_of_a_whole_page_of_events_are_too_much_to_ask() {
    let graph = Graph::start().await;
    let query = "{ events(first: 100) { nodes { layout { sections { rows { seats { key } } } } } } }";
    assert_eq!(graph.refused(None, query, json!({})).await.0, "BAD_USER_INPUT");
    let page = "{ events(first: 100) { totalCount pageInfo { endCursor hasNextPage } edges { cursor node { id slug \
        title startsAt endsAt timezone status category tags imageUrl currency venue { id name timezone address \
        { street city countryCode formatted } location { lat lon } } layout { id name capacity } organization { id } } } } }";
    graph.data(None, page, json!({})).await;
}
