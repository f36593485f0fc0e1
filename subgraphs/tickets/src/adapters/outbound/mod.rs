//! What the domain uses of the world.

pub(crate) mod google_wallet;
pub(crate) mod members;
pub(crate) mod pace;
pub(crate) mod persistence;
pub(crate) mod signing_keys;
