use kernel::{Refusal, UserId};
use serde::Serialize;

/// What makes a creating call safe to repeat: the same key with the same input gives the first answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Whose key; other people's keys are other keys.
    pub owner: UserId,
    /// Of which call.
    pub operation: &'static str,
    /// As the client chose it.
    pub key: String,
    /// A digest of the input.
    pub fingerprint: String,
}

impl IdempotencyKey {
    /// Reads the key a client sent with `input`, if it sent one.
    pub fn read(
        owner: UserId,
        operation: &'static str,
        key: Option<&str>,
        input: &impl Serialize,
    ) -> Result<Option<Self>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        let key = kernel::line("idempotencyKey", key, 100)?;
        Ok(Some(Self { owner, operation, key, fingerprint: kernel::fingerprint(input) }))
    }
}
