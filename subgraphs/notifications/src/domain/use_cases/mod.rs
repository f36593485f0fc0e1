//! What can be asked of notifications, a file each.

mod choose_preferences;
mod confirm_order;
mod list_notifications;
mod mark_read;
mod note_facts;
mod send_outgoing;
mod tell_of_cancellation;
mod tell_of_decline;
mod tell_of_end;
mod watch_notifications;
mod write_about_account;

pub(crate) use send_outgoing::AT_ONCE;

use std::sync::Arc;

use chrono::Duration;
use kernel::{Result, UserId};

use super::{
    entities::{Account, Channel, Notification, Told},
    letter::Letter,
    ports::{Mailer, News, Queue, Reads, SmsGateway, Store, Tx},
};

/// The use cases of notifications.
#[derive(Clone)]
pub struct Notifications {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) reads: Arc<dyn Reads>,
    pub(crate) news: Arc<dyn News>,
    pub(crate) mailer: Arc<dyn Mailer>,
    /// None: no SMS is queued, none is sent.
    pub(crate) sms: Option<Arc<dyn SmsGateway>>,
    /// How long a mail is tried.
    pub(crate) patience: Duration,
    /// Where people reach the site.
    pub(crate) public_url: String,
    /// How many mails to others than themselves one person brings about in a day.
    pub(crate) mails_to_others: u32,
}

impl Notifications {
    /// Puts a message into a person's list, unless they do not want that.
    async fn list(&self, tx: &mut dyn Tx, user: UserId, told: Told) -> Result<()> {
        if tx.account(user).await?.is_some_and(|account| account.erased) {
            return Ok(());
        }
        if tx.preferences(user).await?.allow(told.kind, Channel::InApp) {
            tx.add(&Notification::in_app(user, told, tx.now())).await?;
        }
        Ok(())
    }

    /// How many mails to others a person may still bring about today: whose words they are nobody has looked at.
    async fn mails_left(&self, tx: &mut dyn Tx, user: UserId) -> Result<usize> {
        let sent = tx.mails_to_others(user, tx.now() - Duration::days(1)).await?;
        Ok(usize::try_from(u64::from(self.mails_to_others).saturating_sub(sent)).unwrap_or(usize::MAX))
    }

    /// Queues an SMS to who has chosen that and has a number.
    async fn text(&self, tx: &mut dyn Tx, to: &Account, letter: Letter, cause: String) -> Result<()> {
        let Some(number) = to.phone.clone().filter(|_| self.sms.is_some()) else { return Ok(()) };
        if tx.preferences(to.user_id).await?.allow(letter.kind(), Channel::Sms) {
            let (kind, subject, body) = (letter.kind(), letter.subject(), letter.sms(&self.public_url));
            let told = Told { kind, cause, subject, body };
            tx.add(&Notification::sms(to.user_id, number, told, letter, tx.now())).await?;
        }
        Ok(())
    }
}
