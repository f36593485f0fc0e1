//! Second factors, ceremonies and accounts elsewhere.

use std::collections::HashMap;

use kernel::{Fault, ForeignAccountId, SecondFactorId, UserId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    SqlErr, TryInsertResult, sea_query::OnConflict,
};
use service::database::fault;

use crate::domain::entities::{
    SecretHash,
    sign_in::{Ceremony, ForeignAccount, Means, Purpose, SecondFactor, SecondFactors},
};

mod second_factor {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "second_factors")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub kind: String,
        pub name: String,
        pub secret: String,
        pub credential: Option<String>,
        pub last_step: i64,
        pub wrong: i64,
        pub wrong_since: i64,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod ceremony {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "ceremonies")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token: String,
        pub purpose: String,
        pub account_id: Option<Uuid>,
        pub state: String,
        pub wrong: i64,
        pub created_at: i64,
        pub expires_at: i64,
        pub used_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod foreign_account {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "foreign_accounts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub issuer: String,
        pub subject: String,
        pub linked_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How many factors of a page of people are looked at: more than each of them may have.
const FACTORS: u64 = 2_500;

/// All of these people, the oldest first.
pub(super) async fn factors_of(
    connection: &impl ConnectionTrait,
    accounts: &[UserId],
) -> Result<HashMap<UserId, Vec<SecondFactor>>, Fault> {
    let query = second_factor::Entity::find()
        .filter(second_factor::Column::AccountId.is_in(accounts.iter().map(|id| id.uuid())))
        .order_by_asc(second_factor::Column::Id)
        .limit(FACTORS);
    let rows = query.all(connection).await.map_err(fault("reading second factors"))?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        found.entry(UserId::from_uuid(row.account_id)).or_default().push(restore(row)?);
    }
    Ok(found)
}

/// False when a new passkey is known already.
pub(super) async fn save_factors(
    connection: &impl ConnectionTrait,
    factors: &mut SecondFactors,
) -> Result<bool, Fault> {
    let saving = fault("saving a second factor");
    let account = factors.account();
    let (changed, removed) = factors.take_changed();
    if !removed.is_empty() {
        let gone = second_factor::Entity::delete_many()
            .filter(second_factor::Column::Id.is_in(removed.iter().map(|id| id.uuid())));
        gone.exec(connection).await.map_err(&saving)?;
    }
    for factor in changed {
        let update = OnConflict::column(second_factor::Column::Id)
            .update_columns([
                second_factor::Column::Secret,
                second_factor::Column::LastStep,
                second_factor::Column::Wrong,
                second_factor::Column::WrongSince,
            ])
            .to_owned();
        let upsert = second_factor::Entity::insert(row(account, &factor)).on_conflict(update);
        match upsert.exec_without_returning(connection).await {
            Ok(_) => {}
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                return Ok(false);
            }
            Err(error) => return Err(saving(error)),
        }
    }
    Ok(true)
}

/// Whose passkey this is.
pub(super) async fn passkey(
    connection: &impl ConnectionTrait,
    credential: &str,
) -> Result<Option<(UserId, SecondFactorId)>, Fault> {
    let query = second_factor::Entity::find().filter(second_factor::Column::Credential.eq(credential));
    let row = query.one(connection).await.map_err(fault("reading a passkey"))?;
    Ok(row.map(|row| (UserId::from_uuid(row.account_id), SecondFactorId::from_uuid(row.id))))
}

fn restore(row: second_factor::Model) -> Result<SecondFactor, Fault> {
    let means = match (row.kind.as_str(), row.credential) {
        ("TOTP", None) => Means::Totp {
            sealed: row.secret,
            last_step: row.last_step,
            wrong: (row.wrong, from_millis(row.wrong_since)),
        },
        ("PASSKEY", Some(credential)) => Means::Passkey { credential, stored: row.secret },
        ("RECOVERY_CODES", None) => Means::RecoveryCodes(
            row.secret.split_whitespace().map(|hash| SecretHash::restore(hash.to_owned())).collect(),
        ),
        _ => return Err(Fault::broken_rule(format!("the second factor {} is of no kind", row.id))),
    };
    let id = SecondFactorId::from_uuid(row.id);
    Ok(SecondFactor { id, name: row.name, created_at: from_millis(row.created_at), means })
}

fn row(account: UserId, factor: &SecondFactor) -> second_factor::ActiveModel {
    let (mut credential_of, mut step, mut counted) = (None, 0, (0, 0));
    let secret = match &factor.means {
        Means::Totp { sealed, last_step, wrong: (times, since) } => {
            (step, counted) = (*last_step, (*times, to_millis(*since)));
            sealed.clone()
        }
        Means::Passkey { credential, stored } => {
            credential_of = Some(credential.clone());
            stored.clone()
        }
        Means::RecoveryCodes(unused) => unused.iter().map(SecretHash::as_str).collect::<Vec<_>>().join(" "),
    };
    second_factor::ActiveModel {
        id: Set(factor.id.uuid()),
        account_id: Set(account.uuid()),
        kind: Set(factor.kind().as_str().to_owned()),
        name: Set(factor.name.clone()),
        secret: Set(secret),
        credential: Set(credential_of),
        last_step: Set(step),
        wrong: Set(counted.0),
        wrong_since: Set(counted.1),
        created_at: Set(to_millis(factor.created_at)),
    }
}

pub(super) async fn ceremony(
    connection: &impl ConnectionTrait,
    token: &SecretHash,
    to_change: bool,
) -> Result<Option<Ceremony>, Fault> {
    let mut query = ceremony::Entity::find_by_id(token.as_str().to_owned());
    if to_change {
        query = query.lock_exclusive();
    }
    let row = query.one(connection).await.map_err(fault("reading what is under way"))?;
    let restore = |row: ceremony::Model| {
        Ok(Ceremony {
            token: SecretHash::restore(row.token),
            purpose: Purpose::from_name(&row.purpose)?,
            account: row.account_id.map(UserId::from_uuid),
            state: row.state,
            wrong: row.wrong,
            created_at: from_millis(row.created_at),
            expires_at: from_millis(row.expires_at),
            used_at: row.used_at.map(from_millis),
        })
    };
    row.map(restore).transpose()
}

pub(super) async fn save_ceremony(connection: &impl ConnectionTrait, of: &Ceremony) -> Result<(), Fault> {
    let row = ceremony::ActiveModel {
        token: Set(of.token.as_str().to_owned()),
        purpose: Set(of.purpose.as_str().to_owned()),
        account_id: Set(of.account.map(UserId::uuid)),
        // What has been used is not needed any more.
        state: Set(if of.used_at.is_some() { String::new() } else { of.state.clone() }),
        wrong: Set(of.wrong),
        created_at: Set(to_millis(of.created_at)),
        expires_at: Set(to_millis(of.expires_at)),
        used_at: Set(of.used_at.map(to_millis)),
    };
    let update = OnConflict::column(ceremony::Column::Token)
        .update_columns([ceremony::Column::State, ceremony::Column::Wrong, ceremony::Column::UsedAt])
        .to_owned();
    let upsert = ceremony::Entity::insert(row).on_conflict(update).exec_without_returning(connection);
    upsert.await.map(drop).map_err(fault("saving what is under way"))
}

pub(super) async fn foreign_account(
    connection: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<ForeignAccount>, Fault> {
    let query = foreign_account::Entity::find()
        .filter(foreign_account::Column::Issuer.eq(issuer))
        .filter(foreign_account::Column::Subject.eq(subject));
    let row = query.one(connection).await.map_err(fault("reading an account elsewhere"))?;
    Ok(row.map(foreign))
}

pub(super) async fn foreign_accounts_of(
    connection: &impl ConnectionTrait,
    accounts: &[UserId],
) -> Result<HashMap<UserId, Vec<ForeignAccount>>, Fault> {
    let query = foreign_account::Entity::find()
        .filter(foreign_account::Column::AccountId.is_in(accounts.iter().map(|id| id.uuid())))
        .order_by_asc(foreign_account::Column::Id)
        .limit(FACTORS);
    let rows = query.all(connection).await.map_err(fault("reading accounts elsewhere"))?;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows.into_iter().map(foreign) {
        found.entry(row.account).or_default().push(row);
    }
    Ok(found)
}

/// False when it opens an account already.
pub(super) async fn add_foreign_account(
    connection: &impl ConnectionTrait,
    of: &ForeignAccount,
) -> Result<bool, Fault> {
    let row = foreign_account::ActiveModel {
        id: Set(of.id.uuid()),
        account_id: Set(of.account.uuid()),
        issuer: Set(of.issuer.clone()),
        subject: Set(of.subject.clone()),
        linked_at: Set(to_millis(of.linked_at)),
    };
    let insert = foreign_account::Entity::insert(row)
        .on_conflict_do_nothing_on([foreign_account::Column::Issuer, foreign_account::Column::Subject])
        .exec_without_returning(connection)
        .await
        .map_err(fault("adding an account elsewhere"))?;
    Ok(matches!(insert, TryInsertResult::Inserted(1)))
}

pub(super) async fn remove_foreign_account(
    connection: &impl ConnectionTrait,
    account: UserId,
    id: ForeignAccountId,
) -> Result<bool, Fault> {
    let gone = foreign_account::Entity::delete_by_id(id.uuid())
        .filter(foreign_account::Column::AccountId.eq(account.uuid()));
    let gone = gone.exec(connection).await.map_err(fault("removing an account elsewhere"))?;
    Ok(gone.rows_affected > 0)
}

fn foreign(row: foreign_account::Model) -> ForeignAccount {
    ForeignAccount {
        id: ForeignAccountId::from_uuid(row.id),
        account: UserId::from_uuid(row.account_id),
        issuer: row.issuer,
        subject: row.subject,
        linked_at: from_millis(row.linked_at),
    }
}
