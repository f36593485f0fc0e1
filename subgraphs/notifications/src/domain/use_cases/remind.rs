use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use chrono::TimeDelta;
use kernel::{EventId, OrganizationId, Result, UserId};

use super::{Notifications, Occasion};
use crate::domain::{
    entities::{Channel, DueReminder, Event, Kind, Organizer, Reader, Recipient, reminds_at},
    letter::{Letter, Reminder},
    ports::Tx,
};

/// How many people are reminded in one transaction.
const AT_ONCE: u32 = 50;
/// So much earlier than it is to come a reminder may come.
const EARLY: TimeDelta = TimeDelta::minutes(1);

impl Notifications {
    /// Reminds those whose time it is of what begins soon: by a mail, an SMS and a line in the list, as they want it, once for all
    /// their tickets. Says how long it is until the next one; none where nobody is to be reminded.
    ///
    /// What is due is taken and told in one transaction: of several replicas one does it.
    pub async fn remind(&self) -> Result<Option<Duration>> {
        let wait = self.queue.next_reminder().await?;
        if wait != Some(Duration::ZERO) {
            return Ok(wait);
        }
        let mut tx = self.store.begin().await?;
        let due = tx.take_due_reminders(AT_ONCE).await?;
        let events: BTreeSet<EventId> = due.iter().map(|one| one.event_id).collect();
        let events = tx.events(&events.into_iter().collect::<Vec<_>>()).await?;
        let organizations: BTreeSet<OrganizationId> =
            events.values().filter_map(|event| event.organization).collect();
        let organizers = tx.organizers(&organizations.into_iter().collect::<Vec<_>>()).await?;
        let readers: BTreeSet<UserId> = due.iter().filter_map(|one| one.holder.recipient.user()).collect();
        let readers = tx.readers(&readers.into_iter().collect::<Vec<_>>()).await?;
        let known = Known { events, organizers, readers };
        let addresses: Vec<String> = due.iter().filter_map(|one| known.address_of(one)).collect();
        let stopped = tx.stopped(Kind::EventReminder, &addresses).await?;
        for one in &due {
            self.remind_one(tx.as_mut(), one, &known, &stopped).await?;
        }
        tx.commit().await?;
        Ok(Some(Duration::ZERO))
    }

    async fn remind_one(
        &self,
        tx: &mut dyn Tx,
        due: &DueReminder,
        known: &Known,
        stopped: &HashSet<String>,
    ) -> Result<()> {
        let Some(event) = known.events.get(&due.event_id).filter(|event| !event.called_off) else {
            return Ok(());
        };
        let (Some(starts_at), Some(timezone)) = (event.starts_at, event.timezone) else { return Ok(()) };
        if starts_at <= tx.now() {
            return Ok(());
        }
        let reminds_at = reminds_at(starts_at, timezone);
        if reminds_at > tx.now() + EARLY {
            // It was moved while its tickets were on their way here.
            return tx.remind_later(due, reminds_at).await;
        }
        let reader = due.holder.recipient.user().map(|user| known.readers.get(&user));
        let account = reader.flatten().and_then(|reader| reader.account.as_ref());
        if reader.is_some() && account.is_none_or(|account| account.erased) {
            return Ok(());
        }
        let letter = Letter::Reminder(Reminder {
            name: account.map_or(&due.holder.name, |account| &account.name).clone(),
            event_id: due.event_id,
            title: event.title.clone(),
            venue_name: event.venue_name.clone().unwrap_or_default(),
            starts_at,
            doors_at: event.doors_at,
            timezone,
            tickets: due.tickets,
            order_id: account.map(|_| due.order_id),
        });
        let cause = format!("event:{}:{}", due.event_id, starts_at.timestamp());
        let organizer = event.organization.and_then(|organization| known.organizers.get(&organization));
        let on = Occasion { cause: &cause, organizer, words: due.holder.language, now: tx.now() };
        let is_stopped = known.address_of(due).is_some_and(|address| stopped.contains(&address));
        match (reader.flatten(), account) {
            (Some(reader), Some(account)) => {
                if reader.preferences.allow(letter.kind(), Channel::Email) && !is_stopped {
                    tx.add(&self.mail_to(account, letter.clone(), &on)).await?;
                }
                self.text(tx, reader, letter.clone(), cause.clone()).await?;
                self.list(tx, reader, letter.listed(account.language, cause)).await
            }
            _ if is_stopped => Ok(()),
            _ => {
                let holder = &due.holder;
                tx.add(&self.mail_to_address(&holder.email, &holder.name, letter, &on)).await
            }
        }
    }
}

/// What is known of those who are reminded, and of what.
struct Known {
    events: HashMap<EventId, Event>,
    organizers: HashMap<OrganizationId, Organizer>,
    readers: HashMap<UserId, Reader>,
}

impl Known {
    /// Where somebody's mail goes, by the key of the address.
    fn address_of(&self, due: &DueReminder) -> Option<String> {
        let email = match due.holder.recipient.user() {
            Some(user) => self.readers.get(&user)?.account.as_ref()?.email.clone(),
            None => due.holder.email.clone(),
        };
        Some(Recipient::Address(email).key())
    }
}
