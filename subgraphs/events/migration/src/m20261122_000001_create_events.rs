//! Venues, their layouts, and events.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Memberships {
    Table,
    UserId,
}

#[derive(DeriveIden)]
enum Venues {
    Table,
    Id,
    OrganizationId,
    Name,
    Street,
    PostalCode,
    City,
    CityKey,
    Region,
    Country,
    Latitude,
    Longitude,
    UnitX,
    UnitY,
    UnitZ,
    Timezone,
    CreatedAt,
}

#[derive(DeriveIden)]
enum Layouts {
    Table,
    Id,
    VenueId,
    OrganizationId,
    Name,
    Capacity,
    CreatedAt,
}

#[derive(DeriveIden)]
enum LayoutSections {
    Table,
    LayoutId,
    Position,
    Key,
    Name,
    Kind,
    Capacity,
    Rows,
}

#[derive(DeriveIden)]
enum Events {
    Table,
    Id,
    OrganizationId,
    VenueId,
    LayoutId,
    Slug,
    Title,
    Description,
    Category,
    Tags,
    StartsAt,
    EndsAt,
    DoorsAt,
    Status,
    Currency,
    ImageUrl,
    CancelReason,
    PublishedAt,
    CreatedAt,
    Version,
    SearchText,
    TitleKey,
    TagKeys,
}

#[derive(DeriveIden)]
enum IdempotencyKeys {
    Table,
    Owner,
    Operation,
    Key,
    Fingerprint,
    Result,
    CreatedAt,
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states these methods without it, as the macro needs")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messaging::tables::create(manager).await?;
        service::memberships::create_table(manager).await?;
        // Whose drafts a person may see is asked by person.
        let by_person = index("memberships_by_user", Memberships::Table).col(Memberships::UserId).to_owned();
        manager.create_index(by_person).await?;
        manager.create_table(venues()).await?;
        manager.create_table(layouts()).await?;
        manager.create_table(layout_sections()).await?;
        manager.create_table(events()).await?;
        manager.create_table(idempotency_keys()).await?;
        for index in [
            index("venues_by_city", Venues::Table).col(Venues::CityKey).to_owned(),
            index("layouts_by_venue", Layouts::Table).col(Layouts::VenueId).to_owned(),
            index("events_by_start", Events::Table).col(Events::StartsAt).col(Events::Id).to_owned(),
            index("events_by_title", Events::Table).col(Events::TitleKey).col(Events::Id).to_owned(),
            index("events_by_organization", Events::Table)
                .col(Events::OrganizationId)
                .col(Events::StartsAt)
                .col(Events::Id)
                .to_owned(),
            index("events_by_venue", Events::Table).col(Events::VenueId).to_owned(),
            index("events_by_layout", Events::Table).col(Events::LayoutId).to_owned(),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(IdempotencyKeys::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Events::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(LayoutSections::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Layouts::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Venues::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Memberships::Table).to_owned()).await?;
        messaging::tables::drop(manager).await
    }
}

fn index(name: &str, table: impl IntoIden + 'static) -> IndexCreateStatement {
    Index::create().name(name).table(table.into_iden()).to_owned()
}

fn venues() -> TableCreateStatement {
    Table::create()
        .table(Venues::Table)
        .col(schema::uuid(Venues::Id).primary_key())
        .col(schema::uuid(Venues::OrganizationId))
        .col(schema::text(Venues::Name))
        .col(schema::text(Venues::Street))
        .col(schema::text_null(Venues::PostalCode))
        .col(schema::text(Venues::City))
        .col(schema::text(Venues::CityKey))
        .col(schema::text_null(Venues::Region))
        .col(schema::text(Venues::Country))
        .col(schema::double_null(Venues::Latitude))
        .col(schema::double_null(Venues::Longitude))
        // The place as a point on the unit sphere: distances need no trigonometry of the database.
        .col(schema::double_null(Venues::UnitX))
        .col(schema::double_null(Venues::UnitY))
        .col(schema::double_null(Venues::UnitZ))
        .col(schema::text(Venues::Timezone))
        .col(schema::big_integer(Venues::CreatedAt))
        // What the events of a venue refer to, so that the organization is the same.
        .index(
            Index::create()
                .name("venues_of_organization")
                .unique()
                .col(Venues::Id)
                .col(Venues::OrganizationId),
        )
        .to_owned()
}

fn layouts() -> TableCreateStatement {
    Table::create()
        .table(Layouts::Table)
        .col(schema::uuid(Layouts::Id).primary_key())
        .col(schema::uuid(Layouts::VenueId))
        .col(schema::uuid(Layouts::OrganizationId))
        .col(schema::text(Layouts::Name))
        .col(schema::big_integer(Layouts::Capacity))
        .col(schema::big_integer(Layouts::CreatedAt))
        .check(Expr::col(Layouts::Capacity).gt(0))
        // What events refer to, so that an event's layout is one of its venue.
        .index(Index::create().name("layouts_of_venue").unique().col(Layouts::Id).col(Layouts::VenueId))
        .foreign_key(
            ForeignKey::create()
                .name("layouts_venue")
                .from(Layouts::Table, (Layouts::VenueId, Layouts::OrganizationId))
                .to(Venues::Table, (Venues::Id, Venues::OrganizationId)),
        )
        .to_owned()
}

fn layout_sections() -> TableCreateStatement {
    Table::create()
        .table(LayoutSections::Table)
        .col(schema::uuid(LayoutSections::LayoutId))
        .col(schema::integer(LayoutSections::Position))
        .col(schema::text(LayoutSections::Key))
        .col(schema::text(LayoutSections::Name))
        .col(schema::text(LayoutSections::Kind))
        .col(schema::big_integer(LayoutSections::Capacity))
        // Rows and seats of the section as one JSON text: a seat is never read alone.
        .col(schema::text_null(LayoutSections::Rows))
        .primary_key(Index::create().col(LayoutSections::LayoutId).col(LayoutSections::Position))
        .index(
            Index::create()
                .name("layout_sections_key")
                .unique()
                .col(LayoutSections::LayoutId)
                .col(LayoutSections::Key),
        )
        .check(Expr::col(LayoutSections::Capacity).gt(0))
        .check(Expr::cust(
            "(kind = 'SEATED' AND rows IS NOT NULL) OR (kind = 'GENERAL_ADMISSION' AND rows IS NULL)",
        ))
        .foreign_key(
            ForeignKey::create()
                .name("layout_sections_layout")
                .from(LayoutSections::Table, LayoutSections::LayoutId)
                .to(Layouts::Table, Layouts::Id),
        )
        .to_owned()
}

fn events() -> TableCreateStatement {
    Table::create()
        .table(Events::Table)
        .col(schema::uuid(Events::Id).primary_key())
        .col(schema::uuid(Events::OrganizationId))
        .col(schema::uuid(Events::VenueId))
        .col(schema::uuid_null(Events::LayoutId))
        .col(schema::text(Events::Slug).unique_key())
        .col(schema::text(Events::Title))
        .col(schema::text(Events::Description))
        .col(schema::text(Events::Category))
        .col(schema::text(Events::Tags))
        .col(schema::big_integer(Events::StartsAt))
        .col(schema::big_integer(Events::EndsAt))
        .col(schema::big_integer_null(Events::DoorsAt))
        .col(schema::text(Events::Status))
        .col(schema::text(Events::Currency))
        .col(schema::text_null(Events::ImageUrl))
        .col(schema::text_null(Events::CancelReason))
        .col(schema::big_integer_null(Events::PublishedAt))
        .col(schema::big_integer(Events::CreatedAt))
        .col(schema::big_integer(Events::Version))
        .col(schema::text(Events::SearchText))
        .col(schema::text(Events::TitleKey))
        .col(schema::text(Events::TagKeys))
        .check(Expr::cust("status IN ('DRAFT', 'PUBLISHED', 'POSTPONED', 'CANCELLED', 'COMPLETED')"))
        .check(Expr::cust("ends_at > starts_at AND (doors_at IS NULL OR doors_at <= starts_at)"))
        .check(Expr::cust("published_at IS NULL OR layout_id IS NOT NULL"))
        .check(Expr::cust(
            "status NOT IN ('PUBLISHED', 'POSTPONED', 'COMPLETED') OR published_at IS NOT NULL",
        ))
        .check(Expr::cust("status <> 'CANCELLED' OR cancel_reason IS NOT NULL"))
        .check(Expr::col(Events::Version).gt(0))
        .foreign_key(
            ForeignKey::create()
                .name("events_venue")
                .from(Events::Table, (Events::VenueId, Events::OrganizationId))
                .to(Venues::Table, (Venues::Id, Venues::OrganizationId)),
        )
        .foreign_key(
            ForeignKey::create()
                .name("events_layout")
                .from(Events::Table, (Events::LayoutId, Events::VenueId))
                .to(Layouts::Table, (Layouts::Id, Layouts::VenueId)),
        )
        .to_owned()
}

fn idempotency_keys() -> TableCreateStatement {
    Table::create()
        .table(IdempotencyKeys::Table)
        .col(schema::uuid(IdempotencyKeys::Owner))
        .col(schema::text(IdempotencyKeys::Operation))
        .col(schema::text(IdempotencyKeys::Key))
        .col(schema::text(IdempotencyKeys::Fingerprint))
        .col(schema::uuid(IdempotencyKeys::Result))
        .col(schema::big_integer(IdempotencyKeys::CreatedAt))
        .primary_key(
            Index::create()
                .col(IdempotencyKeys::Owner)
                .col(IdempotencyKeys::Operation)
                .col(IdempotencyKeys::Key),
        )
        .to_owned()
}
