//! What other services told, kept: people's addresses, events' titles.

use kernel::{EventId, Fault, UserId};
use sea_orm::{ConnectionTrait, Statement};
use service::database::fault;

use crate::domain::entities::Account;

pub(super) async fn account(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<Account>, Fault> {
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT email, phone, name, erased FROM accounts WHERE user_id = $1",
        [user.uuid().into()],
    );
    let row = connection.query_one_raw(query).await.map_err(fault("reading an account"))?;
    row.map(|row| {
        Ok(Account {
            user_id: user,
            email: row.try_get("", "email")?,
            phone: row.try_get("", "phone")?,
            name: row.try_get("", "name")?,
            erased: row.try_get("", "erased")?,
        })
    })
    .transpose()
    .map_err(fault("reading an account"))
}

pub(super) async fn note_account(
    connection: &impl ConnectionTrait,
    account: &Account,
    version: i64,
) -> Result<(), Fault> {
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "INSERT INTO accounts (user_id, version, email, phone, name, erased) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, email = excluded.email, \
         phone = excluded.phone, name = excluded.name, erased = excluded.erased WHERE accounts.version < excluded.version",
        [
            account.user_id.uuid().into(),
            version.into(),
            account.email.as_str().into(),
            account.phone.clone().into(),
            account.name.as_str().into(),
            account.erased.into(),
        ],
    );
    connection.execute_raw(upsert).await.map_err(fault("noting an account"))?;
    Ok(())
}

pub(super) async fn event_title(
    connection: &impl ConnectionTrait,
    event: EventId,
) -> Result<Option<String>, Fault> {
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT title FROM events WHERE event_id = $1",
        [event.uuid().into()],
    );
    let row = connection.query_one_raw(query).await.map_err(fault("reading an event"))?;
    row.map(|row| row.try_get("", "title")).transpose().map_err(fault("reading an event"))
}

pub(super) async fn note_event(
    connection: &impl ConnectionTrait,
    event: EventId,
    title: &str,
    version: i64,
) -> Result<(), Fault> {
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "INSERT INTO events (event_id, version, title) VALUES ($1, $2, $3) ON CONFLICT (event_id) \
         DO UPDATE SET version = excluded.version, title = excluded.title WHERE events.version < excluded.version",
        [event.uuid().into(), version.into(), title.into()],
    );
    connection.execute_raw(upsert).await.map_err(fault("noting an event"))?;
    Ok(())
}
