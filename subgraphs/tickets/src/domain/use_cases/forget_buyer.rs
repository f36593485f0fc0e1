use contracts::{
    Announcement,
    erasure::{ErasureReply, ForgetBuyer},
    saga::Outcome,
};
use kernel::{Error, Fault, Result, UserId};
use uuid::Uuid;

use super::Tickets;

impl Tickets {
    /// Forgets who bought. What is set aside for them is let go, and they wait for nothing any more. While an order of theirs is
    /// under way, or money goes back, nothing more is done and nothing answered, since its buyer has to be reached; it is asked
    /// again. Orders and tickets stay, and so do the names on tickets until their event is over.
    #[tracing::instrument(skip_all)]
    pub async fn forget_buyer(&self, message: Uuid, ask: ForgetBuyer) -> Result<()> {
        let buyer = ask.account.user_id;
        self.let_go_of_everything(buyer).await?;
        if self.reads.has_orders_under_way(buyer).await? {
            return Ok(());
        }
        // It needs no inbox: doing it twice is once. The answer has one.
        self.learn_account(ask.account).await?;
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        tx.tell(Announcement::of(&ErasureReply(ask.asked.answer(Outcome::Done)))).await?;
        Ok(tx.commit().await?)
    }

    async fn let_go_of_everything(&self, buyer: UserId) -> Result<()> {
        self.leave_all_waitlists(buyer).await?;
        for reservation in self.reads.open_reservations_of(buyer).await? {
            unless_refused(self.release_reservation(reservation, buyer).await)?;
        }
        Ok(())
    }

    /// Has a buyer wait for nothing any more. What they are just buying goes on.
    pub(super) async fn leave_all_waitlists(&self, buyer: UserId) -> Result<()> {
        for entry in self.reads.open_waitlist_entries_of(buyer).await? {
            unless_refused(self.leave_waitlist(entry, buyer).await)?;
        }
        Ok(())
    }

    /// Takes the names off tickets of people who are gone, where the event is over by now. True when there may be more.
    pub async fn forget_who_went_in(&self) -> Result<bool> {
        Ok(self.store.forget_next_names().await?)
    }
}

/// What is refused has become something else meanwhile, such as an order.
fn unless_refused<T>(outcome: Result<T>) -> Result<(), Fault> {
    match outcome {
        Err(Error::Broken(fault)) => Err(fault),
        Ok(_) | Err(_) => Ok(()),
    }
}
