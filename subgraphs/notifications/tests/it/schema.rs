use std::{fs, path::Path};

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
fn the_schema_is_checked_in() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let sdl = notifications::sdl();
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        fs::write(&file, &sdl).unwrap();
    }
    let checked_in = fs::read_to_string(&file).unwrap_or_default();
    assert!(checked_in == sdl, "schema.graphql is stale: run this test with UPDATE_SCHEMA=1");
}

#[test]
fn everything_in_the_schema_is_described() {
    let sdl = notifications::sdl();
    let (mut described, mut is_description) = (false, false);
    // Made by async-graphql: the pages of lists are those of Relay's convention.
    let own = [
        "type NotificationConnection",
        "type NotificationEdge",
        "extend ",
        "url: ",
        "import: ",
        "schema ",
        "}",
        "_",
        "union",
        "scalar",
        "directive",
        ")",
    ];
    for line in sdl.lines().map(str::trim) {
        if line.matches("\"\"\"").count() == 1 {
            is_description = !is_description;
        }
        if is_description || line.contains("\"\"\"") {
            described = true;
            continue;
        }
        let declares = line.contains(':') && !line.starts_with('#')
            || line.starts_with("type ")
            || line.starts_with("enum ");
        if declares && !own.iter().any(|skip| line.starts_with(skip)) && !line.starts_with('@') {
            assert!(described, "{line:?} has no description");
        }
        described = false;
    }
}

#[tokio::test]
async fn the_way_down_leaves_nothing_and_the_way_up_works_again() {
    use sea_orm_migration::MigratorTrait;
    let own = testbed::own_database::<notifications::Migrator>("notifications").await;
    let database = &own.database;
    notifications::Migrator::down(&database.writes, None).await.unwrap();
    notifications::Migrator::up(&database.writes, None).await.unwrap();
    assert!(database.pending::<notifications::Migrator>().await.unwrap().is_empty());
}
