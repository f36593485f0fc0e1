//! What was mailed as a link: invitations, and proofs of addresses.

use chrono::{DateTime, Utc};
use kernel::{EmailAddress, Fault, InvitationId, OrganizationId, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use service::database::fault;

use super::{
    organizations::role,
    rows::{address_proof, invitation},
};
use crate::domain::entities::{AddressProof, Invitation, InvitationEnd, ProofPurpose, SecretHash};

/// Of how many proofs is looked when the last were asked for.
const LAST_PROOFS: u64 = 20;

pub(super) async fn proof(
    connection: &impl ConnectionTrait,
    token: &SecretHash,
) -> Result<Option<AddressProof>, Fault> {
    let query = address_proof::Entity::find_by_id(token.as_str().to_owned()).lock_exclusive();
    let row = query.one(connection).await.map_err(fault("reading the proof of an address"))?;
    let restore = |row: address_proof::Model| {
        Ok(AddressProof {
            purpose: ProofPurpose::from_name(&row.purpose)?,
            token: SecretHash::restore(row.token),
            account: UserId::from_uuid(row.account_id),
            created_at: from_millis(row.created_at),
            expires_at: from_millis(row.expires_at),
            used_at: row.used_at.map(from_millis),
        })
    };
    row.map(restore).transpose()
}

pub(super) async fn save_proof(connection: &impl ConnectionTrait, proof: &AddressProof) -> Result<(), Fault> {
    let row = address_proof::ActiveModel {
        token: Set(proof.token.as_str().to_owned()),
        account_id: Set(proof.account.uuid()),
        created_at: Set(to_millis(proof.created_at)),
        expires_at: Set(to_millis(proof.expires_at)),
        used_at: Set(proof.used_at.map(to_millis)),
        purpose: Set(proof.purpose.as_str().to_owned()),
    };
    let update = OnConflict::column(address_proof::Column::Token)
        .update_column(address_proof::Column::UsedAt)
        .to_owned();
    let upsert = address_proof::Entity::insert(row).on_conflict(update).exec_without_returning(connection);
    upsert.await.map(drop).map_err(fault("saving the proof of an address"))
}

/// Makes those worthless that an account was mailed for this.
pub(super) async fn use_up_proofs(
    connection: &impl ConnectionTrait,
    account: UserId,
    purpose: ProofPurpose,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let update = address_proof::Entity::update_many()
        .col_expr(address_proof::Column::UsedAt, to_millis(now).into())
        .filter(address_proof::Column::AccountId.eq(account.uuid()))
        .filter(address_proof::Column::Purpose.eq(purpose.as_str()))
        .filter(address_proof::Column::UsedAt.is_null());
    update.exec(connection).await.map(drop).map_err(fault("ending proofs of an address"))
}

pub(super) async fn proofs_since(
    connection: &impl ConnectionTrait,
    account: UserId,
    purpose: ProofPurpose,
    since: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, Fault> {
    let query = address_proof::Entity::find()
        .filter(address_proof::Column::AccountId.eq(account.uuid()))
        .filter(address_proof::Column::Purpose.eq(purpose.as_str()))
        .filter(address_proof::Column::CreatedAt.gt(to_millis(since)))
        .order_by_desc(address_proof::Column::CreatedAt)
        .limit(LAST_PROOFS);
    let rows = query.all(connection).await.map_err(fault("reading proofs of an address"))?;
    Ok(rows.into_iter().map(|row| from_millis(row.created_at)).collect())
}

pub(super) async fn by_token(
    connection: &impl ConnectionTrait,
    token: &SecretHash,
) -> Result<Option<Invitation>, Fault> {
    let query = invitation::Entity::find().filter(invitation::Column::Token.eq(token.as_str()));
    query.one(connection).await.map_err(fault("reading an invitation"))?.map(restore).transpose()
}

pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: InvitationId,
) -> Result<Option<Invitation>, Fault> {
    let row = invitation::Entity::find_by_id(id.uuid()).one(connection).await;
    row.map_err(fault("reading an invitation"))?.map(restore).transpose()
}

pub(super) async fn open(
    connection: &impl ConnectionTrait,
    organization: OrganizationId,
    email: &EmailAddress,
) -> Result<Option<Invitation>, Fault> {
    let query = invitation::Entity::find()
        .filter(invitation::Column::OrganizationId.eq(organization.uuid()))
        .filter(invitation::Column::EmailNormalised.eq(email.normalised()))
        .filter(invitation::Column::EndedAt.is_null());
    query.one(connection).await.map_err(fault("reading an invitation"))?.map(restore).transpose()
}

/// How many of the organization wait for an answer, and how many this person has sent since then.
pub(super) async fn count(
    connection: &impl ConnectionTrait,
    organization: OrganizationId,
    by: UserId,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<(u64, u64), Fault> {
    let counting = fault("counting invitations");
    let open = invitation::Entity::find()
        .filter(invitation::Column::OrganizationId.eq(organization.uuid()))
        .filter(invitation::Column::EndedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(to_millis(now)));
    let sent = invitation::Entity::find()
        .filter(invitation::Column::InvitedBy.eq(by.uuid()))
        .filter(invitation::Column::CreatedAt.gt(to_millis(since)));
    let open = open.count(connection).await.map_err(&counting)?;
    Ok((open, sent.count(connection).await.map_err(&counting)?))
}

pub(super) async fn save(connection: &impl ConnectionTrait, of: &Invitation) -> Result<(), Fault> {
    let row = invitation::ActiveModel {
        id: Set(of.id.uuid()),
        organization_id: Set(of.organization.uuid()),
        email: Set(of.email.as_str().to_owned()),
        email_normalised: Set(of.email.normalised()),
        role: Set(of.role.as_str().to_owned()),
        token: Set(of.token.as_str().to_owned()),
        invited_by: Set(of.by.uuid()),
        created_at: Set(to_millis(of.created_at)),
        expires_at: Set(to_millis(of.expires_at)),
        ended_at: Set(of.ended.map(|(at, _)| to_millis(at))),
        end_reason: Set(of.ended.map(|(_, how)| how.as_str().to_owned())),
    };
    let update = OnConflict::column(invitation::Column::Id)
        .update_columns([invitation::Column::EndedAt, invitation::Column::EndReason])
        .to_owned();
    let upsert = invitation::Entity::insert(row).on_conflict(update).exec_without_returning(connection);
    upsert.await.map(drop).map_err(fault("saving an invitation"))
}

pub(super) fn restore(row: invitation::Model) -> Result<Invitation, Fault> {
    let email = EmailAddress::parse("email", &row.email);
    let ended = match (row.ended_at, row.end_reason.as_deref()) {
        (Some(at), Some(how)) => Some((from_millis(at), InvitationEnd::from_name(how)?)),
        _ => None,
    };
    Ok(Invitation {
        id: InvitationId::from_uuid(row.id),
        organization: OrganizationId::from_uuid(row.organization_id),
        email: email
            .map_err(|_| Fault::broken_rule(format!("the invitation {} has a bad address", row.id)))?,
        role: role(&row.role)?,
        token: SecretHash::restore(row.token),
        by: UserId::from_uuid(row.invited_by),
        created_at: from_millis(row.created_at),
        expires_at: from_millis(row.expires_at),
        ended,
    })
}
