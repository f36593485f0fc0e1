//! What other services keep, as far as the books need it: the latest that was told.

use contracts::{events::EventChanged, settings::OrganizationSettingsChanged, users::MembershipChanged};
use kernel::{Fault, to_millis};
use sea_orm::{ConnectionTrait, Statement, Value};
use service::{Memberships, database::fault};

use super::SeaLedger;

impl SeaLedger {
    pub(super) async fn keep_event(&self, told: &EventChanged) -> Result<(), Fault> {
        let keep = "INSERT INTO events (event_id, version, organization_id, title, ends_at) \
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, \
                    organization_id = excluded.organization_id, title = excluded.title, ends_at = excluded.ends_at \
                    WHERE events.version < excluded.version";
        let values = [
            told.event_id.uuid().into(),
            told.version.into(),
            told.event.organization_id.uuid().into(),
            told.event.title.as_str().into(),
            to_millis(told.event.ends_at).into(),
        ];
        self.keep("noting an event", keep, values).await
    }

    pub(super) async fn keep_terms(&self, told: &OrganizationSettingsChanged) -> Result<(), Fault> {
        let keep = "INSERT INTO payout_terms (organization_id, version, delay_days) VALUES ($1, $2, $3) \
                    ON CONFLICT (organization_id) DO UPDATE SET version = excluded.version, \
                    delay_days = excluded.delay_days WHERE payout_terms.version < excluded.version";
        let values = [
            told.organization_id.uuid().into(),
            told.version.into(),
            i64::from(told.settings.payout_delay_days).into(),
        ];
        self.keep("noting how long is waited with payouts", keep, values).await
    }

    pub(super) async fn keep_member(&self, told: &MembershipChanged) -> Result<(), Fault> {
        Memberships::note(&self.database.writes, told).await
    }

    async fn keep<const N: usize>(
        &self,
        doing: &'static str,
        sql: &str,
        values: [Value; N],
    ) -> Result<(), Fault> {
        let writes = &self.database.writes;
        let statement = Statement::from_sql_and_values(writes.get_database_backend(), sql, values);
        writes.execute_raw(statement).await.map_err(fault(doing))?;
        Ok(())
    }
}
