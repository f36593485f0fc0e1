//! The schema.

use messaging::migrations::{
    m20261128_000009_find_old_messages, m20261128_000040_number_messages,
    m20261128_000041_find_messages_by_number,
};
use sea_orm_migration::prelude::*;

mod m20261122_000001_create_sales;
mod m20261128_000001_keep_whether_events_were_shown;
mod m20261128_000002_find_what_is_old;
mod m20261128_000050_tell_new_rows_from_known_ones;
mod m20261130_000001_know_which_tickets_went_back;
mod m20261130_000002_know_what_came_back;

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_sales::Migration),
            Box::new(m20261128_000001_keep_whether_events_were_shown::Migration),
            Box::new(m20261128_000002_find_what_is_old::Migration),
            Box::new(m20261128_000009_find_old_messages::Migration),
            Box::new(m20261128_000040_number_messages::Migration),
            Box::new(m20261128_000041_find_messages_by_number::Migration),
            Box::new(m20261128_000050_tell_new_rows_from_known_ones::Migration),
            Box::new(m20261130_000001_know_which_tickets_went_back::Migration),
            Box::new(m20261130_000002_know_what_came_back::Migration),
        ]
    }
}
