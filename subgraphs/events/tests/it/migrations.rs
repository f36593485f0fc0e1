use events::Migrator;
use sea_orm_migration::MigratorTrait;
use testbed::own_database;

#[tokio::test]
async fn the_schema_goes_down_and_up_again() {
    let own = own_database::<Migrator>("events").await;
    let database = &own.database;
    Migrator::down(&database.writes, None).await.unwrap();
    Migrator::up(&database.writes, None).await.unwrap();
    assert!(database.pending::<Migrator>().await.unwrap().is_empty());
}
