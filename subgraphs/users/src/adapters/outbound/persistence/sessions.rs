//! Sessions and their chains of refresh tokens.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Fault, SessionId, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use service::database::fault;

use super::rows::{refresh_token, session};
use crate::domain::{
    entities::{Device, EndReason, PresentedToken, SecretHash, Session, SessionSnapshot},
    ports::SessionView,
};

/// How many sessions of a page of people are listed.
const LISTED: u64 = 1_000;
/// How many of them are one person's.
const LISTED_OF_ONE: usize = 100;

pub(super) async fn by_token(
    connection: &impl ConnectionTrait,
    token: &SecretHash,
) -> Result<Option<Session>, Fault> {
    let reading = fault("reading a session");
    let find_token = || refresh_token::Entity::find_by_id(token.as_str().to_owned()).one(connection);
    let Some(found) = find_token().await.map_err(&reading)? else { return Ok(None) };
    let query = session::Entity::find_by_id(found.session_id).lock_exclusive();
    let Some(row) = query.one(connection).await.map_err(&reading)? else { return Ok(None) };
    // Read again under the session's lock: another refresh may have used it meanwhile.
    let Some(presented) = find_token().await.map_err(&reading)? else { return Ok(None) };
    let presented = PresentedToken {
        hash: SecretHash::restore(presented.hash),
        expires_at: from_millis(presented.expires_at),
        used_at: presented.used_at.map(from_millis),
    };
    restore(&row, Some(presented)).map(Some)
}

pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: SessionId,
) -> Result<Option<Session>, Fault> {
    let row = session::Entity::find_by_id(id.uuid()).lock_exclusive().one(connection).await;
    row.map_err(fault("reading a session"))?.map(|row| restore(&row, None)).transpose()
}

/// Ends all of an account but for one, as logging out does.
pub(super) async fn end_of(
    connection: &impl ConnectionTrait,
    account: UserId,
    but: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, Fault> {
    let ending = fault("ending sessions");
    let mut these = Condition::all()
        .add(session::Column::AccountId.eq(account.uuid()))
        .add(session::Column::EndedAt.is_null())
        .add(session::Column::ExpiresAt.gt(to_millis(now)));
    if let Some(but) = but {
        these = these.add(session::Column::Id.ne(but.uuid()));
    }
    let open: Vec<uuid::Uuid> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(these.clone())
        .order_by_asc(session::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(connection)
        .await
        .map_err(&ending)?;
    if !open.is_empty() {
        let update = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, to_millis(now).into())
            .col_expr(session::Column::EndReason, EndReason::LoggedOut.as_str().into())
            .filter(these);
        update.exec(connection).await.map_err(&ending)?;
    }
    Ok(open.into_iter().map(SessionId::from_uuid).collect())
}

/// True when this session of the account began after that, and has not been ended.
pub(super) async fn began_after(
    connection: &impl ConnectionTrait,
    id: SessionId,
    account: UserId,
    when: DateTime<Utc>,
) -> Result<bool, Fault> {
    let query = session::Entity::find_by_id(id.uuid())
        .filter(session::Column::AccountId.eq(account.uuid()))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::CreatedAt.gt(to_millis(when)));
    Ok(query.one(connection).await.map_err(fault("reading a session"))?.is_some())
}

/// Those that can still be used, of whom was there last first.
pub(super) async fn of_accounts(
    connection: &impl ConnectionTrait,
    accounts: &[UserId],
    now: DateTime<Utc>,
) -> Result<HashMap<UserId, Vec<SessionView>>, Fault> {
    let query = session::Entity::find()
        .filter(session::Column::AccountId.is_in(accounts.iter().map(|id| id.uuid())))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(to_millis(now)))
        .order_by_desc(session::Column::LastSeenAt)
        .order_by_desc(session::Column::Id)
        .limit(LISTED);
    let rows = query.all(connection).await.map_err(fault("reading sessions"))?;
    let mut sessions: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let theirs = sessions.entry(UserId::from_uuid(row.account_id)).or_default();
        if theirs.len() < LISTED_OF_ONE {
            theirs.push(SessionView {
                id: SessionId::from_uuid(row.id),
                created_at: from_millis(row.created_at),
                last_seen_at: from_millis(row.last_seen_at),
                device: row.device.map(Device::restore),
            });
        }
    }
    Ok(sessions)
}

/// Those of an account that have not been ended.
pub(super) async fn open_of(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<Vec<Session>, Fault> {
    let query = session::Entity::find()
        .filter(session::Column::AccountId.eq(account.uuid()))
        .filter(session::Column::EndedAt.is_null())
        .order_by_asc(session::Column::Id)
        .lock_exclusive();
    let rows = query.all(connection).await.map_err(fault("reading sessions"))?;
    rows.iter().map(|row| restore(row, None)).collect()
}

fn restore(row: &session::Model, presented: Option<PresentedToken>) -> Result<Session, Fault> {
    let ended = match (row.ended_at, row.end_reason.as_deref()) {
        (Some(at), Some(reason)) => Some((from_millis(at), EndReason::from_name(reason)?)),
        _ => None,
    };
    Ok(Session::restore(SessionSnapshot {
        id: SessionId::from_uuid(row.id),
        account: UserId::from_uuid(row.account_id),
        created_at: from_millis(row.created_at),
        device: row.device.clone().map(Device::restore),
        last_seen_at: from_millis(row.last_seen_at),
        expires_at: from_millis(row.expires_at),
        ended,
        presented,
    }))
}

pub(super) async fn save(connection: &impl ConnectionTrait, session: &Session) -> Result<(), Fault> {
    let saving = fault("saving a session");
    let state = session.state();
    let row = session::ActiveModel {
        id: Set(state.id.uuid()),
        account_id: Set(state.account.uuid()),
        created_at: Set(to_millis(state.created_at)),
        expires_at: Set(to_millis(state.expires_at)),
        ended_at: Set(state.ended.map(|(at, _)| to_millis(at))),
        end_reason: Set(state.ended.map(|(_, reason)| reason.as_str().to_owned())),
        device: Set(state.device.as_ref().map(|device| device.as_str().to_owned())),
        last_seen_at: Set(to_millis(state.last_seen_at)),
    };
    let update = OnConflict::column(session::Column::Id)
        .update_columns([
            session::Column::LastSeenAt,
            session::Column::ExpiresAt,
            session::Column::EndedAt,
            session::Column::EndReason,
        ])
        .to_owned();
    let upsert = session::Entity::insert(row).on_conflict(update).exec_without_returning(connection);
    upsert.await.map_err(&saving)?;
    let mut issued_at = state.created_at;
    if let Some(PresentedToken { hash, used_at: Some(used_at), .. }) = &state.presented {
        issued_at = *used_at;
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::UsedAt, to_millis(*used_at).into())
            .filter(refresh_token::Column::Hash.eq(hash.as_str()))
            .exec(connection)
            .await
            .map_err(&saving)?;
    }
    if let Some(hash) = session.issued() {
        let token = refresh_token::ActiveModel {
            hash: Set(hash.as_str().to_owned()),
            session_id: Set(state.id.uuid()),
            issued_at: Set(to_millis(issued_at)),
            expires_at: Set(to_millis(state.expires_at)),
            used_at: Set(None),
        };
        let insert = refresh_token::Entity::insert(token).exec_without_returning(connection);
        insert.await.map_err(&saving)?;
    }
    Ok(())
}
