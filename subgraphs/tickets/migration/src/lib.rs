//! The schema of tickets, up and down.

mod m20261122_000001_create_tickets;
mod m20261122_000002_keep_traces;
mod m20261122_000003_idempotency_keys_by_age;
mod m20261128_000010_tell_holders_of_events_that_are_off;
mod m20261128_000020_what_the_money_of_orders_is_worth;
mod m20261128_000021_set_broken_events_aside;
mod m20261128_000030_seat_changes_by_age;
mod m20261130_000010_who_was_told_at_the_purchase;
mod m20261130_000011_why_seats_are_kept_back;
mod m20261130_000020_one_table_of_sagas;
mod m20261130_000030_what_prices_are_made_of;
mod m20261130_000040_refunds_of_orders;
mod m20261130_000050_terms_of_organizations;
mod m20261130_000060_move_events;
mod m20261130_000070_promo_codes;
mod m20261130_000080_invoices;
mod m20261130_000090_more_time;
mod m20261130_000100_own_terms_of_events;
mod m20261130_000110_choosing_places;
mod m20261130_000120_waiting_lists;
mod m20261130_000130_tickets_change_hands;
mod m20261130_000140_tell_what_is_left;
mod m20261201_000010_what_is_said_at_the_checkout;
mod m20261201_000020_names_to_forget;

use messaging::migrations::{
    m20261128_000009_find_old_messages, m20261128_000040_number_messages,
    m20261128_000041_find_messages_by_number,
};
use sea_orm_migration::prelude::*;

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_tickets::Migration),
            Box::new(m20261122_000002_keep_traces::Migration),
            Box::new(m20261122_000003_idempotency_keys_by_age::Migration),
            Box::new(m20261128_000009_find_old_messages::Migration),
            Box::new(m20261128_000010_tell_holders_of_events_that_are_off::Migration),
            Box::new(m20261128_000020_what_the_money_of_orders_is_worth::Migration),
            Box::new(m20261128_000021_set_broken_events_aside::Migration),
            Box::new(m20261128_000030_seat_changes_by_age::Migration),
            Box::new(m20261128_000040_number_messages::Migration),
            Box::new(m20261128_000041_find_messages_by_number::Migration),
            Box::new(m20261130_000010_who_was_told_at_the_purchase::Migration),
            Box::new(m20261130_000011_why_seats_are_kept_back::Migration),
            Box::new(m20261130_000020_one_table_of_sagas::Migration),
            Box::new(m20261130_000030_what_prices_are_made_of::Migration),
            Box::new(m20261130_000040_refunds_of_orders::Migration),
            Box::new(m20261130_000050_terms_of_organizations::Migration),
            Box::new(m20261130_000060_move_events::Migration),
            Box::new(m20261130_000070_promo_codes::Migration),
            Box::new(m20261130_000080_invoices::Migration),
            Box::new(m20261130_000090_more_time::Migration),
            Box::new(m20261130_000100_own_terms_of_events::Migration),
            Box::new(m20261130_000110_choosing_places::Migration),
            Box::new(m20261130_000120_waiting_lists::Migration),
            Box::new(m20261130_000130_tickets_change_hands::Migration),
            Box::new(m20261130_000140_tell_what_is_left::Migration),
            Box::new(m20261201_000010_what_is_said_at_the_checkout::Migration),
            Box::new(m20261201_000020_names_to_forget::Migration),
        ]
    }
}
