//! The checked-in schema and document.

#[test]
#[expect(clippy::disallowed_methods, reason = "how a person asks this test to write the file")]
fn the_schema_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let now = tickets::sdl();
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(path, &now).unwrap();
    }
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(checked_in == now, "schema.graphql is stale: run `make supergraph`");
}

#[test]
fn all_idempotency_keys_promise_the_same() {
    let sdl = tickets::sdl();
    let promise = "1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, \
                   another is refused.";
    let lines: Vec<&str> = sdl.lines().map(str::trim).collect();
    let keys = lines.iter().enumerate().filter(|(_, line)| line.starts_with("idempotencyKey:"));
    let described = keys.map(|(at, _)| {
        let text = lines[..at - 1].rsplit(|line| *line == "\"\"\"").next().unwrap();
        text.join(" ")
    });
    let described: Vec<_> = described.collect();
    assert_eq!(described, vec![promise; described.len()]);
    assert!(described.len() >= 10, "{} are not all", described.len());
}

#[test]
fn pages_have_twenty_items_unless_others_are_asked_for() {
    let sdl = tickets::sdl();
    let pages = sdl.matches("first: Int").count();
    assert_eq!(sdl.matches("first: Int = 20,").count(), pages);
    assert!(pages >= 5, "{pages} are not all");
}

#[test]
fn the_openapi_document_is_checked_in() {
    testbed::openapi_is_checked_in(env!("CARGO_MANIFEST_DIR"), &tickets::openapi());
}
