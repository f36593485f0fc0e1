//! What goes out.

mod access_tokens;
mod argon2_passwords;
mod client_limits;
mod openid_providers;
pub(crate) mod persistence;
mod signing_keys;
mod vault;
mod webauthn_passkeys;

pub use access_tokens::SignedTokens;
pub use argon2_passwords::Argon2Passwords;
pub use client_limits::LimitedClients;
pub use openid_providers::{OpenIdProviders, SIGN_IN_BACK};
pub use persistence::{AGES, SeaReads, SeaStore};
pub use signing_keys::SigningKeys;
pub use vault::SealedBySigningKeys;
pub use webauthn_passkeys::WebauthnPasskeys;
