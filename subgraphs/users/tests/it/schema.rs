use sea_orm_migration::MigratorTrait;
use users::Migrator;

use crate::stage::Stage;

#[test]
#[expect(clippy::disallowed_methods, reason = "UPDATE_SCHEMA is no setting, but asks this test to write")]
fn the_schema_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(path, users::sdl()).unwrap();
    }
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(checked_in, users::sdl(), "schema.graphql is stale: run this test with UPDATE_SCHEMA=1");
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let stage = Stage::new().await;
    Migrator::down(&stage.database.writes, None).await.unwrap();
    assert_eq!(stage.database.pending::<Migrator>().await.unwrap().len(), Migrator::migrations().len());
    Migrator::up(&stage.database.writes, None).await.unwrap();
    stage.register("ada@example.org").await;
}
