//! The schema.

use messaging::migrations::{
    m20261128_000009_find_old_messages, m20261128_000040_number_messages,
    m20261128_000041_find_messages_by_number,
};
use sea_orm_migration::prelude::*;

mod m20261122_000001_create_notifications;
mod m20261122_000002_keep_traces;
mod m20261123_000003_send_sms;
mod m20261128_000004_know_orders;
mod m20261130_000001_know_moves;
mod m20261130_000002_know_organizations;
mod m20261130_000003_point_at_things;
mod m20261130_000004_remind;
mod m20261130_000005_stop_mails;
mod m20261201_000010_tell_who_was_named;

/// Runs statements, one after the other.
async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_notifications::Migration),
            Box::new(m20261122_000002_keep_traces::Migration),
            Box::new(m20261123_000003_send_sms::Migration),
            Box::new(m20261128_000004_know_orders::Migration),
            Box::new(m20261128_000009_find_old_messages::Migration),
            Box::new(m20261128_000040_number_messages::Migration),
            Box::new(m20261128_000041_find_messages_by_number::Migration),
            Box::new(m20261130_000001_know_moves::Migration),
            Box::new(m20261130_000002_know_organizations::Migration),
            Box::new(m20261130_000003_point_at_things::Migration),
            Box::new(m20261130_000004_remind::Migration),
            Box::new(m20261130_000005_stop_mails::Migration),
            Box::new(m20261201_000010_tell_who_was_named::Migration),
        ]
    }
}
