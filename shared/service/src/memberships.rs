//! Who may do what for which organization, as `users` told it.

use std::collections::HashMap;

use contracts::users::{MembershipChanged, Role};
use kernel::{Fault, Id, OrganizationId, Refusal, Result, UserId, reasons};
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
        Ok(self.roles(&[(organization, user)]).await?.remove(&(organization, user)))
    }

    /// The roles of persons in the organizations beside them, as known here just now; none of who has none.
    pub async fn roles(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>, Fault> {
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let pairs: Vec<String> =
            (0..asked.len()).map(|pair| format!("(${}, ${})", 2 * pair + 1, 2 * pair + 2)).collect();
        let query = Statement::from_sql_and_values(
            self.database.reads.get_database_backend(),
            format!(
                "SELECT organization_id, user_id, role FROM memberships \
                 WHERE role IS NOT NULL AND (organization_id, user_id) IN (VALUES {})",
                pairs.join(",")
            ),
            asked.iter().flat_map(|(organization, user)| [organization.uuid().into(), user.uuid().into()]),
        );
        let doing = fault("reading memberships");
        let rows = self.database.reads.query_all_raw(query).await.map_err(&doing)?;
        let mut roles = HashMap::with_capacity(rows.len());
        for row in rows {
            let organization = Id::from_uuid(row.try_get("", "organization_id").map_err(&doing)?);
            let user = Id::from_uuid(row.try_get("", "user_id").map_err(&doing)?);
            let role: String = row.try_get("", "role").map_err(&doing)?;
            if let Some(role) = Role::from_name(&role) {
                roles.insert((organization, user), role);
            }
        }
        Ok(roles)
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
            _ => Err(Refusal::new(reasons::ROLE_REQUIRED, refused).into()),
        }
    }
}
