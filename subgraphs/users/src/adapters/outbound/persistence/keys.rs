//! Keys of access tokens.

use kernel::{Fault, to_millis};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder};
use service::{Database, database::fault};

use super::rows::signing_key;

/// Keeps a key unless there is one already, and reads back all there are, the newest last: whoever was
/// first has made the key of all replicas.
pub(crate) async fn agree(database: &Database, kid: &str, pem: &str) -> Result<Vec<String>, Fault> {
    let doing = "keeping the signing key";
    let known = all(database).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    let now = service::database::now(&database.reads).await.map_err(fault(doing))?;
    let row = signing_key::ActiveModel {
        generation: Set(1),
        kid: Set(kid.to_owned()),
        private_pem: Set(pem.to_owned()),
        created_at: Set(to_millis(now)),
    };
    signing_key::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(&database.writes)
        .await
        .map_err(fault(doing))?;
    all(database).await
}

async fn all(database: &Database) -> Result<Vec<String>, Fault> {
    let rows = signing_key::Entity::find().order_by_asc(signing_key::Column::Generation);
    let rows = rows.all(&database.writes).await.map_err(fault("reading the signing keys"))?;
    Ok(rows.into_iter().map(|row| row.private_pem).collect())
}
