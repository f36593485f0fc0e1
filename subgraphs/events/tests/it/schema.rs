use std::path::Path;

/// `UPDATE_SCHEMA=1` writes the file anew.
#[test]
fn the_schema_is_checked_in() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let sdl = events::sdl();
    #[expect(clippy::disallowed_methods, reason = "a switch of this test, no setting of the service")]
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(&file, &sdl).unwrap();
    }
    let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(checked_in == sdl, "schema.graphql is stale: run this test with UPDATE_SCHEMA=1");
}

#[test]
fn an_idempotency_key_is_described_in_one_way() {
    let sdl = events::sdl();
    let described: Vec<_> = sdl.split("\tidempotencyKey: String").collect();
    let said = "1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, \
        another is refused.\n\t\"\"\"\n";
    assert_eq!(described.len() - 1, 5, "each mutation that has one");
    assert!(described[..5].iter().all(|before| before.ends_with(said)));
}
