//! Accounts.

use kernel::{EmailAddress, Fault, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, SqlErr,
    TryInsertResult,
};
use service::database::fault;

use super::rows::account;
use crate::domain::entities::{Account, Locale, PhoneNumber, Profile};

/// One that was closed is only what is left of it.
pub(super) async fn by_id(connection: &impl ConnectionTrait, id: UserId) -> Result<Option<Account>, Fault> {
    Ok(locked(connection, id).await?.filter(|account| !account.is_closed()))
}

pub(super) async fn closed(connection: &impl ConnectionTrait, id: UserId) -> Result<Option<Account>, Fault> {
    Ok(locked(connection, id).await?.filter(Account::is_closed))
}

async fn locked(connection: &impl ConnectionTrait, id: UserId) -> Result<Option<Account>, Fault> {
    let row = account::Entity::find_by_id(id.uuid()).lock_exclusive().one(connection).await;
    row.map_err(fault("reading an account"))?.map(restore).transpose()
}

pub(super) async fn by_email(
    connection: &impl ConnectionTrait,
    email: &EmailAddress,
) -> Result<Option<Account>, Fault> {
    let query = account::Entity::find()
        .filter(account::Column::EmailNormalised.eq(email.normalised()))
        .lock_exclusive();
    query.one(connection).await.map_err(fault("reading an account"))?.map(restore).transpose()
}

/// False when another account has the address.
pub(super) async fn add(connection: &impl ConnectionTrait, account: &Account) -> Result<bool, Fault> {
    let insert = account::Entity::insert(row(account))
        .on_conflict_do_nothing_on([account::Column::EmailNormalised])
        .exec_without_returning(connection)
        .await
        .map_err(fault("adding an account"))?;
    Ok(matches!(insert, TryInsertResult::Inserted(1)))
}

pub(super) async fn save(connection: &impl ConnectionTrait, account: &Account) -> Result<(), Fault> {
    account::Entity::update(row(account)).exec(connection).await.map(drop).map_err(fault("saving an account"))
}

/// Saves a guest who has an account from now on; false when another account has the address.
pub(super) async fn claim(connection: &impl ConnectionTrait, account: &Account) -> Result<bool, Fault> {
    match account::Entity::update(row(account)).exec(connection).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(fault("saving an account")(error)),
    }
}

pub(super) fn profile(row: account::Model) -> Result<Profile, Fault> {
    let broken = |refusal: kernel::Refusal| {
        Fault::broken_rule(format!("the account {} breaks a rule: {}", row.id, refusal.message))
    };
    Ok(Profile {
        id: UserId::from_uuid(row.id),
        // Who was erased has none.
        email: if row.email.is_empty() {
            EmailAddress::restore(row.email)
        } else {
            EmailAddress::parse("email", &row.email).map_err(broken)?
        },
        name: Some(row.name).filter(|name| !name.is_empty()),
        phone: row.phone.map(|phone| PhoneNumber::parse("phone", &phone)).transpose().map_err(broken)?,
        locale: Locale::parse("locale", &row.locale).map_err(broken)?,
        timezone: row.timezone.parse()?,
        guest: row.guest,
        email_verified: row.email_verified,
        operator_since: row.operator_since.map(from_millis),
        created_at: from_millis(row.created_at),
    })
}

fn restore(row: account::Model) -> Result<Account, Fault> {
    let (hash, version, closed_at) = (row.password_hash.clone(), row.version, row.closed_at.map(from_millis));
    Ok(Account::restore(profile(row)?, Some(hash).filter(|hash| !hash.is_empty()), closed_at, version))
}

fn row(account: &Account) -> account::ActiveModel {
    let profile = account.profile();
    // Nothing is found by a guest's address, nor by that of an account that was closed: it is free for another.
    let found_by = if profile.guest || account.is_closed() || profile.is_erased() {
        profile.id.uuid().to_string()
    } else {
        profile.email.normalised()
    };
    account::ActiveModel {
        id: Set(profile.id.uuid()),
        email: Set(profile.email.as_str().to_owned()),
        email_normalised: Set(found_by),
        name: Set(profile.name.clone().unwrap_or_default()),
        phone: Set(profile.phone.as_ref().map(|phone| phone.as_str().to_owned())),
        locale: Set(profile.locale.as_str().to_owned()),
        timezone: Set(profile.timezone.name().to_owned()),
        email_verified: Set(profile.email_verified),
        password_hash: Set(account.password_hash().unwrap_or_default().to_owned()),
        version: Set(account.version()),
        created_at: Set(to_millis(profile.created_at)),
        operator_since: Set(profile.operator_since.map(to_millis)),
        guest: Set(profile.guest),
        closed_at: Set(account.closed_at().map(to_millis)),
    }
}
