use kernel::{StoppedClock, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::domain::{Address, entities::venue::VenueSnapshot};

fn venue() -> Venue {
    Venue::restore(VenueSnapshot {
        id: VenueId::new(),
        organization_id: OrganizationId::new(),
        name: "Hall".to_owned(),
        address: Address {
            street: "1".to_owned(),
            postal_code: None,
            city: "Vienna".to_owned(),
            region: None,
            country: "AT".to_owned(),
        },
        location: None,
        timezone: TimeZone::UTC,
        created_at: now(),
    })
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn seat(key: &str, label: &str) -> SeatPlan {
    SeatPlan {
        key: key.to_owned(),
        label: label.to_owned(),
        x: 1.5,
        y: -2.0,
        accessible: false,
        restricted_view: false,
    }
}

fn seated(key: &str, rows: Vec<RowPlan>) -> SectionPlan {
    SectionPlan { key: key.to_owned(), name: key.to_owned(), places: Places::Seated { rows } }
}

fn row(label: &str, seats: Vec<SeatPlan>) -> RowPlan {
    RowPlan { label: label.to_owned(), seats }
}

fn area(key: &str, capacity: u32) -> SectionPlan {
    SectionPlan { key: key.to_owned(), name: key.to_owned(), places: Places::GeneralAdmission { capacity } }
}

fn draw(sections: Vec<SectionPlan>) -> Result<Layout, Refusal> {
    Layout::new(&venue(), "Concert", sections, Drawing::default(), 100_000, now())
}

fn with_seat(change: impl Fn(&mut SeatPlan)) -> Vec<SectionPlan> {
    let mut changed = seat("", "2");
    change(&mut changed);
    vec![area("F", 10), seated("S", vec![row("A", vec![seat("", "1"), changed])])]
}

#[test]
fn a_seat_without_a_key_is_named_after_its_place() {
    let layout = draw(with_seat(|_| {})).unwrap();
    let Places::Seated { rows } = &layout.sections()[1].places else { panic!("a seated section") };
    assert_eq!(rows[0].seats[1].key, "S-A-2");
    assert_eq!(layout.head().capacity, 12);
}

#[test]
fn what_is_wrong_is_named_to_the_seat() {
    let many = |seats: usize| {
        let seats = (0..seats).map(|number| seat("", &number.to_string())).collect();
        vec![seated("S", vec![row("A", seats)])]
    };
    let long = "x".repeat(10_000_000);
    let cases: Vec<(&str, Vec<SectionPlan>)> = vec![
        ("sections", vec![]),
        ("sections", many(100_001)),
        ("sections", many(200_000)),
        ("sections", (0..501).map(|at| area(&at.to_string(), 1)).collect()),
        ("sections", (0..5).map(|at| area(&at.to_string(), 250_000)).collect()),
        ("sections[0].key", vec![area("", 1)]),
        ("sections[0].key", vec![area(&long, 1)]),
        ("sections[0].name", vec![SectionPlan { name: " ".to_owned(), ..area("F", 1) }]),
        ("sections[0].capacity", vec![area("F", 0)]),
        ("sections[0].capacity", vec![area("F", u32::MAX)]),
        ("sections[1].key", vec![area("F", 1), area(" F ", 1)]),
        ("sections[0].rows", vec![seated("S", vec![])]),
        ("sections[0].rows[0].seats", vec![seated("S", vec![row("A", vec![])])]),
        ("sections[0].rows[0].label", vec![seated("S", vec![row("", vec![seat("", "1")])])]),
        (
            "sections[0].rows[1].label",
            vec![seated("S", vec![row("A", vec![seat("", "1")]), row("A", vec![seat("", "2")])])],
        ),
        ("sections[1].rows[0].seats[1].label", with_seat(|seat| seat.label = String::new())),
        ("sections[1].rows[0].seats[1].label", with_seat(|seat| seat.label = "a\u{0}".to_owned())),
        ("sections[1].rows[0].seats[1].label", with_seat(|seat| seat.label.clone_from(&long))),
        ("sections[1].rows[0].seats[1].label", with_seat(|seat| seat.label = "1".to_owned())),
        ("sections[1].rows[0].seats[1].key", with_seat(|seat| seat.key = "S-A-1".to_owned())),
        ("sections[1].rows[0].seats[1].key", with_seat(|seat| seat.key.clone_from(&long))),
        ("sections[1].rows[0].seats[1].x", with_seat(|seat| seat.x = f32::NAN)),
        ("sections[1].rows[0].seats[1].x", with_seat(|seat| seat.x = f32::INFINITY)),
        ("sections[1].rows[0].seats[1].y", with_seat(|seat| seat.y = -1_000_001.0)),
        (
            "sections[1].rows[0].seats[0].key",
            vec![
                seated("S", vec![row("A", vec![seat("same", "1")])]),
                seated("T", vec![row("A", vec![seat("same", "1")])]),
            ],
        ),
    ];
    for (field, sections) in cases {
        let refusal = draw(sections).unwrap_err();
        assert_eq!(refusal.details["field"], field, "{refusal}");
        assert!(refusal.message.len() < 300, "{refusal}");
    }
}

#[test]
fn all_that_is_wrong_with_a_plan_is_told_at_once_and_of_much_the_beginning() {
    let wrong = |seats: u32| {
        let seats = (0..seats).map(|_| seat("", "")).collect();
        vec![area("", 0), seated("S", vec![row("A", vec![]), row("B", seats)])]
    };
    let told = |sections| -> Vec<String> {
        fields(&draw(sections).unwrap_err()).into_iter().map(str::to_owned).collect()
    };
    let expected = [
        "sections[0].key",
        "sections[0].name",
        "sections[0].capacity",
        "sections[1].rows[0].seats",
        "sections[1].rows[1].seats[0].label",
    ];
    assert_eq!(told(wrong(1)), expected);
    assert_eq!(told(wrong(90_000)).len(), 20);
    let twins = vec![area("F", 1), area("F", 1), area("G", 1), area("G", 1)];
    assert_eq!(told(twins), ["sections[1].key", "sections[3].key"]);
}

fn fields(refusal: &Refusal) -> Vec<&str> {
    refusal.problems.iter().map(|problem| problem.field.as_str()).collect()
}

#[test]
fn what_is_there_twice_and_what_is_too_large_are_told_beside_what_is_wrong_by_itself() {
    let area_of_rows = |key: &str| seated(key, vec![row("A", vec![seat("", "1"), seat("", "1")])]);
    let mut sections = vec![area("F", 0), area("F", 1), area_of_rows("S")];
    sections.extend((0..5).map(|at| area(&at.to_string(), MAX_AREA)));
    let refusal = draw(sections).unwrap_err();
    let expected = [
        "sections[0].capacity",
        "sections[1].key",
        "sections[2].rows[0].seats[1].label",
        "sections[2].rows[0].seats[1].key",
        "sections",
    ];
    assert_eq!(fields(&refusal), expected);
    // What is wrong only because something else is, is not told: seats of sections and rows without a name have no key.
    let refusal = draw(vec![area_of_rows(""), area_of_rows("")]).unwrap_err();
    let nameless = ["sections[0].key", "sections[0].name", "sections[1].key", "sections[1].name"];
    let twice = ["sections[0].rows[0].seats[1].label", "sections[1].rows[0].seats[1].label"];
    assert_eq!(fields(&refusal), [&nameless[..], &twice].concat());
    let refusal = draw(vec![seated("S", vec![row("", vec![seat("", "1")]), row("", vec![seat("", "1")])])]);
    assert_eq!(fields(&refusal.unwrap_err()), ["sections[0].rows[0].label", "sections[0].rows[1].label"]);
}

#[test]
fn what_was_not_read_is_told_first_and_hides_nothing_else() {
    let unread = |field: &str| Refusal::bad_input(field, "cannot be read");
    let wrong = |field: &str, sections: Vec<SectionPlan>| {
        Layout::wrong(unread(field), " ", sections, &Drawing::default(), 100)
    };
    let one_row = |seats| vec![area("", 1), seated("S", vec![row("A", seats)])];
    assert_eq!(
        fields(&wrong("venueId", one_row(vec![]))),
        ["venueId", "name", "sections[0].key", "sections[0].name", "sections[1].rows[0].seats"]
    );
    let run = "sections[1].rows[0].runs[0].step";
    assert_eq!(
        fields(&wrong(run, one_row(vec![]))),
        [run, "name", "sections[0].key", "sections[0].name"],
        "a row whose run was not read is not empty"
    );
    let rows = wrong("sections[0].rows", vec![seated("S", vec![])]);
    assert_eq!(fields(&rows), ["sections[0].rows", "name"]);
    assert_eq!(
        (rows.problems[0].message.as_str(), &rows.details["field"]),
        ("cannot be read", &"sections[0].rows".into())
    );
    let sound = Layout::wrong(unread("venueId"), "Hall", vec![area("F", 1)], &Drawing::default(), 1);
    assert_eq!(fields(&sound), ["venueId"]);
}

#[test]
fn time_and_place_are_the_venues() {
    let clock = StoppedClock::at(now());
    let venue = venue();
    let layout = Layout::new(
        &venue,
        " Concert ",
        vec![area("F", 1)],
        Drawing::default(),
        1,
        kernel::Clock::now(&clock),
    )
    .unwrap();
    assert_eq!((layout.head().venue_id, layout.head().name.as_str()), (venue.id(), "Concert"));
}

fn a_seat(number: usize) -> impl Strategy<Value = SeatPlan> {
    (-1e6_f32..1e6, -1e6_f32..1e6, any::<bool>(), any::<bool>()).prop_map(
        move |(x, y, accessible, restricted_view)| SeatPlan {
            key: String::new(),
            label: number.to_string(),
            x,
            y,
            accessible,
            restricted_view,
        },
    )
}

fn a_row(number: usize) -> impl Strategy<Value = RowPlan> {
    (1_usize..8).prop_flat_map(move |seats| {
        (0..seats)
            .map(a_seat)
            .collect::<Vec<_>>()
            .prop_map(move |seats| RowPlan { label: format!("R{number}"), seats })
    })
}

fn a_section(number: usize) -> impl Strategy<Value = SectionPlan> {
    let key = format!("S{number}");
    let places = prop_oneof![
        (1..=MAX_AREA / 8).prop_map(|capacity| Places::GeneralAdmission { capacity }),
        (1_usize..5).prop_flat_map(|rows| {
            (0..rows).map(a_row).collect::<Vec<_>>().prop_map(|rows| Places::Seated { rows })
        }),
    ];
    places.prop_map(move |places| {
        let mut section = SectionPlan { key: key.clone(), name: format!("Section {key}"), places };
        if let Places::Seated { rows } = &mut section.places {
            for row in rows {
                for seat in &mut row.seats {
                    seat.key = format!("{key}-{}-{}", row.label, seat.label);
                }
            }
        }
        section
    })
}

fn a_plan() -> impl Strategy<Value = Vec<SectionPlan>> {
    (1_usize..6).prop_flat_map(|sections| (0..sections).map(a_section).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_valid_plan_comes_out_as_it_went_in(plan in a_plan()) {
        let mut layout = draw(plan.clone()).unwrap();
        prop_assert_eq!(layout.sections(), &plan);
        let capacity: u32 = plan.iter().map(SectionPlan::capacity).sum();
        prop_assert_eq!(layout.head().capacity, capacity);
        let told = layout.take_pending();
        let told: LayoutDefined = serde_json::from_value(told[0].payload.clone()).unwrap();
        prop_assert_eq!(told.sections, plan);
    }

    #[test]
    fn a_plan_with_anything_twice_is_refused(plan in a_plan(), pick in any::<prop::sample::Index>(), inner in any::<prop::sample::Index>()) {
        let mut doubled = plan.clone();
        let again = doubled[pick.index(plan.len())].clone();
        doubled.push(again);
        prop_assert!(draw(doubled).is_err());

        let mut doubled = plan;
        let at = pick.index(doubled.len());
        if let Places::Seated { rows } = &mut doubled[at].places {
            let row = inner.index(rows.len());
            let again = rows[row].seats[0].clone();
            rows[row].seats.push(again);
            let refusal = draw(doubled).unwrap_err();
            let field = refusal.details["field"].as_str().unwrap();
            let row = format!("sections[{at}].rows[{row}]");
            prop_assert!(field.starts_with(&row), "{} {}", field, row);
        }
    }
}
