//! Who may do what for which organization, as `users` told it.

use contracts::users::{MembershipChanged, Role};
use kernel::{Fault, OrganizationId, Refusal, Result, UserId};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use sea_orm_migration::{prelude::*, schema};

use crate::{Database, database::fault, soon::soon};

#[derive(DeriveIden)]
enum Memberships_ {
    #[sea_orm(iden = "memberships")]
    Table,
    OrganizationId,
    UserId,
    Version,
    Role,
}

/// Makes the table `memberships`; for the migrations of services that keep a copy.
pub async fn create_table(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Memberships_::Table)
                .col(schema::uuid(Memberships_::OrganizationId))
                .col(schema::uuid(Memberships_::UserId))
                .col(schema::big_integer(Memberships_::Version))
                .col(schema::text_null(Memberships_::Role))
                .primary_key(Index::create().col(Memberships_::OrganizationId).col(Memberships_::UserId))
                .to_owned(),
        )
        .await
}

/// A service's own copy of the roles of members.
#[derive(Clone)]
pub struct Memberships {
    database: Database,
}

impl Memberships {
    /// The copy in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Takes note of a change, in the consumer's transaction. A late message changes nothing.
    pub async fn note(transaction: &impl ConnectionTrait, change: &MembershipChanged) -> Result<(), Fault> {
        let upsert = Statement::from_sql_and_values(
            transaction.get_database_backend(),
            "INSERT INTO memberships (organization_id, user_id, version, role) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (organization_id, user_id) DO UPDATE SET version = excluded.version, role = excluded.role \
             WHERE memberships.version < excluded.version",
            [
                change.organization_id.uuid().into(),
                change.user_id.uuid().into(),
                change.version.into(),
                change.role.map(Role::as_str).into(),
            ],
        );
        transaction.execute_raw(upsert).await.map_err(fault("noting a membership"))?;
        Ok(())
    }

    /// The person's role, as known here just now.
    pub async fn role(&self, organization: OrganizationId, user: UserId) -> Result<Option<Role>, Fault> {
        let query = Statement::from_sql_and_values(
            self.database.reads.get_database_backend(),
            "SELECT role FROM memberships WHERE organization_id = $1 AND user_id = $2",
            [organization.uuid().into(), user.uuid().into()],
        );
        let row = self.database.reads.query_one_raw(query).await.map_err(fault("reading a membership"))?;
        let Some(row) = row else { return Ok(None) };
        let role: Option<String> = row.try_get("", "role").map_err(fault("reading a membership"))?;
        Ok(role.as_deref().and_then(Role::from_name))
    }

    /// Refuses unless the person has a role in the organization that `may`. Where no role is known, it is
    /// waited for a little, so that who has just founded an organization can go on at once.
    pub async fn require(
        &self,
        organization: OrganizationId,
        user: UserId,
        may: impl Fn(Role) -> bool,
        refused: &str,
    ) -> Result<Role> {
        match soon(organization, || self.role(organization, user)).await? {
            Some(role) if may(role) => Ok(role),
            _ => Err(Refusal::forbidden(refused).into()),
        }
    }
}
