//! What organizations are owed is kept by organization, currency and event, so that it is read without their postings: an
//! expansion, which the version before does not notice.
//!
//! The database itself counts each posting, whoever adds it, in the statement that does: balances are what postings sum to,
//! always. Lines are added and never changed, so nothing else has to be counted.

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Balances {
    Table,
    OrganizationId,
    Currency,
    /// Nil for what is no event's.
    EventId,
    OwedMinor,
    PaidOutMinor,
}

/// How what is counted already meets what is added.
const ADDED: &str = "ON CONFLICT (organization_id, currency, event_id) DO UPDATE SET \
                     owed_minor = balances.owed_minor + excluded.owed_minor, \
                     paid_out_minor = balances.paid_out_minor + excluded.paid_out_minor";

/// Counts these rows of postings.
fn counted(from: &str, no_event: &str) -> String {
    format!(
        "INSERT INTO balances (organization_id, currency, event_id, owed_minor, paid_out_minor) \
         SELECT organization_id, currency, COALESCE(event_id, {no_event}) AS event_id, CAST(SUM(amount_minor) AS BIGINT), \
         CAST(SUM(CASE WHEN kind = 'PAYOUT' THEN -amount_minor ELSE 0 END) AS BIGINT) \
         FROM {from} WHERE account IN ('ORGANIZATION', 'TAX') \
         GROUP BY organization_id, currency, COALESCE(event_id, {no_event}) ORDER BY 1, 2, 3 {ADDED}"
    )
}

fn no_event(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        "CAST('00000000-0000-0000-0000-000000000000' AS UUID)"
    } else {
        "x'00000000000000000000000000000000'"
    }
}

fn triggers(backend: DbBackend) -> Vec<String> {
    if backend == DbBackend::Postgres {
        // Once for all lines that are added together: each row of balances is locked once, and all in one order.
        let counted = counted("added", no_event(backend));
        return vec![
            format!(
                "CREATE FUNCTION count_postings() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN {counted}; RETURN NULL; END $$"
            ),
            "CREATE TRIGGER count_postings AFTER INSERT ON postings REFERENCING NEW TABLE AS added \
             FOR EACH STATEMENT EXECUTE FUNCTION count_postings()"
                .to_owned(),
        ];
    }
    let no_event = no_event(backend);
    vec![format!(
        "CREATE TRIGGER count_postings AFTER INSERT ON postings WHEN NEW.account IN ('ORGANIZATION', 'TAX') BEGIN \
         INSERT INTO balances (organization_id, currency, event_id, owed_minor, paid_out_minor) VALUES \
         (NEW.organization_id, NEW.currency, COALESCE(NEW.event_id, {no_event}), NEW.amount_minor, \
         CASE WHEN NEW.kind = 'PAYOUT' THEN -NEW.amount_minor ELSE 0 END) {ADDED}; END"
    )]
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Balances::Table)
                    .col(schema::uuid(Balances::OrganizationId))
                    .col(schema::text(Balances::Currency))
                    .col(schema::uuid(Balances::EventId))
                    .col(schema::big_integer(Balances::OwedMinor))
                    .col(schema::big_integer(Balances::PaidOutMinor))
                    .primary_key(
                        Index::create()
                            .col(Balances::OrganizationId)
                            .col(Balances::Currency)
                            .col(Balances::EventId),
                    )
                    .to_owned(),
            )
            .await?;
        let (connection, backend) = (manager.get_connection(), manager.get_database_backend());
        for trigger in triggers(backend) {
            connection.execute_unprepared(&trigger).await?;
        }
        // After the trigger, which lets nobody add meanwhile. No version that was released has any: there is little to count.
        let earlier = counted("postings", no_event(backend));
        connection.execute_unprepared(&earlier).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (connection, backend) = (manager.get_connection(), manager.get_database_backend());
        if backend == DbBackend::Postgres {
            connection.execute_unprepared("DROP TRIGGER count_postings ON postings").await?;
            connection.execute_unprepared("DROP FUNCTION count_postings").await?;
        } else {
            connection.execute_unprepared("DROP TRIGGER count_postings").await?;
        }
        manager.drop_table(Table::drop().table(Balances::Table).to_owned()).await
    }
}
