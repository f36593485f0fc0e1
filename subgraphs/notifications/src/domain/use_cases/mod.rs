//! What can be asked of notifications, a file each.

mod choose_preferences;
mod confirm_order;
mod forget_reader;
mod hear_of_claim;
mod list_notifications;
mod mail_holders;
mod mark_read;
mod note_facts;
mod remind;
mod send_outgoing;
mod stop_mails;
mod tell_of_cancellation;
mod tell_of_decline;
mod tell_of_dispute;
mod tell_of_end;
mod tell_of_move;
mod tell_of_refunded_tickets;
mod tell_of_transfer;
mod tell_of_waiting;
mod watch_notifications;
mod write_about_account;

pub(crate) use send_outgoing::AT_ONCE;
pub use stop_mails::Bounce;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use kernel::{OrderId, Result, UserId};

use super::{
    entities::{Account, Channel, Kind, Notification, Organizer, Reader, Recipient, Told},
    letter::Letter,
    ports::{Mailer, News, Queue, Reads, SmsGateway, Store, Tx},
    words::Language,
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

    /// A mail to somebody with an account.
    fn mail_to(&self, to: &Account, letter: Letter, on: &Occasion<'_>) -> Notification {
        let recipient = Recipient::Person(to.user_id);
        self.mail(recipient, (&to.email, &to.name), letter, &Occasion { words: to.language, ..*on })
    }

    /// A mail to whoever reads the mail of an address.
    fn mail_to_address(&self, address: &str, name: &str, letter: Letter, on: &Occasion<'_>) -> Notification {
        self.mail(Recipient::Address(address.to_owned()), (address, name), letter, on)
    }

    fn mail(
        &self,
        to: Recipient,
        (address, name): (&str, &str),
        letter: Letter,
        on: &Occasion<'_>,
    ) -> Notification {
        let told = letter.mailed(on.words, on.cause.to_owned(), &self.public_url, on.organizer);
        Notification::mail(to, address.to_owned(), name.to_owned(), told, letter, on.now)
            .presented_by(on.organizer)
            .written_in(on.words)
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
            let told = letter.texted(to.language(), cause, &self.public_url);
            tx.add(&Notification::sms(to.user_id, number, told, letter, tx.now())).await?;
        }
        Ok(())
    }
}

/// On which occasion a mail is written.
#[derive(Clone, Copy)]
struct Occasion<'a> {
    /// What brings it about; nobody has two mails of one kind for one cause.
    cause: &'a str,
    /// Whose event it is about, where that shows.
    organizer: Option<&'a Organizer>,
    /// In which language who has no account is written to.
    words: Language,
    now: DateTime<Utc>,
}

/// Takes the mail back that a payment of an order did not go through, if it was not sent: the order is paid by now, or over.
async fn forget_the_decline(tx: &mut dyn Tx, order: OrderId, buyer: UserId) -> Result<()> {
    let buyer = Recipient::Person(buyer).key();
    tx.withdraw(Kind::PaymentDeclined, &of_order(order), &[buyer]).await
}

/// The cause of what is told once of an order.
fn of_order(order: OrderId) -> String {
    format!("order:{order}")
}

/// What belongs to others than the buyer, by the keys of their addresses: none of the lists is empty.
fn of_others<T>(
    buyer: &Account,
    all: impl IntoIterator<Item = T>,
    address: impl Fn(&T) -> &str,
) -> BTreeMap<String, Vec<T>> {
    let buyers = Recipient::Address(buyer.email.clone()).key();
    let mut others: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for one in all {
        let key = Recipient::Address(address(&one).to_owned()).key();
        if !key.is_empty() && key != buyers {
            others.entry(key).or_default().push(one);
        }
    }
    others
}
