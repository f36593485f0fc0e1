//! Accounts, and how often logging in failed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::{EmailAddress, Fault, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, TryInsertResult,
    sea_query::OnConflict,
};
use service::database::fault;
use sha2::{Digest, Sha256};

use super::rows::{account, login_failures};
use crate::domain::entities::{Account, Locale, LoginFailures, PhoneNumber, Profile};

pub(super) async fn by_id(connection: &impl ConnectionTrait, id: UserId) -> Result<Option<Account>, Fault> {
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

pub(super) async fn failures(
    connection: &impl ConnectionTrait,
    email: &EmailAddress,
    to_change: bool,
) -> Result<LoginFailures, Fault> {
    let mut query = login_failures::Entity::find_by_id(address_key(email));
    if to_change {
        // A row that is not there cannot be locked.
        let none = failures_row(email, LoginFailures::NONE);
        login_failures::Entity::insert(none)
            .on_conflict_do_nothing()
            .exec_without_returning(connection)
            .await
            .map_err(fault("counting a failed login"))?;
        query = query.lock_exclusive();
    }
    let row = query.one(connection).await.map_err(fault("reading failed logins"))?;
    Ok(row.map_or(LoginFailures::NONE, |row| LoginFailures {
        failures: row.failures,
        since: from_millis(row.since),
    }))
}

pub(super) async fn save_failures(
    connection: &impl ConnectionTrait,
    email: &EmailAddress,
    failures: LoginFailures,
) -> Result<(), Fault> {
    let update = OnConflict::column(login_failures::Column::Address)
        .update_columns([login_failures::Column::Failures, login_failures::Column::Since])
        .to_owned();
    login_failures::Entity::insert(failures_row(email, failures))
        .on_conflict(update)
        .exec_without_returning(connection)
        .await
        .map(drop)
        .map_err(fault("counting a failed login"))
}

pub(super) fn profile(row: account::Model) -> Result<Profile, Fault> {
    let broken = |refusal: kernel::Refusal| {
        Fault::broken_rule(format!("the account {} breaks a rule: {}", row.id, refusal.message))
    };
    Ok(Profile {
        id: UserId::from_uuid(row.id),
        email: EmailAddress::parse("email", &row.email).map_err(broken)?,
        name: row.name,
        phone: row.phone.map(|phone| PhoneNumber::parse("phone", &phone)).transpose().map_err(broken)?,
        locale: Locale::parse("locale", &row.locale).map_err(broken)?,
        timezone: row.timezone.parse()?,
        email_verified: row.email_verified,
        created_at: from_millis(row.created_at),
    })
}

fn restore(row: account::Model) -> Result<Account, Fault> {
    let (hash, version) = (row.password_hash.clone(), row.version);
    Ok(Account::restore(profile(row)?, hash, version))
}

fn row(account: &Account) -> account::ActiveModel {
    let profile = account.profile();
    account::ActiveModel {
        id: Set(profile.id.uuid()),
        email: Set(profile.email.as_str().to_owned()),
        email_normalised: Set(profile.email.normalised()),
        name: Set(profile.name.clone()),
        phone: Set(profile.phone.as_ref().map(|phone| phone.as_str().to_owned())),
        locale: Set(profile.locale.as_str().to_owned()),
        timezone: Set(profile.timezone.name().to_owned()),
        email_verified: Set(profile.email_verified),
        password_hash: Set(account.password_hash().to_owned()),
        version: Set(account.version()),
        created_at: Set(to_millis(profile.created_at)),
    }
}

fn failures_row(email: &EmailAddress, failures: LoginFailures) -> login_failures::ActiveModel {
    login_failures::ActiveModel {
        address: Set(address_key(email)),
        failures: Set(failures.failures),
        since: Set(to_millis(failures.since)),
    }
}

/// Addresses that people try are not kept themselves: most of them may be nobody's.
fn address_key(email: &EmailAddress) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(email.normalised().as_bytes()))
}
