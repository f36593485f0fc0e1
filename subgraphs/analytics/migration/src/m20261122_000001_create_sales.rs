//! What was heard (a row for each thing), and the running totals of it.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, boolean_null, integer, integer_null, text, text_null, uuid},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Every table of its own, in the order of their making.
const TABLES: [&str; 9] = [
    "events",
    "reservations",
    "orders",
    "order_lines",
    "refunds",
    "check_ins",
    "event_sales",
    "ticket_type_sales",
    "quarter_sales",
];

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves them out, and async_trait tells the difference"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messaging::tables::create(manager).await?;
        service::memberships::create_table(manager).await?;
        for table in heard().into_iter().chain(totals()) {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("reservations", "event_id"),
            ("orders", "event_id"),
            ("refunds", "order_id"),
            ("check_ins", "event_id"),
            ("ticket_type_sales", "event_id"),
        ] {
            let name = format!("{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.into_iter().rev().chain(["memberships"]) {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        messaging::tables::drop(manager).await
    }
}

/// A thing is known by its own id, so that hearing of it twice changes nothing. A column is null until
/// the message that fills it has come.
fn heard() -> [TableCreateStatement; 6] {
    [
        Table::create()
            .table("events")
            .col(uuid("event_id").primary_key())
            .col(big_integer("version"))
            .col(uuid("organization_id"))
            .col(text("status"))
            .col(text("timezone"))
            .col(text("currency"))
            .to_owned(),
        Table::create()
            .table("reservations")
            .col(uuid("reservation_id").primary_key())
            .col(uuid("event_id"))
            .col(big_integer_null("held_at"))
            .col(integer_null("quantity"))
            .col(big_integer_null("ended_at"))
            .col(boolean_null("expired"))
            .to_owned(),
        Table::create()
            .table("orders")
            .col(uuid("order_id").primary_key())
            .col(uuid("event_id"))
            .col(big_integer_null("placed_at"))
            .col(integer_null("quantity"))
            .col(big_integer_null("paid_at"))
            .col(big_integer_null("declined_at"))
            .col(text_null("ended"))
            .col(big_integer_null("issued_at"))
            .col(big_integer_null("total"))
            .col(big_integer_null("fees"))
            .col(text_null("currency"))
            .check(Expr::cust(
                "issued_at IS NULL OR (total IS NOT NULL AND fees IS NOT NULL AND currency IS NOT NULL)",
            ))
            .to_owned(),
        Table::create()
            .table("order_lines")
            .col(uuid("order_id"))
            .col(uuid("ticket_type_id"))
            .col(integer("quantity"))
            .col(big_integer("amount"))
            .primary_key(Index::create().col("order_id").col("ticket_type_id"))
            .to_owned(),
        Table::create()
            .table("refunds")
            .col(uuid("refund_id").primary_key())
            .col(uuid("order_id"))
            .col(big_integer("amount"))
            .col(text("currency"))
            .col(big_integer("at"))
            .to_owned(),
        Table::create()
            .table("check_ins")
            .col(uuid("ticket_id").primary_key())
            .col(uuid("event_id"))
            .col(uuid("order_id"))
            .col(uuid("ticket_type_id"))
            .col(text_null("gate"))
            .col(big_integer("at"))
            .to_owned(),
    ]
}

/// Totals only grow: what is refunded is counted beside what was sold, not taken from it.
fn totals() -> [TableCreateStatement; 3] {
    let total = |name: &'static str| {
        big_integer(name).default(0).check(Expr::cust(format!("{name} >= 0"))).to_owned()
    };
    let mut event_sales = Table::create();
    event_sales
        .table("event_sales")
        .col(uuid("event_id").primary_key())
        .col(total("revision"))
        .col(total("capacity"))
        .col(text_null("currency"));
    for name in ["gross", "fees", "refunded", "tickets_sold", "tickets_refunded", "checked_in"] {
        event_sales.col(total(name));
    }
    for name in ["holds", "checkouts", "paid", "expired", "declined"] {
        event_sales.col(total(name));
    }
    [
        event_sales,
        Table::create()
            .table("ticket_type_sales")
            .col(uuid("ticket_type_id").primary_key())
            .col(uuid("event_id"))
            .col(big_integer("version").default(-1))
            .col(text_null("name"))
            .col(total("sold"))
            .col(total("revenue"))
            .col(total("refunded"))
            .col(total("checked_in"))
            .to_owned(),
        Table::create()
            .table("quarter_sales")
            .col(uuid("event_id"))
            .col(big_integer("at").check(Expr::cust("at % 900000 = 0")))
            .col(total("tickets"))
            .col(total("revenue"))
            .primary_key(Index::create().col("event_id").col("at"))
            .to_owned(),
    ]
}
