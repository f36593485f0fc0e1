//! Organizations and who has which role in them.

#![expect(elided_lifetimes_in_paths, reason = "the trait leaves it out, and async_trait wants both alike")]

use sea_orm_migration::{prelude::*, schema};

use crate::m20261122_000001_create_accounts::Accounts;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Organizations {
    Table,
    Id,
    Slug,
    Name,
    Version,
    CreatedAt,
    FounderId,
    IdempotencyKey,
    FoundedWith,
}

#[derive(DeriveIden)]
enum Memberships {
    Table,
    OrganizationId,
    UserId,
    Role,
    Version,
    Since,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Organizations::Table)
                    .col(schema::uuid(Organizations::Id).primary_key())
                    .col(schema::text(Organizations::Slug).unique_key())
                    .col(schema::text(Organizations::Name))
                    .col(
                        schema::big_integer(Organizations::Version)
                            .check(Expr::col(Organizations::Version).gt(0)),
                    )
                    .col(schema::big_integer(Organizations::CreatedAt))
                    .col(schema::uuid(Organizations::FounderId))
                    .col(schema::text_null(Organizations::IdempotencyKey))
                    .col(schema::text(Organizations::FoundedWith))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("organizations_by_key")
                    .table(Organizations::Table)
                    .col(Organizations::FounderId)
                    .col(Organizations::IdempotencyKey)
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Memberships::Table)
                    .col(schema::uuid(Memberships::OrganizationId))
                    .col(schema::uuid(Memberships::UserId))
                    // Null: no longer a member. The row stays, so that the version goes on rising.
                    .col(schema::text_null(Memberships::Role))
                    .col(schema::big_integer(Memberships::Version))
                    .col(schema::big_integer(Memberships::Since))
                    .primary_key(Index::create().col(Memberships::OrganizationId).col(Memberships::UserId))
                    .check(Expr::cust("role IN ('OWNER', 'MANAGER', 'BOX_OFFICE', 'SCANNER')"))
                    .foreign_key(
                        ForeignKey::create()
                            .from(Memberships::Table, Memberships::OrganizationId)
                            .to(Organizations::Table, Organizations::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from(Memberships::Table, Memberships::UserId)
                            .to(Accounts::Table, Accounts::Id),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("memberships_of_user")
                    .table(Memberships::Table)
                    .col(Memberships::UserId)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Memberships::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Organizations::Table).to_owned()).await
    }
}
