//! Forgetting what has no effect any more, a batch at a time.

use chrono::{DateTime, Duration, Utc};
use kernel::{Fault, to_millis};
use sea_orm::{ConnectionTrait, Statement};
use service::{Database, database::fault};

/// How much is forgotten at once.
const BATCH: u64 = 1000;

/// For how long each table keeps its rows after the instant in a column; accounts, organizations, members and keys stay.
const AGES: [(&str, &str, &str, Duration); 8] = [
    ("refresh_tokens", "hash", "expires_at", Duration::zero()),
    ("sessions", "id", "expires_at", Duration::zero()),
    ("login_failures", "address", "since", Duration::days(1)),
    ("login_tries", "place", "last_at", Duration::days(1)),
    // Afterwards a device is a stranger, until its owner logs in.
    ("known_clients", "(account_id, client)", "seen_at", Duration::days(90)),
    ("warnings", "(account_id, kind)", "sent_at", Duration::days(2)),
    ("address_proofs", "token", "expires_at", Duration::days(1)),
    // Who invited whom stays to be looked at for a while.
    ("invitations", "id", "expires_at", Duration::days(30)),
];

/// Forgets a batch of what ran out. True when there may be more.
pub(crate) async fn forget_what_ran_out(database: &Database, now: DateTime<Utc>) -> Result<bool, Fault> {
    let mut more = false;
    for (table, key, column, kept) in AGES {
        let columns = key.trim_matches(['(', ')']);
        let delete = Statement::from_sql_and_values(
            database.writes.get_database_backend(),
            format!(
                "DELETE FROM {table} WHERE {key} IN (SELECT {columns} FROM {table} WHERE {column} < $1 LIMIT {BATCH})"
            ),
            [to_millis(now - kept).into()],
        );
        let deleted = database.writes.execute_raw(delete).await.map_err(fault("forgetting what ran out"))?;
        more |= deleted.rows_affected() == BATCH;
    }
    Ok(more)
}
