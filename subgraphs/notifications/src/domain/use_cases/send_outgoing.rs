use std::{convert::Infallible, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use futures::future::join_all;
use kernel::{Fault, NotificationId, Result};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{Bounce, Notifications};
use crate::domain::{
    entities::{Channel, Delivery, DeliveryStatus, Hindrance, Notification},
    ports::{Claimed, Mail, NotSent, Queued, Sms},
};

/// How many are sent at once, of each channel.
pub(crate) const AT_ONCE: u32 = 8;
/// How long a mail or an SMS belongs to who claimed it, unless the claim is renewed: so long it waits when that process
/// is killed.
const LEASE: Duration = Duration::from_secs(12);
/// How often claims are renewed while mails are being sent.
const RENEWAL: Duration = Duration::from_secs(3);
/// How long to wait when the other side is left alone.
const REST: Duration = Duration::from_millis(500);
/// How long one try may take in all.
const ONE_TRY: Duration = Duration::from_mins(2);

impl Notifications {
    /// Sends mails that are due; true when there may be more.
    ///
    /// Killed between the mail server's yes and our note of it, the mail is sent once more, with the
    /// same Message-ID: mailboxes show it once.
    pub async fn send_mails(&self) -> Result<bool> {
        self.send(Channel::Email).await
    }

    /// Sends SMS that are due; true when there may be more.
    ///
    /// One that was taken is marked and never sent again. Killed between the yes and our note of it, or when
    /// the yes came too late for us, it is sent once more, and the person gets it twice: nothing in the ask
    /// tells the other side that it is the same one. Twice is better than never, and the time for it short.
    pub async fn send_sms(&self) -> Result<bool> {
        self.send(Channel::Sms).await
    }

    async fn send(&self, channel: Channel) -> Result<bool> {
        let claimed = self.claim(channel, AT_ONCE).await?;
        let more = claimed.queued.len() == AT_ONCE as usize;
        let until = claimed.until;
        for noted in join_all(claimed.queued.into_iter().map(|one| self.bring(one, until))).await {
            noted?;
        }
        Ok(more)
    }

    /// Claims what is due by a channel, for [`Self::bring`]; nothing while the other side is left alone.
    pub async fn claim(&self, channel: Channel, most: u32) -> Result<Claimed> {
        let rests = match channel {
            Channel::Sms => self.sms.as_ref().is_none_or(|sms| sms.rests()),
            _ => self.mailer.rests(),
        };
        if rests {
            return Ok(Claimed { wait: Some(REST), ..Claimed::default() }); // all stay as they are
        }
        self.queue.claim(channel, most, LEASE).await
    }

    /// Sends one that was claimed, and notes what came of it. The claim lasts as long as that takes. True when it is to be
    /// tried again.
    pub async fn bring(&self, queued: Queued, until: DateTime<Utc>) -> Result<bool> {
        let Queued { notification, span } = queued;
        let claimed = Claim { at: until - LEASE, since: Instant::now() };
        let delivering = self.deliver(&notification, claimed).instrument(span);
        tokio::select! {
            noted = delivering => noted,
            never = self.renew_claim(notification.id(), until) => match never {},
        }
    }

    async fn renew_claim(&self, id: NotificationId, mut until: DateTime<Utc>) -> Infallible {
        loop {
            tokio::time::sleep(RENEWAL).await;
            match self.queue.renew(id, until, LEASE).await {
                Ok(longer) => until = longer,
                // Then another may send the mail too: the same message, by its Message-ID.
                Err(error) => tracing::warn!(?error, "a claim on what is being sent could not be renewed"),
            }
        }
    }

    async fn deliver(&self, notification: &Notification, claimed: Claim) -> Result<bool> {
        let sent = self.try_to_send(notification).await;
        // The shorter the time in which the yes is not noted, the better.
        let now = claimed.now();
        let noting = || self.note(notification.clone(), &sent, now);
        noting.retry(ExponentialBuilder::default().with_max_times(4).with_jitter()).await
    }

    async fn try_to_send(&self, notification: &Notification) -> Result<(), NotSent> {
        let sending = async {
            match notification.delivery() {
                Delivery::Mail(outgoing) => {
                    let Some(letter) = outgoing.letter.clone() else { return Ok(()) };
                    let kind = notification.told().kind;
                    let link = self.unsubscribe_link(notification.id(), kind).await;
                    let unsubscribe = link.map_err(|error| NotSent {
                        fault: Fault::passing("signing a mail's link", error.to_string()),
                        why: Hindrance::Passing,
                    })?;
                    let mail = Mail {
                        id: notification.id(),
                        address: outgoing.address.clone(),
                        name: outgoing.name.clone(),
                        written_at: notification.created_at(),
                        unsubscribe,
                        letter,
                        language: outgoing.language,
                        organizer: outgoing.organizer.clone(),
                    };
                    self.mailer.send(&mail).await
                }
                Delivery::Sms(outgoing) => {
                    let Some(sms) = &self.sms else { return Ok(()) };
                    let text = notification.told().body.clone();
                    sms.send(&Sms { number: outgoing.address.clone(), text }).await
                }
                Delivery::InApp => Ok(()),
            }
        };
        match tokio::time::timeout(ONE_TRY, sending).await {
            Ok(sent) => sent,
            Err(late) => {
                let fault = Fault::passing("sending a message", late);
                Err(NotSent { fault, why: Hindrance::Passing })
            }
        }
    }

    async fn note(
        &self,
        mut mail: Notification,
        sent: &Result<(), NotSent>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let (id, kind, channel) = (mail.id(), mail.told().kind.as_str(), mail.channel());
        match sent {
            Ok(()) => mail.sent(now),
            Err(NotSent { fault, .. }) if fault.left_alone().is_some() => mail.not_tried(now),
            Err(NotSent { fault, why }) => mail.not_sent(now, fault.chain(), *why, self.patience),
        }
        if !self.queue.note(&mail).await? {
            return Ok(false);
        }
        if let (Err(NotSent { fault, why: Hindrance::Undeliverable }), Delivery::Mail(outgoing)) =
            (sent, mail.delivery())
        {
            let bounce = Bounce { address: outgoing.address.clone(), why: fault.chain() };
            self.mark_unreachable(&[bounce]).await?;
        }
        match (sent, mail.status()) {
            (Err(NotSent { fault, .. }), _) if fault.left_alone().is_some() => {}
            (Ok(()), _) => count(channel, "sent", kind),
            (Err(NotSent { fault, why: Hindrance::Undeliverable }), DeliveryStatus::Failed) => {
                count(channel, "failed", kind);
                tracing::warn!(%id, kind, channel = channel.as_str(), error = fault.chain(), "a message can never be sent: its address is not taken");
            }
            (Err(NotSent { fault, .. }), DeliveryStatus::Failed) => {
                count(channel, "failed", kind);
                tracing::error!(%id, kind, channel = channel.as_str(), error = fault.chain(), "a message could not be sent and was given up");
            }
            (Err(NotSent { fault, why }), _) => {
                count(channel, "retried", kind);
                tracing::warn!(%id, kind, channel = channel.as_str(), ?why, error = fault.chain(), "a message was not sent and will be tried again");
            }
        }
        Ok(mail.status() == DeliveryStatus::Queued)
    }
}

/// When a claim was made by the database's clock, and since when that is by this machine's. The one is not asked again: it
/// has gone on as long as the other, however far apart they are.
#[derive(Clone, Copy)]
struct Claim {
    at: DateTime<Utc>,
    since: Instant,
}

impl Claim {
    fn now(&self) -> DateTime<Utc> {
        self.at + self.since.elapsed()
    }
}

fn count(channel: Channel, outcome: &'static str, kind: &'static str) {
    metrics::counter!("notifications_total", "channel" => channel.as_str(), "outcome" => outcome, "kind" => kind)
        .increment(1);
}
