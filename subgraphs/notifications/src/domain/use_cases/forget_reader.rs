use contracts::{
    Announcement,
    erasure::{ErasureReply, ForgetReader},
    saga::Outcome,
};
use kernel::Result;
use uuid::Uuid;

use super::{Notifications, note_facts::keep_account};
use crate::domain::entities::{Kind, Recipient};

impl Notifications {
    /// Forgets whom messages went to, and the messages. While the last mail, which says that the account is gone, has not left,
    /// nothing is done and nothing answered; it is asked again.
    #[tracing::instrument(skip_all)]
    pub async fn forget_reader(&self, message: Uuid, ask: &ForgetReader) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let farewell = Recipient::Address(ask.address.clone()).key();
        if tx.is_on_its_way(Kind::AccountDeleted, &farewell).await? {
            return Ok(());
        }
        keep_account(tx.as_mut(), &ask.account, Some(&ask.address)).await?;
        tx.tell(Announcement::of(&ErasureReply(ask.asked.answer(Outcome::Done)))).await?;
        tx.commit().await
    }
}
