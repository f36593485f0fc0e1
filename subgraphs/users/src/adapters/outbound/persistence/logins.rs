//! How often logging in failed, from where somebody logged in before, and who was warned.

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use kernel::{EmailAddress, Fault, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
    sea_query::OnConflict,
};
use service::{clients::household, database::fault};
use sha2::{Digest, Sha256};

use super::rows::{known_client, login_tries, refresh_token, session};
use crate::domain::{
    entities::{LoginFailures, Place, SecretHash},
    ports::Warning,
};

/// From where somebody logs in: a device that still has a token of the account, or else the client's address.
pub(super) async fn place(
    connection: &impl ConnectionTrait,
    account: Option<UserId>,
    client: Option<IpAddr>,
    token: Option<&SecretHash>,
) -> Result<Place, Fault> {
    let reading = fault("looking from where somebody logs in");
    let key = client_key(client);
    let Some(account) = account else { return Ok(Place { key, known: false }) };
    if let Some(token) = token {
        let device = refresh_token::Entity::find_by_id(token.as_str().to_owned());
        if let Some(device) = device.one(connection).await.map_err(&reading)?
            && let found = session::Entity::find_by_id(device.session_id)
            && let Some(session) = found.one(connection).await.map_err(&reading)?
            && session.account_id == account.uuid()
        {
            return Ok(Place { key: format!("session {}", session.id), known: true });
        }
    }
    let known = known_client::Entity::find_by_id((account.uuid(), of_account(account, client)));
    let known = known.one(connection).await.map_err(&reading)?.is_some();
    Ok(Place { key, known })
}

pub(super) async fn failures(
    connection: &impl ConnectionTrait,
    email: &EmailAddress,
    place: &Place,
    to_change: bool,
) -> Result<LoginFailures, Fault> {
    let mut query = login_tries::Entity::find_by_id(place_key(email, place));
    if to_change {
        // A row that is not there cannot be locked.
        login_tries::Entity::insert(row(email, place, LoginFailures::NONE))
            .on_conflict_do_nothing()
            .exec_without_returning(connection)
            .await
            .map_err(fault("counting a failed login"))?;
        query = query.lock_exclusive();
    }
    let row = query.one(connection).await.map_err(fault("reading failed logins"))?;
    Ok(row.map_or(LoginFailures::NONE, |row| LoginFailures {
        failures: row.failures,
        last: from_millis(row.last_at),
    }))
}

pub(super) async fn save_failures(
    connection: &impl ConnectionTrait,
    email: &EmailAddress,
    place: &Place,
    failures: LoginFailures,
) -> Result<(), Fault> {
    let saving = fault("counting a failed login");
    if failures == LoginFailures::NONE {
        let forget = login_tries::Entity::delete_by_id(place_key(email, place));
        return forget.exec(connection).await.map(drop).map_err(saving);
    }
    let mut update = login_tries::Entity::update_many()
        .filter(login_tries::Column::Place.eq(place_key(email, place)))
        .col_expr(login_tries::Column::Failures, failures.failures.into())
        .col_expr(login_tries::Column::LastAt, to_millis(failures.last).into());
    if failures.failures == 1 {
        update = update.col_expr(login_tries::Column::FirstAt, to_millis(failures.last).into());
    }
    update.exec(connection).await.map(drop).map_err(saving)
}

/// How often it failed from everywhere since then, and when first.
pub(super) async fn failures_everywhere(
    connection: &impl ConnectionTrait,
    email: &EmailAddress,
    since: DateTime<Utc>,
) -> Result<(i64, DateTime<Utc>), Fault> {
    let reading = fault("reading failed logins");
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT CAST(COALESCE(SUM(failures), 0) AS BIGINT) AS failures, CAST(COALESCE(MIN(first_at), 0) AS BIGINT) AS first \
         FROM login_tries WHERE address = $1 AND last_at > $2",
        [address_key(email).into(), to_millis(since).into()],
    );
    let row = connection.query_one_raw(query).await.map_err(&reading)?;
    let row = row.ok_or_else(|| Fault::broken_rule("a sum has no row"))?;
    let failures = row.try_get("", "failures").map_err(&reading)?;
    Ok((failures, from_millis(row.try_get("", "first").map_err(&reading)?)))
}

pub(super) async fn know_client(
    connection: &impl ConnectionTrait,
    account: UserId,
    client: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let row = known_client::ActiveModel {
        account_id: Set(account.uuid()),
        client: Set(of_account(account, client)),
        seen_at: Set(to_millis(now)),
    };
    let update = OnConflict::columns([known_client::Column::AccountId, known_client::Column::Client])
        .update_column(known_client::Column::SeenAt)
        .to_owned();
    let upsert = known_client::Entity::insert(row).on_conflict(update).exec_without_returning(connection);
    upsert.await.map(drop).map_err(fault("noting from where somebody logs in"))
}

/// True, and noted, unless the account was warned of this since then.
pub(super) async fn may_warn(
    connection: &impl ConnectionTrait,
    account: UserId,
    warning: Warning,
    unless_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "INSERT INTO warnings (account_id, kind, sent_at) VALUES ($1, $2, $3) \
         ON CONFLICT (account_id, kind) DO UPDATE SET sent_at = excluded.sent_at WHERE warnings.sent_at < $4",
        [
            account.uuid().into(),
            warning.as_str().into(),
            to_millis(now).into(),
            to_millis(unless_since).into(),
        ],
    );
    let noted = connection.execute_raw(upsert).await.map_err(fault("noting a warning"))?;
    Ok(noted.rows_affected() > 0)
}

fn row(email: &EmailAddress, place: &Place, failures: LoginFailures) -> login_tries::ActiveModel {
    login_tries::ActiveModel {
        place: Set(place_key(email, place)),
        address: Set(address_key(email)),
        failures: Set(failures.failures),
        first_at: Set(to_millis(failures.last)),
        last_at: Set(to_millis(failures.last)),
    }
}

/// Addresses that people try are not kept themselves: most of them may be nobody's.
fn address_key(email: &EmailAddress) -> String {
    digest(&email.normalised())
}

fn place_key(email: &EmailAddress, place: &Place) -> String {
    digest(&format!("{}\n{}", email.normalised(), place.key))
}

/// Neither is from where: a digest of one's own for each account.
fn of_account(account: UserId, client: Option<IpAddr>) -> String {
    digest(&format!("{account}\n{}", client_key(client)))
}

fn client_key(client: Option<IpAddr>) -> String {
    client.map_or_else(String::new, |client| format!("client {}", household(client)))
}

fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}
