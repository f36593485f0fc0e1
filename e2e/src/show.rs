use serde_json::{Value, json};

/// An event on sale, with everything around it.
#[derive(Clone, Debug)]
pub struct Show {
    /// Its organization's id.
    pub organization: String,
    /// Its venue's id.
    pub venue: String,
    /// Its seating plan's id.
    pub layout: String,
    /// Its own id.
    pub event: String,
    /// Its title.
    pub title: String,
    /// The ticket type for the seats of the section `STALLS`: 49.50.
    pub stalls: String,
    /// The ticket type for the area `FLOOR`: 25.00.
    pub floor: String,
}

/// A small hall: `STALLS` with three rows of six seats, `FLOOR` for forty who stand.
pub fn hall() -> Value {
    json!([
        { "key": "STALLS", "name": "Stalls", "kind": "SEATED", "rows": rows(&["A", "B", "C"], 6) },
        { "key": "FLOOR", "name": "Floor", "kind": "GENERAL_ADMISSION", "capacity": 40 },
    ])
}

/// A bigger one, with the same sections: ten rows of twelve seats, and three hundred who stand.
pub fn arena() -> Value {
    json!([
        { "key": "STALLS", "name": "Stalls", "kind": "SEATED",
          "rows": rows(&["A", "B", "C", "D", "E", "F", "G", "H", "J", "K"], 12) },
        { "key": "FLOOR", "name": "Floor", "kind": "GENERAL_ADMISSION", "capacity": 300 },
    ])
}

/// A very big one, with the same sections: rows of two hundred seats in arcs around a stage, and room to stand.
pub fn amphitheatre(rows: u16, standing: u32) -> Value {
    const SEATS: u16 = 200;
    let row = |row: u16| {
        let radius = 20.0 + f64::from(row);
        let seat = |seat: u16| {
            // Half a circle, to a hundredth.
            let turn = std::f64::consts::PI * f64::from(seat) / f64::from(SEATS - 1);
            let at = |length: f64| (length * 100.0).round() / 100.0;
            json!({ "label": (seat + 1).to_string(), "x": at(radius * turn.cos()), "y": at(radius * turn.sin()) })
        };
        json!({ "label": (row + 1).to_string(), "seats": (0..SEATS).map(seat).collect::<Vec<_>>() })
    };
    json!([
        { "key": "STALLS", "name": "Stalls", "kind": "SEATED", "rows": (0..rows).map(row).collect::<Vec<_>>() },
        { "key": "FLOOR", "name": "Floor", "kind": "GENERAL_ADMISSION", "capacity": standing },
    ])
}

/// The ids of a seat map's seats, in order.
pub fn seat_ids(map: &Value) -> Vec<String> {
    let sections = map["sections"].as_array().into_iter().flatten();
    let seats = sections.flat_map(|section| section["seats"].as_array().into_iter().flatten());
    seats.filter_map(|seat| seat["id"].as_str()).map(str::to_owned).collect()
}

fn rows(labels: &[&str], seats: usize) -> Value {
    let rows = (0_u16..).zip(labels).map(|(row, label)| {
        let seats = (0_u16..).take(seats).map(|place| {
            json!({ "label": (place + 1).to_string(), "x": place, "y": row, "accessible": place == 0 })
        });
        json!({ "label": label, "seats": seats.collect::<Vec<_>>() })
    });
    rows.collect()
}
