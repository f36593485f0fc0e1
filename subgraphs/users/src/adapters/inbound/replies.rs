//! What comes from the bus: answers to what erasures have asked.

use async_trait::async_trait;
use contracts::{Contract, erasure::ErasureReply};
use kernel::Result;
use messaging::{Handler, Message};

use crate::Users;

/// What users reads.
pub(crate) const SUBJECTS: [&str; 1] = [ErasureReply::SUBJECT];

/// Passes answers on.
pub(crate) struct Replies(pub(crate) Users);

#[async_trait]
impl Handler for Replies {
    async fn handle(&self, message: &Message) -> Result<()> {
        match message.read::<ErasureReply>()? {
            Some(ErasureReply(reply)) => self.0.erasure_answered(message.id, reply).await,
            None => Ok(()),
        }
    }
}
