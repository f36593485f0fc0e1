//! The schema.

use messaging::migrations::{
    m20261128_000009_find_old_messages, m20261128_000040_number_messages,
    m20261128_000041_find_messages_by_number,
};
use sea_orm_migration::prelude::*;

mod m20261122_000001_create_payments;
mod m20261122_000002_keep_traces;
mod m20261128_000001_know_orders_and_disputes;
mod m20261130_000001_ask_for_refunds;
mod m20261130_000002_tell_how_it_was_paid;
mod m20261130_000003_pay_in_other_ways;
mod m20261130_000010_keep_the_books_of_organizations;
mod m20261130_000011_compare_with_the_provider;
mod m20261130_000012_find_what_is_unfinished;
mod m20261130_000020_keep_balances;
mod m20261130_000021_book_earlier_sales;
mod m20261130_000022_look_at_what_is_unexplained;
mod m20261130_000023_count_declines_on_pages;
mod m20261130_000030_pay_organizations_out;
mod m20261201_000010_find_payments_of_buyers;

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_payments::Migration),
            Box::new(m20261122_000002_keep_traces::Migration),
            Box::new(m20261128_000001_know_orders_and_disputes::Migration),
            Box::new(m20261128_000009_find_old_messages::Migration),
            Box::new(m20261128_000040_number_messages::Migration),
            Box::new(m20261128_000041_find_messages_by_number::Migration),
            Box::new(m20261130_000001_ask_for_refunds::Migration),
            Box::new(m20261130_000002_tell_how_it_was_paid::Migration),
            Box::new(m20261130_000003_pay_in_other_ways::Migration),
            Box::new(m20261130_000010_keep_the_books_of_organizations::Migration),
            Box::new(m20261130_000011_compare_with_the_provider::Migration),
            Box::new(m20261130_000012_find_what_is_unfinished::Migration),
            Box::new(m20261130_000020_keep_balances::Migration),
            Box::new(m20261130_000021_book_earlier_sales::Migration),
            Box::new(m20261130_000022_look_at_what_is_unexplained::Migration),
            Box::new(m20261130_000023_count_declines_on_pages::Migration),
            Box::new(m20261130_000030_pay_organizations_out::Migration),
            Box::new(m20261201_000010_find_payments_of_buyers::Migration),
        ]
    }
}
