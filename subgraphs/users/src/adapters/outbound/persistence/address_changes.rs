//! Addresses that are to change.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{EmailAddress, Fault, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use service::database::fault;

use super::rows::address_change::{ActiveModel, Column, Entity, Model};
use crate::domain::entities::{AddressChange, AddressChangeEnd, Agreement, SecretHash};

/// Of how many is looked when the last were asked for.
const LAST_CHANGES: u64 = 20;

pub(super) async fn by_token(
    connection: &impl ConnectionTrait,
    token: &SecretHash,
) -> Result<Option<AddressChange>, Fault> {
    let either =
        Condition::any().add(Column::OldToken.eq(token.as_str())).add(Column::NewToken.eq(token.as_str()));
    let query = Entity::find().filter(either).lock_exclusive();
    query.one(connection).await.map_err(fault("reading a change of address"))?.map(restore).transpose()
}

pub(super) async fn open_of(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<Option<AddressChange>, Fault> {
    let query = Entity::find()
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::EndedAt.is_null())
        .lock_exclusive();
    query.one(connection).await.map_err(fault("reading a change of address"))?.map(restore).transpose()
}

/// Those whose links can still be opened.
pub(super) async fn of_accounts(
    connection: &impl ConnectionTrait,
    accounts: &[UserId],
    now: DateTime<Utc>,
) -> Result<HashMap<UserId, AddressChange>, Fault> {
    let query = Entity::find()
        .filter(Column::AccountId.is_in(accounts.iter().map(|id| id.uuid())))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(to_millis(now)));
    let rows = query.all(connection).await.map_err(fault("reading changes of addresses"))?;
    rows.into_iter().map(|row| restore(row).map(|change| (change.account, change))).collect()
}

pub(super) async fn since(
    connection: &impl ConnectionTrait,
    account: UserId,
    since: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, Fault> {
    let query = Entity::find()
        .select_only()
        .column(Column::CreatedAt)
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::CreatedAt.gt(to_millis(since)))
        .order_by_desc(Column::CreatedAt)
        .limit(LAST_CHANGES)
        .into_tuple::<i64>();
    let asked = query.all(connection).await.map_err(fault("reading changes of addresses"))?;
    Ok(asked.into_iter().map(from_millis).collect())
}

pub(super) async fn save(connection: &impl ConnectionTrait, change: &AddressChange) -> Result<(), Fault> {
    let agreed_at = |side: &Agreement| side.given_at.map(to_millis);
    let row = ActiveModel {
        id: Set(change.id),
        account_id: Set(change.account.uuid()),
        new_email: Set(change.new_email.as_str().to_owned()),
        old_token: Set(change.old.as_ref().map(|old| old.token.as_str().to_owned())),
        old_agreed_at: Set(change.old.as_ref().and_then(agreed_at)),
        new_token: Set(change.new.token.as_str().to_owned()),
        new_agreed_at: Set(agreed_at(&change.new)),
        created_at: Set(to_millis(change.created_at)),
        expires_at: Set(to_millis(change.expires_at)),
        ended_at: Set(change.ended.map(|(at, _)| to_millis(at))),
        end_reason: Set(change.ended.map(|(_, how)| how.as_str().to_owned())),
    };
    let update = OnConflict::column(Column::Id)
        .update_columns([Column::OldAgreedAt, Column::NewAgreedAt, Column::EndedAt, Column::EndReason])
        .to_owned();
    let upsert = Entity::insert(row).on_conflict(update).exec_without_returning(connection);
    upsert.await.map(drop).map_err(fault("saving a change of address"))
}

fn restore(row: Model) -> Result<AddressChange, Fault> {
    let ended = match (row.ended_at, row.end_reason.as_deref()) {
        (Some(at), Some(how)) => Some((from_millis(at), AddressChangeEnd::from_name(how)?)),
        _ => None,
    };
    let agreement = |token: String, given_at: Option<i64>| Agreement {
        token: SecretHash::restore(token),
        given_at: given_at.map(from_millis),
    };
    Ok(AddressChange {
        id: row.id,
        account: UserId::from_uuid(row.account_id),
        new_email: EmailAddress::restore(row.new_email),
        old: row.old_token.map(|token| agreement(token, row.old_agreed_at)),
        new: agreement(row.new_token, row.new_agreed_at),
        created_at: from_millis(row.created_at),
        expires_at: from_millis(row.expires_at),
        ended,
    })
}
