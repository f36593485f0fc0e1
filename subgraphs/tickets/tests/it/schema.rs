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
fn the_openapi_document_is_checked_in() {
    testbed::openapi_is_checked_in(env!("CARGO_MANIFEST_DIR"), &tickets::openapi());
}
