use events::Migrator;
use sea_orm_migration::MigratorTrait;
use service::Database;

#[tokio::test]
async fn the_schema_goes_down_and_up_again() {
    let database = Database::in_memory::<Migrator>().await.unwrap();
    Migrator::down(&database.writes, None).await.unwrap();
    Migrator::up(&database.writes, None).await.unwrap();
    assert!(database.pending::<Migrator>().await.unwrap().is_empty());
}
