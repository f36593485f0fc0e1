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
    entities::{Channel, Notification, Reader, Told},
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
    async fn list(&self, tx: &mut dyn Tx, to: &Reader, told: Told) -> Result<()> {
        if !to.erased() && to.preferences.allow(told.kind, Channel::InApp) {
            tx.add(&Notification::in_app(to.user_id, told, tx.now())).await?;
        }
        Ok(())
    }

    /// How many of these mails to others a person may still bring about today: whose words they are nobody has looked at.
    async fn mails_left(&self, tx: &mut dyn Tx, user: UserId, wanted: usize) -> Result<usize> {
        if wanted == 0 {
            return Ok(0);
        }
        let sent = tx.mails_to_others(user, tx.now() - Duration::days(1)).await?;
        let left = u64::from(self.mails_to_others).saturating_sub(sent);
        Ok(usize::try_from(left).map_or(wanted, |left| left.min(wanted)))
    }

    /// Queues an SMS to who has chosen that and has a number.
    async fn text(&self, tx: &mut dyn Tx, to: &Reader, letter: Letter, cause: String) -> Result<()> {
        let number = to.account.as_ref().and_then(|account| account.phone.clone());
        let Some(number) = number.filter(|_| self.sms.is_some()) else { return Ok(()) };
        if to.preferences.allow(letter.kind(), Channel::Sms) {
            let (kind, subject, body) = (letter.kind(), letter.subject(), letter.sms(&self.public_url));
            let told = Told { kind, cause, subject, body };
            tx.add(&Notification::sms(to.user_id, number, told, letter, tx.now())).await?;
        }
        Ok(())
    }
}
