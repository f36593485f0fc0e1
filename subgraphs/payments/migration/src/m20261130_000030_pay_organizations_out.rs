//! Accounts of organizations at the payment provider, whose payments go there, and what is paid out to them: an expansion,
//! which the version before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Payments {
    Table,
    OrganizationId,
    FeesMinor,
    Destination,
    DestinationState,
}

#[derive(DeriveIden)]
enum Refunds {
    Table,
    Reverses,
}

#[derive(DeriveIden)]
enum PayoutAccounts {
    Table,
    OrganizationId,
    Account,
    Status,
    SeenAt,
    LookAt,
    Refusals,
}

#[derive(DeriveIden)]
enum AccountMovements {
    Table,
    PaymentId,
    Cause,
    OrderId,
    OrganizationId,
    Currency,
    AmountMinor,
    At,
    Counted,
}

#[derive(DeriveIden)]
enum AccountHoldings {
    Table,
    OrganizationId,
    Currency,
    HeldMinor,
}

#[derive(DeriveIden)]
enum Payouts {
    Table,
    Id,
    OrganizationId,
    Account,
    Kind,
    Transfer,
    Currency,
    AmountMinor,
    State,
    ProviderId,
    Looks,
    DueAt,
    Failure,
    CreatedAt,
    EndedAt,
}

const INDEXES: [(&str, &str); 9] = [
    ("events_of_organization", "ON events (organization_id, ends_at)"),
    ("payout_accounts_look", "ON payout_accounts (look_at) WHERE status = 'ACTIVE'"),
    ("account_movements_uncounted", "ON account_movements (organization_id, currency) WHERE NOT counted"),
    ("payouts_due", "ON payouts (due_at) WHERE due_at IS NOT NULL"),
    ("payouts_states", "ON payouts (state, created_at)"),
    ("payouts_of_organization", "ON payouts (organization_id, created_at)"),
    ("payouts_provider", "ON payouts (provider_id)"),
    ("UNIQUE payout_accounts_account", "ON payout_accounts (account)"),
    // While it is not known what became of one, there is no other.
    ("UNIQUE payouts_one_at_a_time", "ON payouts (organization_id, currency) WHERE state = 'ASKED'"),
];

/// What is no order's is booked once for each cause too.
const CAUSES: &str = "CREATE UNIQUE INDEX postings_cause_of_no_order ON postings (cause, kind, account) WHERE order_id IS NULL";

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            schema::uuid_null(Payments::OrganizationId),
            schema::big_integer_null(Payments::FeesMinor),
            schema::text_null(Payments::Destination),
            schema::text_null(Payments::DestinationState),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(Payments::Table).add_column(column).to_owned()).await?;
        }
        let reverses = schema::boolean(Refunds::Reverses).default(false).take();
        manager.alter_table(Table::alter().table(Refunds::Table).add_column(reverses).to_owned()).await?;
        accounts(manager).await?;
        payouts(manager).await?;
        let connection = manager.get_connection();
        for (name, on) in INDEXES {
            let create = match name.strip_prefix("UNIQUE ") {
                Some(name) => format!("CREATE UNIQUE INDEX {name} {on}"),
                None => format!("CREATE INDEX {name} {on}"),
            };
            connection.execute_unprepared(&create).await?;
        }
        connection.execute_unprepared(CAUSES).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["postings_cause_of_no_order", "events_of_organization"] {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {index}")).await?;
        }
        manager.drop_table(Table::drop().table(Payouts::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(AccountHoldings::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(AccountMovements::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(PayoutAccounts::Table).to_owned()).await?;
        let reverses = Refunds::Reverses;
        manager.alter_table(Table::alter().table(Refunds::Table).drop_column(reverses).to_owned()).await?;
        let columns = [
            Payments::DestinationState,
            Payments::Destination,
            Payments::FeesMinor,
            Payments::OrganizationId,
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(Payments::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(PayoutAccounts::Table)
                .col(schema::uuid(PayoutAccounts::OrganizationId).primary_key())
                .col(schema::text(PayoutAccounts::Account))
                .col(schema::text(PayoutAccounts::Status))
                .col(schema::big_integer(PayoutAccounts::SeenAt))
                .col(schema::big_integer(PayoutAccounts::LookAt))
                .col(schema::big_integer(PayoutAccounts::Refusals))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(AccountMovements::Table)
                .col(schema::uuid(AccountMovements::PaymentId))
                .col(schema::text(AccountMovements::Cause))
                .col(schema::uuid(AccountMovements::OrderId))
                .col(schema::uuid(AccountMovements::OrganizationId))
                .col(schema::text(AccountMovements::Currency))
                .col(schema::big_integer(AccountMovements::AmountMinor))
                .col(schema::big_integer(AccountMovements::At))
                .col(schema::boolean(AccountMovements::Counted))
                .primary_key(Index::create().col(AccountMovements::PaymentId).col(AccountMovements::Cause))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(AccountHoldings::Table)
                .col(schema::uuid(AccountHoldings::OrganizationId))
                .col(schema::text(AccountHoldings::Currency))
                .col(schema::big_integer(AccountHoldings::HeldMinor))
                .primary_key(
                    Index::create().col(AccountHoldings::OrganizationId).col(AccountHoldings::Currency),
                )
                .to_owned(),
        )
        .await
}

async fn payouts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Payouts::Table)
                .col(schema::uuid(Payouts::Id).primary_key())
                .col(schema::uuid(Payouts::OrganizationId))
                .col(schema::text(Payouts::Account))
                .col(schema::text(Payouts::Kind))
                .col(schema::text_null(Payouts::Transfer))
                .col(schema::text(Payouts::Currency))
                .col(schema::big_integer(Payouts::AmountMinor))
                .col(schema::text(Payouts::State))
                .col(schema::text_null(Payouts::ProviderId))
                .col(schema::big_integer(Payouts::Looks))
                .col(schema::big_integer_null(Payouts::DueAt))
                .col(schema::text_null(Payouts::Failure))
                .col(schema::big_integer(Payouts::CreatedAt))
                .col(schema::big_integer_null(Payouts::EndedAt))
                .check(Expr::col(Payouts::AmountMinor).gt(0))
                .to_owned(),
        )
        .await
}
