use testbed::{ages_are_declared, own_database};
use users::{AGES, Migrator};

#[tokio::test]
async fn every_table_has_an_age_and_what_grows_old_is_found_by_an_index() {
    let own = own_database::<Migrator>("users").await;
    ages_are_declared("users", &own.database, &AGES).await;
}
