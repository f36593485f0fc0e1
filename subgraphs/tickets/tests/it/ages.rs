use testbed::{ages_are_declared, own_database};
use tickets::{AGES, Migrator};

#[tokio::test]
async fn every_table_has_an_age_and_what_grows_old_is_found_by_an_index() {
    let own = own_database::<Migrator>("tickets").await;
    ages_are_declared("tickets", &own.database, &AGES).await;
}
