//! What was answered under idempotency keys.

use kernel::Fault;
use service::database::Write;

use super::{
    sql::{millis, one},
    transaction::SeaTx,
};
use crate::domain::ports::{Answered, Key};

pub(super) async fn find(tx: &SeaTx, key: Key<'_>) -> Result<Option<Answered>, Fault> {
    one(
        &tx.transaction,
        "reading an idempotency key",
        "SELECT fingerprint, made FROM idempotency_keys WHERE by_user = $1 AND operation = $2 AND key = $3",
        [key.by.uuid().into(), key.operation.into(), key.key.into()],
        |row| Ok(Answered { fingerprint: row.get("fingerprint")?, made: row.get("made")? }),
    )
    .await
}

pub(super) async fn keep(tx: &mut SeaTx, key: Key<'_>, answer: Answered) -> Result<(), Fault> {
    // The same key may be answered for another thing at this moment; a retry finds that answer.
    let write = Write::insert(
        "keeping an idempotency key",
        "idempotency_keys (by_user, operation, key, fingerprint, made, at)",
        "ON CONFLICT DO NOTHING",
        [
            key.by.uuid().into(),
            key.operation.into(),
            key.key.into(),
            answer.fingerprint.into(),
            answer.made.into(),
            millis(tx.now),
        ],
    );
    tx.write(write.changes(1)).await
}
