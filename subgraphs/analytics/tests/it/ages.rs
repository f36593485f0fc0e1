use analytics::{AGES, Migrator};
use testbed::{ages_are_declared, own_database};

#[tokio::test]
async fn every_table_has_an_age_and_what_grows_old_is_found_by_an_index() {
    let own = own_database::<Migrator>("analytics").await;
    ages_are_declared("analytics", &own.database, &AGES).await;
}
