//! The schema of events: venues, layouts, events, their pictures, what sells, what they are found by, and the copy of memberships.

use messaging::migrations::{
    m20261128_000009_find_old_messages, m20261128_000040_number_messages,
    m20261128_000041_find_messages_by_number,
};
use sea_orm_migration::prelude::*;

mod m20261122_000001_create_events;
mod m20261128_000001_keep_drawings_of_layouts;
mod m20261128_000002_find_what_is_old;
mod m20261130_000001_count_tickets_sold;
mod m20261130_000002_keep_images;
mod m20261130_000010_choose_whether_stock_shows;
mod m20261130_000020_terms_of_events;
mod m20261130_000030_find_events_by_words;
mod m20261201_000001_show_more_pictures;

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_events::Migration),
            Box::new(m20261128_000001_keep_drawings_of_layouts::Migration),
            Box::new(m20261128_000002_find_what_is_old::Migration),
            Box::new(m20261128_000009_find_old_messages::Migration),
            Box::new(m20261128_000040_number_messages::Migration),
            Box::new(m20261128_000041_find_messages_by_number::Migration),
            Box::new(m20261130_000001_count_tickets_sold::Migration),
            Box::new(m20261130_000002_keep_images::Migration),
            Box::new(m20261130_000010_choose_whether_stock_shows::Migration),
            Box::new(m20261130_000020_terms_of_events::Migration),
            Box::new(m20261130_000030_find_events_by_words::Migration),
            Box::new(m20261201_000001_show_more_pictures::Migration),
        ]
    }
}
