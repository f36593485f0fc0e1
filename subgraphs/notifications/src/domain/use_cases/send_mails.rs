use std::{convert::Infallible, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use futures::future::join_all;
use kernel::{Fault, Result};
use tracing::Instrument as _;

use super::Notifications;
use crate::domain::{
    entities::{Delivery, DeliveryStatus, Notification},
    ports::{Mail, NotSent, Queued},
};

/// How many mails are sent at once.
const AT_ONCE: u32 = 8;
/// How long a mail belongs to who claimed it, unless the claim is renewed: so long it waits when that process
/// is killed.
const LEASE: Duration = Duration::from_secs(12);
/// How often claims are renewed while mails are being sent.
const RENEWAL: Duration = Duration::from_secs(3);
/// How long one try may take in all.
const ONE_TRY: Duration = Duration::from_mins(2);

impl Notifications {
    /// Sends mails that are due; true when there may be more.
    ///
    /// Killed between the mail server's yes and our note of it, the mail is sent once more, with the
    /// same Message-ID: mailboxes show it once.
    pub async fn send_mails(&self) -> Result<bool> {
        if self.mailer.rests() {
            return Ok(false); // all mails stay as they are
        }
        let now = self.now();
        let claimed = self.queue.claim(AT_ONCE, now, now + LEASE).await?;
        let more = claimed.len() == AT_ONCE as usize;
        let sending =
            claimed.iter().map(|mail| self.deliver(&mail.notification).instrument(mail.span.clone()));
        let delivered = tokio::select! {
            delivered = join_all(sending) => delivered,
            never = self.renew_claims(&claimed, now + LEASE) => match never {},
        };
        for noted in delivered {
            noted?;
        }
        Ok(more)
    }

    /// Keeps claims as long as it is waited for.
    async fn renew_claims(&self, claimed: &[Queued], mut until: DateTime<Utc>) -> Infallible {
        let ids: Vec<_> = claimed.iter().map(|mail| mail.notification.id()).collect();
        loop {
            tokio::time::sleep(RENEWAL).await;
            let longer = self.now() + LEASE;
            match self.queue.renew(&ids, until, longer).await {
                Ok(()) => until = longer,
                // Then another may send the mail too: the same message, by its Message-ID.
                Err(error) => tracing::warn!(?error, "claims on mails could not be renewed"),
            }
        }
    }

    async fn deliver(&self, notification: &Notification) -> Result<()> {
        let sent = self.try_to_send(notification).await;
        // The shorter the time in which the yes is not noted, the better.
        let noting = || self.note(notification, &sent);
        noting.retry(ExponentialBuilder::default().with_max_times(4).with_jitter()).await
    }

    async fn try_to_send(&self, notification: &Notification) -> Result<(), NotSent> {
        let Delivery::Mail(outgoing) = notification.delivery() else { return Ok(()) };
        let Some(letter) = outgoing.letter.clone() else { return Ok(()) };
        let mail = Mail {
            id: notification.id(),
            address: outgoing.address.clone(),
            name: outgoing.name.clone(),
            written_at: notification.created_at(),
            letter,
        };
        match tokio::time::timeout(ONE_TRY, self.mailer.send(&mail)).await {
            Ok(sent) => sent,
            Err(late) => Err(NotSent { fault: Fault::passing("sending a mail", late), rejected: false }),
        }
    }

    async fn note(&self, notification: &Notification, sent: &Result<(), NotSent>) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let Some(mut mail) = tx.notification(notification.id()).await? else {
            return Ok(()); // its reader was erased meanwhile
        };
        let (id, kind, now) = (mail.id(), mail.told().kind.as_str(), self.now());
        match sent {
            Ok(()) => mail.sent(now),
            Err(NotSent { fault, .. }) if fault.left_alone().is_some() => mail.not_tried(now),
            Err(NotSent { fault, rejected }) => {
                mail.not_sent(now, fault.chain(), *rejected, self.patience);
            }
        }
        tx.save(&mail).await?;
        tx.commit().await?;
        match (sent, mail.status()) {
            (Err(NotSent { fault, .. }), _) if fault.left_alone().is_some() => {}
            (Ok(()), _) => count("sent", kind),
            (Err(NotSent { fault, .. }), DeliveryStatus::Failed) => {
                count("failed", kind);
                tracing::error!(%id, kind, error = fault.chain(), "a mail could not be sent and was given up");
            }
            (Err(NotSent { fault, rejected }), _) => {
                count("retried", kind);
                tracing::warn!(%id, kind, rejected, error = fault.chain(), "a mail was not sent and will be tried again");
            }
        }
        Ok(())
    }
}

fn count(outcome: &'static str, kind: &'static str) {
    metrics::counter!("mails_total", "outcome" => outcome, "kind" => kind).increment(1);
}
