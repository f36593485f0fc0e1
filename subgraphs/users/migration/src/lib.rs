//! The schema of accounts, sessions, organizations and roles.

use messaging::migrations::{
    m20261128_000009_find_old_messages, m20261128_000040_number_messages,
    m20261128_000041_find_messages_by_number,
};
use sea_orm_migration::prelude::*;

mod m20261122_000001_create_accounts;
mod m20261122_000002_create_organizations;
mod m20261128_000003_invite_and_verify;
mod m20261129_000050_operators;
mod m20261130_000060_guests;
mod m20261130_000061_organization_settings;
mod m20261130_000062_recovery_and_devices;
mod m20261130_000063_sign_in;
mod m20261201_000070_erase_accounts;

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_accounts::Migration),
            Box::new(m20261122_000002_create_organizations::Migration),
            Box::new(m20261128_000003_invite_and_verify::Migration),
            Box::new(m20261128_000009_find_old_messages::Migration),
            Box::new(m20261128_000040_number_messages::Migration),
            Box::new(m20261128_000041_find_messages_by_number::Migration),
            Box::new(m20261129_000050_operators::Migration),
            Box::new(m20261130_000060_guests::Migration),
            Box::new(m20261130_000061_organization_settings::Migration),
            Box::new(m20261130_000062_recovery_and_devices::Migration),
            Box::new(m20261130_000063_sign_in::Migration),
            Box::new(m20261201_000070_erase_accounts::Migration),
        ]
    }
}
