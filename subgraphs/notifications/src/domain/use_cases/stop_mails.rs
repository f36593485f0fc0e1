use kernel::{NotificationId, Refusal, Result};

use super::Notifications;
use crate::domain::{
    entities::{About, Account, Channel, Kind, Recipient, Told},
    ports::{Stop, Tx},
    words::say,
};

/// A mail server's report that a mail did not arrive.
#[derive(Clone, Debug)]
pub struct Bounce {
    /// To which address.
    pub address: String,
    /// Why, in the mail server's words.
    pub why: String,
}

impl Notifications {
    /// Where the reader of a mail stops mails of its kind, without logging in; none where they cannot be stopped.
    pub(super) async fn unsubscribe_link(&self, id: NotificationId, kind: Kind) -> Result<Option<String>> {
        if !kind.is_optional() {
            return Ok(None);
        }
        let token = self.store.signer().await?.sign(id);
        Ok(Some(format!("{}/api/notifications/v1/unsubscribe/{token}", self.public_url)))
    }

    /// Which mails the link of a mail stops. Looking stops none.
    pub async fn stoppable(&self, token: &str) -> Result<Kind> {
        let mail = self.linked(token).await?;
        let mut tx = self.store.begin().await?;
        Ok(stoppable(tx.as_mut(), mail).await?.1)
    }

    /// The reader of a mail wants no more of its kind: a person with an account has chosen that then, and else it is kept for
    /// the address. Doing it again changes nothing.
    pub async fn stop_mails(&self, token: &str) -> Result<Kind> {
        let mail = self.linked(token).await?;
        let mut tx = self.store.begin().await?;
        let (recipient, kind) = stoppable(tx.as_mut(), mail).await?;
        match recipient {
            Recipient::Person(user) => {
                let mut preferences = tx.preferences(user).await?;
                preferences.choose(kind, Channel::Email, false)?;
                tx.save_preferences(user, &preferences).await?;
            }
            Recipient::Address(_) => {
                tx.stop(&recipient.key(), &Stop::Unwanted(kind)).await?;
            }
        }
        tx.commit().await?;
        Ok(kind)
    }

    /// Which mail a link is of. What it is signed with is looked up outside a transaction: SQLite lets one write at a time.
    async fn linked(&self, token: &str) -> Result<NotificationId> {
        let mail = self.store.signer().await?.read(token);
        Ok(mail.ok_or_else(|| Refusal::not_found("mail"))?)
    }

    /// Mail to these addresses does not arrive: none goes there any more that its reader can do without, and whoever has an
    /// account with one of them reads in their list that it is so. Told again, nothing changes. How many were not known to be so.
    pub async fn mark_unreachable(&self, bounces: &[Bounce]) -> Result<u32> {
        let mut tx = self.store.begin().await?;
        let mut marked = 0;
        for Bounce { address, why } in bounces {
            let key = Recipient::Address(address.clone()).key();
            if key.is_empty() || !tx.stop(&key, &Stop::Unreachable { why: why.clone() }).await? {
                continue;
            }
            marked += 1;
            for owner in tx.accounts_of(&key).await? {
                let reader = tx.reader(owner).await?;
                if let Some(account) = &reader.account {
                    let told = unreachable(account, tx.now().timestamp_millis());
                    self.list(tx.as_mut(), &reader, told).await?;
                }
            }
        }
        tx.commit().await?;
        if marked > 0 {
            metrics::counter!("notifications_unreachable_total").increment(u64::from(marked));
            tracing::warn!(
                marked,
                "mail to some addresses does not arrive: they get none that can be done without"
            );
        }
        Ok(marked)
    }
}

/// To whom a mail was, and of which kind, if that can be stopped.
async fn stoppable(tx: &mut dyn Tx, mail: NotificationId) -> Result<(Recipient, Kind)> {
    let mail = tx.notification(mail).await?.filter(|mail| mail.told().kind.is_optional());
    let mail = mail.ok_or_else(|| Refusal::not_found("mail"))?;
    Ok((mail.recipient().clone(), mail.told().kind))
}

fn unreachable(account: &Account, since: i64) -> Told {
    let words = account.language;
    Told {
        kind: Kind::AddressUnreachable,
        cause: format!("address:{since}"),
        subject: say!(words, "unreachable-subject"),
        body: say!(words, "unreachable", address = &account.email),
        about: About::default(),
    }
}
