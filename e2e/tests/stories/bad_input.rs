use std::collections::BTreeMap;

use e2e::{Outcome, Person, Refused, Settings, Store, eventually, hall, organizer};
use serde_json::{Value, json};

use crate::Stage;

mod sales;

/// The closed list of the API.
const CODES: [&str; 15] = [
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "BAD_USER_INPUT",
    "CONFLICT",
    "SEATS_UNAVAILABLE",
    "NOT_ENOUGH_AVAILABLE",
    "RESERVATION_EXPIRED",
    "SALES_CLOSED",
    "LIMIT_EXCEEDED",
    "IDEMPOTENCY_KEY_REUSED",
    "PAYMENT_DECLINED",
    "RATE_LIMITED",
    "SERVICE_UNAVAILABLE",
    "INTERNAL",
];

/// Wrong inputs of a mutation with one argument `input`: where, what instead, and which field is named.
type Wrong = (&'static str, Value, &'static str);

#[tokio::test]
async fn wrong_input_to_accounts_is_refused_by_its_field() {
    let stage = Stage::set().await;
    let nobody = e2e::anybody(stage.platform.address());
    let kept = everything_kept(&stage).await;
    let register = json!({ "email": "new@example.test", "password": nobody.password(), "name": "New" });
    refuses(
        &nobody,
        "register",
        &register,
        [
            ("/email", json!(""), "email"),
            ("/email", json!("not an address"), "email"),
            ("/email", json!(format!("{}@example.test", "x".repeat(1_000_000))), "email"),
            ("/password", json!(""), "password"),
            ("/password", json!("short"), "password"),
            ("/password", json!("x".repeat(1_000_000)), "password"),
            ("/name", json!(""), "name"),
            ("/name", json!("x".repeat(1_000_000)), "name"),
            ("/name", json!("two\nlines"), "name"),
            ("/timezone", json!("Mars/Olympus"), "timezone"),
            ("/locale", json!("no language"), "locale"),
            ("/nope", json!(1), ""),
            ("/email", json!(7), ""),
            ("/name", Value::Null, ""),
        ],
    )
    .await;
    refuses(
        &nobody,
        "continueAsGuest",
        &json!({ "email": "guest@example.test" }),
        [
            ("/email", json!("not an address"), "email"),
            ("/name", json!("two\nlines"), "name"),
            ("/timezone", json!("Mars/Olympus"), "timezone"),
            ("/locale", json!("no language"), "locale"),
        ],
    )
    .await;
    refuses(
        &nobody,
        "login",
        &json!({ "email": "", "password": "" }),
        [("/email", json!("nobody"), "email")],
    )
    .await;
    let who = &stage.organizer;
    refuses(
        who,
        "updateProfile",
        &json!({}),
        [
            ("/name", json!(""), "name"),
            ("/phone", json!("call me"), "phone"),
            ("/timezone", json!("CET+1"), "timezone"),
        ],
    )
    .await;
    refuses(
        who,
        "createOrganization",
        &json!({ "name": "Fine" }),
        [
            ("/name", json!("  "), "name"),
            ("/slug", json!("Not A Slug"), "slug"),
            ("/idempotencyKey", json!("x".repeat(100_000)), "idempotencyKey"),
        ],
    )
    .await;
    let organization = &stage.show.organization;
    refuses(
        who,
        "inviteMember",
        &json!({ "organizationId": organization, "email": "sam@example.test", "role": "OWNER" }),
        [
            ("/organizationId", json!("nonsense"), "organizationId"),
            ("/email", json!("nonsense"), "email"),
            ("/role", json!("JANITOR"), ""),
        ],
    )
    .await;
    refuses(
        who,
        "removeMember",
        &json!({ "organizationId": organization, "userId": who.id }),
        [("/organizationId", json!("nonsense"), "organizationId"), ("/userId", json!("nonsense"), "userId")],
    )
    .await;
    changed_nothing(&stage, kept).await;
}

#[tokio::test]
async fn wrong_input_to_events_is_refused_by_its_field() {
    let stage = Stage::set().await;
    let (who, show) = (&stage.organizer, &stage.show);
    let kept = everything_kept(&stage).await;
    refuses(
        who,
        "createVenue",
        &organizer::venue(&show.organization, "Cellar"),
        [
            ("/organizationId", json!("nonsense"), "organizationId"),
            ("/name", json!(""), "name"),
            ("/name", json!("x".repeat(1_000_000)), "name"),
            ("/timezone", json!("Europe/Atlantis"), "timezone"),
            ("/timezone", json!(""), "timezone"),
            ("/address/countryCode", json!("Atlantis"), "countryCode"),
            ("/address/city", json!(""), "city"),
            ("/location/lat", json!(91), "lat"),
            ("/location/lon", json!(-181), "lon"),
        ],
    )
    .await;
    let mut event = organizer::event(&show.organization, &show.venue, &show.layout, "Fine");
    event["doorsAt"].take();
    refuses(
        who,
        "createEvent",
        &event,
        [
            ("/title", json!(""), "title"),
            ("/title", json!("x".repeat(201)), "title"),
            ("/description", json!("x".repeat(1_000_000)), "description"),
            ("/startsAt", json!(organizer::ahead(-1)), "startsAt"),
            ("/startsAt", json!("tomorrow"), "startsAt"),
            ("/endsAt", event["startsAt"].clone(), "endsAt"),
            ("/endsAt", json!(organizer::ahead(1)), "endsAt"),
            ("/endsAt", json!(organizer::ahead(24 * 80)), "endsAt"),
            ("/doorsAt", event["endsAt"].clone(), "doorsAt"),
            ("/currency", json!("ABC"), "currency"),
            ("/currency", json!(""), "currency"),
            ("/category", json!("GARDENING"), ""),
            ("/venueId", json!("nonsense"), "venueId"),
            ("/layoutId", json!("nonsense"), "layoutId"),
            ("/imageUrl", json!("javascript:alert(1)"), "imageUrl"),
            ("/tags", json!(vec!["tag"; 1000]), "tags"),
            ("/tags", json!(["x".repeat(1000)]), "tags"),
        ],
    )
    .await;
    refuses(
        who,
        "updateEvent",
        &json!({ "eventId": show.event }),
        [
            ("/eventId", json!("nonsense"), "eventId"),
            ("/title", json!(""), "title"),
            ("/imageUrl", json!("here"), "imageUrl"),
        ],
    )
    .await;
    refuses(
        who,
        "cancelEvent",
        &json!({ "eventId": show.event, "reason": "Because" }),
        [
            ("/eventId", json!("nonsense"), "eventId"),
            ("/reason", json!(" "), "reason"),
            ("/reason", json!("x".repeat(501)), "reason"),
            ("/idempotencyKey", json!(""), "idempotencyKey"),
        ],
    )
    .await;
    for (arguments, field) in [
        ("first: 0", "first"),
        ("first: -1", "first"),
        ("first: 101", "first"),
        ("first: 99999999999", ""),
        ("after: \"nonsense\"", "after"),
        ("filter: { near: { lat: 100, lon: 0, km: 1 } }", "lat"),
        ("filter: { near: { lat: 0, lon: 0, km: -1 } }", "km"),
        ("filter: { organizationId: \"nonsense\" }", "organizationId"),
        ("filter: { nope: 1 }", ""),
        ("sort: DISTANCE", "sort"),
    ] {
        let query = format!("query {{ events({arguments}) {{ totalCount }} }}");
        is_refused(arguments, who.does("events", &query, json!({})).await, field);
    }
    for query in ["query { event { id } }", "query { event(id: \"a\", slug: \"b\") { id } }"] {
        is_refused(query, who.does("event", query, json!({})).await, "");
    }
    changed_nothing(&stage, kept).await;
}

#[tokio::test]
async fn wrong_seating_plans_are_refused_by_their_field() {
    let stage = Stage::set_with(Settings::default().with("EVENTS__LAYOUT_MAX_SEATS", &1_000)).await;
    let kept = everything_kept(&stage).await;
    let sections = |sections: Value| ("/sections", sections);
    let seats = |count: usize| -> Value {
        (0..count).map(|label| json!({ "label": label.to_string(), "x": 0, "y": 0 })).collect()
    };
    let seated = |seats: Value| json!([{ "key": "A", "name": "A", "kind": "SEATED", "rows": [{ "label": "1", "seats": seats }] }]);
    let standing = |capacity: Value| json!([{ "key": "A", "name": "A", "kind": "GENERAL_ADMISSION", "capacity": capacity }]);
    let mut twice = hall();
    twice[1]["key"] = "STALLS".into();
    let mut both = hall();
    both[0]["capacity"] = 10.into();
    let mut neither = hall();
    neither[1]["capacity"] = Value::Null;
    let seat = |key: &str, label: &str| json!({ "key": key, "label": label, "x": 0, "y": 0 });
    let cases: Vec<(&str, (&str, Value), &str)> = vec![
        ("no section", sections(json!([])), "sections"),
        ("no row", sections(json!([{ "key": "A", "name": "A", "kind": "SEATED", "rows": [] }])), "sections"),
        ("no seat", sections(seated(json!([]))), "sections"),
        ("a section twice", sections(twice), "key"),
        ("a seat's key twice", sections(seated(json!([seat("x", "1"), seat("x", "2")]))), "key"),
        ("a seat's label twice", sections(seated(json!([seat("x", "1"), seat("y", "1")]))), "label"),
        ("seats and a capacity", sections(both), "capacity"),
        ("neither", sections(neither), "capacity"),
        ("no place", sections(standing(json!(0))), "capacity"),
        ("fewer than none", sections(standing(json!(-5))), "capacity"),
        ("more than fit on earth", sections(standing(json!(10_000_000))), "capacity"),
        (
            "an empty key",
            sections(json!([{ "key": "", "name": "A", "kind": "GENERAL_ADMISSION", "capacity": 1 }])),
            "key",
        ),
        ("too many seats", sections(seated(seats(1_001))), "sections"),
        ("far too many seats", sections(seated(seats(200_000))), "body"),
        ("a malformed venue", ("/venueId", json!("nonsense")), "venueId"),
        ("no name", ("/name", json!("")), "name"),
    ];
    let plan = json!({ "venueId": stage.show.venue, "name": "Fine", "sections": hall() });
    for (what, (place, value), field) in cases {
        is_refused(what, with(&stage.organizer, "createVenueLayout", &plan, place, value).await, field);
    }
    changed_nothing(&stage, kept).await;
}

#[tokio::test]
async fn what_is_no_operation_at_all_is_refused() {
    let stage = Stage::set().await;
    let nobody = e2e::anybody(stage.platform.address());
    for query in [
        "",
        "{",
        "{ nope }",
        "query { me { nope } }",
        "query { event(nope: 1) { id } }",
        "query { venue { id } }",
        "query { venue(id: [1]) { id } }",
        "mutation { register(input: {}) { accessToken } }",
        "subscription { orderChanged { id } }",
        "query($id: ID!) { venue(id: $id) { id } }",
    ] {
        is_refused(query, nobody.does("venue", query, json!({})).await, "");
    }
    // Ten megabytes, wherever they stand.
    let ten_megabytes = "x".repeat(10_000_000);
    let query = "query($id: ID!) { venue(id: $id) { id } }";
    is_refused(
        "10 MB of variables",
        nobody.does("venue", query, json!({ "id": ten_megabytes })).await,
        "body",
    );
    let query = format!("query {{ venue(id: \"{ten_megabytes}\") {{ id }} }}");
    is_refused("10 MB of query", nobody.does("venue", &query, json!({})).await, "body");
    // What needs an account says so.
    for query in
        ["query { notifications { totalCount } }", "mutation { releaseReservation(id: \"x\") { id } }"]
    {
        let refused = nobody.does("notifications", query, json!({})).await.unwrap_err();
        assert_eq!(refused.code, "UNAUTHENTICATED", "{refused:?}");
    }
}

/// Sends the input with each of these mistakes.
async fn refuses(who: &Person, field: &str, input: &Value, mistakes: impl IntoIterator<Item = Wrong>) {
    for (place, value, named) in mistakes {
        let what = format!("{field} with {place} = {:.60}", value.to_string());
        is_refused(&what, with(who, field, input, place, value).await, named);
    }
}

/// Calls a mutation with its input changed at one place.
async fn with(who: &Person, field: &str, input: &Value, place: &str, value: Value) -> Outcome {
    let mut input = input.clone();
    let (parent, last) = place.rsplit_once('/').unwrap();
    input.pointer_mut(parent).unwrap()[last.to_owned()] = value;
    let mut kind = field.strip_prefix("set").unwrap_or(field).to_owned();
    kind[..1].make_ascii_uppercase();
    let answer = match field {
        "register" | "continueAsGuest" | "login" => "accessToken",
        "checkIn" => "outcome",
        "setNotificationPreferences" => "entries { kind }",
        _ => "id",
    };
    let query = format!("mutation($input: {kind}Input!) {{ {field}(input: $input) {{ {answer} }} }}");
    who.does(field, &query, json!({ "input": input })).await
}

/// It was refused as bad input, with the field's name where one is expected, and with words.
fn is_refused(what: &str, outcome: Outcome, field: &str) {
    let refused: Refused = match outcome {
        Ok(done) => panic!("{what} was done: {done}"),
        Err(refused) => refused,
    };
    assert!(CODES.contains(&refused.code.as_str()), "{what}: {refused:?}");
    assert_eq!(refused.code, "BAD_USER_INPUT", "{what}: {refused:?}");
    assert!(refused.message.len() > 10, "{what}: {refused:?}");
    if !field.is_empty() {
        let named = refused.field();
        assert!(
            named == field
                || named.ends_with(&format!(".{field}"))
                || named.starts_with(&format!("{field}[")),
            "{what}: {refused:?}"
        );
    }
}

/// How many rows each table of each service has, once nothing is on its way.
async fn everything_kept(stage: &Stage) -> BTreeMap<String, i64> {
    eventually("the platform is at rest", async || {
        let wrong = e2e::invariants::wrong(&stage.platform.stores().await.unwrap()).await.unwrap();
        wrong.is_empty().then_some(())
    })
    .await;
    let mut kept = BTreeMap::new();
    for service in e2e::SERVICES {
        let store: Store = stage.platform.store(service).await;
        for table in store.tables().await.unwrap() {
            kept.insert(format!("{service}.{table}"), store.count(&format!("\"{table}\"")).await.unwrap());
        }
    }
    kept
}

/// Nothing was half done: no service has a row more or less than before, except that users count wrong
/// passwords.
async fn changed_nothing(stage: &Stage, mut before: BTreeMap<String, i64>) {
    let mut after = everything_kept(stage).await;
    for kept in [&mut before, &mut after] {
        kept.retain(|table, _| !table.contains("login_failures"));
    }
    assert_eq!(after, before);
}
