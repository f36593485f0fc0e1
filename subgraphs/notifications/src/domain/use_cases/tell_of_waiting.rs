use contracts::tickets::{WaitlistEnded, WaitlistOffered};
use kernel::{EventId, Fault, Result, UserId};
use uuid::Uuid;

use super::{Notifications, Occasion};
use crate::domain::{
    entities::{Channel, Kind, Reader, Recipient},
    letter::{Letter, OfferedToYou, WaitingOver},
    ports::Tx,
};

impl Notifications {
    /// Tells who waited that places are set aside for them, and until when: by a mail, as they want it, and a line in the list.
    /// Of an offer whose time is over nobody is told any more.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_offer(&self, message: Uuid, offered: &WaitlistOffered) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if offered.expires_at <= tx.now() {
            return tx.commit().await;
        }
        let link = format!("{}/events/{}", self.public_url, offered.event_id.public());
        let letter = |name: &str| Letter::PlacesOffered(OfferedToYou::told(name, offered, link));
        let cause = format!("offer:{}", offered.entry_id);
        self.tell_who_waited(tx.as_mut(), (offered.buyer_id, offered.event_id), &cause, letter).await?;
        tx.commit().await
    }

    /// Tells who waited in vain. An offer that was not sent yet is taken back, however it has ended.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_end_of_waiting(&self, message: Uuid, ended: &WaitlistEnded) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let offer = format!("offer:{}", ended.entry_id);
        tx.withdraw(Kind::WaitlistOffer, &offer, &[Recipient::Person(ended.buyer_id).key()]).await?;
        if let Some(over) = WaitingOver::told("", ended) {
            let letter = |name: &str| Letter::WaitingOver(WaitingOver { name: name.to_owned(), ..over });
            let cause = format!("waiting:{}", ended.entry_id);
            self.tell_who_waited(tx.as_mut(), (ended.buyer_id, ended.event_id), &cause, letter).await?;
        }
        tx.commit().await
    }

    async fn tell_who_waited(
        &self,
        tx: &mut dyn Tx,
        (buyer, event): (UserId, EventId),
        cause: &str,
        letter: impl FnOnce(&str) -> Letter + Send,
    ) -> Result<()> {
        let (reader, organizer) = tx.reader_of(buyer, event).await?;
        let account = reader.account.clone().ok_or_else(|| {
            Fault::passing("telling of a waiting list", format!("buyer {buyer} is not known yet"))
        })?;
        if account.erased {
            return Ok(());
        }
        let letter = letter(&account.name);
        let told = letter.listed(account.language, cause.to_owned());
        if self.may_mail(tx, &reader, letter.kind()).await? {
            let on =
                Occasion { cause, organizer: organizer.as_ref(), words: account.language, now: tx.now() };
            tx.add(&self.mail_to(&account, letter, &on)).await?;
        }
        self.list(tx, &reader, told).await
    }

    /// Whether a mail that can be done without goes to somebody: they want it, and mail arrives there.
    pub(super) async fn may_mail(&self, tx: &mut dyn Tx, to: &Reader, kind: Kind) -> Result<bool> {
        let Some(account) = &to.account else { return Ok(false) };
        if !to.preferences.allow(kind, Channel::Email) {
            return Ok(false);
        }
        let address = Recipient::Address(account.email.clone()).key();
        Ok(tx.stopped(kind, &[address]).await?.is_empty())
    }
}
