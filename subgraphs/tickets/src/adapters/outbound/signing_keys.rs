//! The keys of tickets, from where the settings say they are.

use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey};
use kernel::Fault;
use service::Database;

use super::persistence::kept_secret;
use crate::{
    config::{KeySource, KeySources},
    domain::entities::TicketKeys,
};

/// Reads all keys; the first of them signs. The database must be up to date.
pub(crate) async fn ticket_keys(sources: &KeySources, database: &Database) -> Result<TicketKeys, Fault> {
    let first = secret(&sources.first, database).await?;
    let mut others = Vec::with_capacity(sources.others.len());
    for source in &sources.others {
        others.push(secret(source, database).await?);
    }
    Ok(TicketKeys::from_secrets(&first, &others))
}

async fn secret(source: &KeySource, database: &Database) -> Result<[u8; 32], Fault> {
    let path = match source {
        KeySource::Database => return kept_secret(database).await,
        KeySource::File(path) => path,
    };
    let doing = || format!("reading the tickets' signing key in {}", path.display());
    let pem = tokio::fs::read_to_string(path).await.map_err(|cause| Fault::new(doing(), cause))?;
    let key = SigningKey::from_pkcs8_pem(&pem).map_err(|cause| Fault::new(doing(), cause))?;
    Ok(key.to_bytes())
}
