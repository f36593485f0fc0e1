//! What comes from the bus.

use async_trait::async_trait;
use contracts::{Contract, users::MembershipChanged};
use kernel::Result;
use messaging::{Handler, Message};

use crate::domain::Events;

/// What events reads.
pub const SUBJECTS: [&str; 1] = [MembershipChanged::SUBJECT];

/// Takes note of what other services tell.
pub struct Inbox(pub Events);

#[async_trait]
impl Handler for Inbox {
    async fn handle(&self, message: &Message) -> Result<()> {
        match message.read::<MembershipChanged>()? {
            Some(change) => self.0.note_membership(message.id, &change).await,
            None => Ok(()),
        }
    }
}
