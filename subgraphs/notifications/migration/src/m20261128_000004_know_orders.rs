//! Which orders there are and which events are off, to say so when money goes back; who has mails sent to others; and
//! what is due or old, found without looking at the rest: an expansion, which the version before does not notice.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Events {
    Table,
    CalledOff,
}

#[derive(DeriveIden)]
enum Orders {
    Table,
    OrderId,
    Number,
    Total,
    NotedAt,
}

#[derive(DeriveIden)]
enum Notifications {
    Table,
    OnBehalfOf,
    CreatedAt,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait leaves them out")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let called_off = schema::boolean(Events::CalledOff).default(false).to_owned();
        manager.alter_table(Table::alter().table(Events::Table).add_column(called_off).to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table(Orders::Table)
                    .col(schema::uuid(Orders::OrderId).primary_key())
                    .col(schema::text(Orders::Number))
                    .col(schema::text(Orders::Total))
                    .col(schema::big_integer(Orders::NotedAt))
                    .to_owned(),
            )
            .await?;
        let noted =
            Index::create().name("orders_by_age").table(Orders::Table).col(Orders::NotedAt).to_owned();
        manager.create_index(noted).await?;
        let behalf = schema::uuid_null(Notifications::OnBehalfOf);
        manager.alter_table(Table::alter().table(Notifications::Table).add_column(behalf).to_owned()).await?;
        let by_age = Index::create()
            .name("notifications_by_age")
            .table(Notifications::Table)
            .col(Notifications::CreatedAt)
            .to_owned();
        manager.create_index(by_age).await?;
        for index in [
            "CREATE INDEX notifications_to_others ON notifications (on_behalf_of, created_at) \
             WHERE on_behalf_of IS NOT NULL",
            "CREATE INDEX notifications_sms_waiting ON notifications (sms_due_at) \
             WHERE status = 'QUEUED' AND sms_due_at IS NOT NULL",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["notifications_sms_waiting", "notifications_to_others", "notifications_by_age"] {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {index}")).await?;
        }
        let behalf = Notifications::OnBehalfOf;
        manager
            .alter_table(Table::alter().table(Notifications::Table).drop_column(behalf).to_owned())
            .await?;
        manager.drop_table(Table::drop().table(Orders::Table).to_owned()).await?;
        let called_off = Events::CalledOff;
        manager.alter_table(Table::alter().table(Events::Table).drop_column(called_off).to_owned()).await
    }
}
