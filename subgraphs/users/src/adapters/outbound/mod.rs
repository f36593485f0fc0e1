//! What goes out.

mod access_tokens;
mod argon2_passwords;
mod client_limits;
pub(crate) mod persistence;
mod signing_keys;

pub use access_tokens::SignedTokens;
pub use argon2_passwords::Argon2Passwords;
pub use client_limits::LimitedClients;
pub use persistence::{AGES, SeaReads, SeaStore};
pub use signing_keys::SigningKeys;
