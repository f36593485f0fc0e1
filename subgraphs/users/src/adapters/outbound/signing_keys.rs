use std::{path::PathBuf, sync::Arc};

use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use kernel::Fault;
use service::Database;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::persistence::keys;

/// The Ed25519 keys that access tokens are signed with. They are given by a file, or made once and kept
/// in the service's database, where all replicas find the same.
#[derive(Clone)]
pub struct SigningKeys(Arc<Keys>);

struct Keys {
    source: Source,
    loaded: OnceCell<Loaded>,
}

enum Source {
    /// The newest last.
    Files(Vec<PathBuf>),
    Database(Box<Database>),
}

/// The key that signs, and all that verify.
pub(super) struct Loaded {
    /// As tokens name the key.
    pub(super) kid: String,
    /// It signs.
    pub(super) key: EncodingKey,
    /// It makes refresh tokens of those before.
    pub(super) following: [u8; 32],
    /// They seal what has to be read again, by the names of the keys that they are made of, the newest last.
    pub(super) sealing: Vec<(String, [u8; 32])>,
    /// They verify.
    jwks: JwkSet,
}

impl SigningKeys {
    /// The key in a PEM file (PKCS#8), the same for every replica.
    pub fn in_file(path: PathBuf) -> Self {
        Self::in_files(path, Vec::new())
    }

    /// The same, with the files of keys before it: what they have signed and sealed holds still.
    pub fn in_files(path: PathBuf, mut before: Vec<PathBuf>) -> Self {
        before.push(path);
        Self::of(Source::Files(before))
    }

    /// The keys in the service's database; one is made where there is none. It must be migrated.
    pub fn in_database(database: Database) -> Self {
        Self::of(Source::Database(Box::new(database)))
    }

    /// The public keys, for whoever verifies.
    pub async fn jwks(&self) -> Result<JwkSet, Fault> {
        Ok(self.loaded().await?.jwks.clone())
    }

    pub(super) async fn loaded(&self) -> Result<&Loaded, Fault> {
        self.0.loaded.get_or_try_init(|| self.load()).await
    }

    fn of(source: Source) -> Self {
        Self(Arc::new(Keys { source, loaded: OnceCell::new() }))
    }

    async fn load(&self) -> Result<Loaded, Fault> {
        let pems = match &self.0.source {
            Source::Files(paths) => {
                let mut pems = Vec::new();
                for path in paths {
                    let doing = || format!("reading the signing key in {}", path.display());
                    pems.push(
                        tokio::fs::read_to_string(path).await.map_err(|cause| Fault::new(doing(), cause))?,
                    );
                }
                pems
            }
            Source::Database(database) => {
                let made = SigningKey::from_bytes(&rand::random());
                let pem = made.to_pkcs8_pem(LineEnding::LF);
                let pem = pem.map_err(|cause| Fault::new("writing a signing key", cause))?;
                keys::agree(database, &public(&made)?.1, &pem).await?
            }
        };
        let mut read = Vec::new();
        for pem in &pems {
            let key = SigningKey::from_pkcs8_pem(pem);
            read.push(key.map_err(|cause| Fault::new("reading a signing key", cause))?);
        }
        let newest = read.last().ok_or_else(|| Fault::broken_rule("there is no signing key"))?;
        let sealing = read.iter().map(|key| {
            let made = Sha256::new().chain_update(b"secrets that are sealed").chain_update(key.to_bytes());
            Ok((public(key)?.1, made.finalize().into()))
        });
        let sealing = sealing.collect::<Result<_, Fault>>()?;
        let jwks = read.iter().map(|key| Ok(public(key)?.0)).collect::<Result<_, Fault>>()?;
        let following =
            Sha256::new().chain_update(b"refresh tokens that follow others").chain_update(newest.to_bytes());
        Ok(Loaded {
            kid: public(newest)?.1,
            key: encoding(newest)?,
            following: following.finalize().into(),
            sealing,
            jwks: JwkSet { keys: jwks },
        })
    }
}

/// The public half, and its name: the thumbprint of RFC 7638.
fn public(key: &SigningKey) -> Result<(Jwk, String), Fault> {
    let fault = |cause| Fault::new("publishing a signing key", cause);
    let public = DecodingKey::from_ed_der(key.verifying_key().as_bytes());
    let mut jwk = Jwk::from_decoding_key(&public, Some(Algorithm::EdDSA)).map_err(fault)?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(fault)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok((jwk, kid))
}

fn encoding(key: &SigningKey) -> Result<EncodingKey, Fault> {
    let der = key.to_pkcs8_der().map_err(|cause| Fault::new("writing a signing key", cause))?;
    Ok(EncodingKey::from_ed_der(der.as_bytes()))
}
