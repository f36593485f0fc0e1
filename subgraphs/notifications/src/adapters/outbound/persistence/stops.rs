//! Which addresses want no mails of a kind, or take none, and what links that stop mails are signed with.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{Fault, UserId, from_millis, to_millis};
use sea_orm::{ConnectionTrait, Statement};
use service::database::{
    fault,
    lists::{among_ids, among_texts, ids, texts},
};
use uuid::Uuid;

use crate::domain::{entities::Kind, ports::Stop};

/// Stands where a kind stands otherwise, of an address at which no mail arrives.
const UNREACHABLE: &str = "UNREACHABLE";
/// The most letters that are kept of a mail server's words.
const WHY: usize = 300;

fn column(what: &Stop) -> &'static str {
    match what {
        Stop::Unwanted(kind) => kind.as_str(),
        Stop::Unreachable { .. } => UNREACHABLE,
    }
}

/// Those of these addresses, by their keys, that no mail of this kind is to go to.
pub(super) async fn stopped(
    connection: &impl ConnectionTrait,
    kind: Kind,
    addresses: &[String],
) -> Result<HashSet<String>, Fault> {
    if addresses.is_empty() {
        return Ok(HashSet::new());
    }
    let doing = "reading where no mail is to go to";
    let backend = connection.get_database_backend();
    let query = Statement::from_sql_and_values(
        backend,
        format!(
            "SELECT address FROM stopped_addresses WHERE what IN ($1, $2) AND {}",
            among_texts(backend, "address", 3)
        ),
        [UNREACHABLE.into(), kind.as_str().into(), texts(addresses.iter().map(String::as_str))],
    );
    let rows = connection.query_all_raw(query).await.map_err(fault(doing))?;
    rows.iter().map(|row| row.try_get("", "address")).collect::<Result<_, _>>().map_err(fault(doing))
}

/// Keeps it; true when that was not known before.
pub(super) async fn stop(
    connection: &impl ConnectionTrait,
    address: &str,
    what: &Stop,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let why = match what {
        Stop::Unwanted(_) => None,
        Stop::Unreachable { why } => Some(why.chars().take(WHY).collect::<String>()),
    };
    let insert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "INSERT INTO stopped_addresses (address, what, why, noted_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [address.into(), column(what).into(), why.into(), to_millis(now).into()],
    );
    let kept = connection.execute_raw(insert).await.map_err(fault("keeping where no mail is to go to"))?;
    Ok(kept.rows_affected() > 0)
}

/// Mail arrived at an address: it is not marked any more, unless it was marked since.
pub(super) async fn reached(
    connection: &impl ConnectionTrait,
    address: &str,
    at: DateTime<Utc>,
) -> Result<(), Fault> {
    let delete = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "DELETE FROM stopped_addresses WHERE address = $1 AND what = $2 AND noted_at <= $3",
        [address.into(), UNREACHABLE.into(), to_millis(at).into()],
    );
    connection.execute_raw(delete).await.map_err(fault("keeping that mail arrives at an address"))?;
    Ok(())
}

/// Since when mail to these people's addresses comes back, where it does.
pub(super) async fn unreachable(
    connection: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<HashMap<UserId, DateTime<Utc>>, Fault> {
    let doing = "reading to whom no mail arrives";
    let backend = connection.get_database_backend();
    let query = Statement::from_sql_and_values(
        backend,
        format!(
            "SELECT a.user_id, s.noted_at FROM accounts a JOIN stopped_addresses s ON s.address = a.email_key \
             WHERE s.what = $1 AND {}",
            among_ids(backend, "a.user_id", 2, users)
        ),
        [UNREACHABLE.into(), ids(backend, users)],
    );
    let rows = connection.query_all_raw(query).await.map_err(fault(doing))?;
    let mut since = HashMap::new();
    for row in rows {
        let user = row.try_get("", "user_id").map(UserId::from_uuid).map_err(fault(doing))?;
        since.insert(user, from_millis(row.try_get("", "noted_at").map_err(fault(doing))?));
    }
    Ok(since)
}

/// Nothing is kept of an address any more.
pub(super) async fn forget(connection: &impl ConnectionTrait, address: &str) -> Result<(), Fault> {
    let delete = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "DELETE FROM stopped_addresses WHERE address = $1",
        [address.into()],
    );
    connection.execute_raw(delete).await.map_err(fault("forgetting an address"))?;
    Ok(())
}

/// What links are signed with: made when it is first asked for, and the same for every replica from then on.
pub(super) async fn signing_key(connection: &impl ConnectionTrait, name: &str) -> Result<Vec<u8>, Fault> {
    let doing = "reading what links are signed with";
    let backend = connection.get_database_backend();
    let read = || {
        Statement::from_sql_and_values(
            backend,
            "SELECT secret FROM signing_keys WHERE name = $1",
            [name.into()],
        )
    };
    if let Some(row) = connection.query_one_raw(read()).await.map_err(fault(doing))? {
        return Ok(row.try_get::<String>("", "secret").map_err(fault(doing))?.into_bytes());
    }
    let secret =
        [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()].map(|part| part.simple().to_string()).concat();
    let insert = Statement::from_sql_and_values(
        backend,
        "INSERT INTO signing_keys (name, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [name.into(), secret.into()],
    );
    connection.execute_raw(insert).await.map_err(fault("keeping what links are signed with"))?;
    // Another replica may have been first.
    let row = connection.query_one_raw(read()).await.map_err(fault(doing))?;
    let row = row.ok_or_else(|| Fault::broken_rule("a key was neither written nor there"))?;
    Ok(row.try_get::<String>("", "secret").map_err(fault(doing))?.into_bytes())
}
