use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use kernel::Fault;
use rand::RngExt;
use service::Database;

use super::sql::{execute, one};

/// The secret of the key that is kept here: made once, the same for every replica.
pub(crate) async fn kept_secret(database: &Database) -> Result<[u8; 32], Fault> {
    let doing = "reading the tickets' signing key";
    let new: [u8; 32] = rand::rng().random();
    execute(
        &database.writes,
        doing,
        "INSERT INTO signing_keys (id, secret) VALUES (1, $1) ON CONFLICT DO NOTHING",
        [BASE64_STANDARD_NO_PAD.encode(new).into()],
    )
    .await?;
    let secret: String =
        one(&database.writes, doing, "SELECT secret FROM signing_keys WHERE id = 1", [], |row| {
            row.get("secret")
        })
        .await?
        .ok_or_else(|| Fault::broken_rule("there is no signing key"))?;
    let secret = BASE64_STANDARD_NO_PAD.decode(secret).map_err(|cause| Fault::new(doing, cause))?;
    secret.try_into().map_err(|_| Fault::broken_rule("the signing key is not 32 bytes"))
}
