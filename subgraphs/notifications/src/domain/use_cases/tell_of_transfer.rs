use contracts::{
    purchase::EventOnTicket,
    tickets::{TicketRenamed, TicketTransferred, TransferParty},
};
use kernel::{Fault, Result, TicketId, UserId};
use uuid::Uuid;

use super::{Notifications, Occasion};
use crate::domain::{
    entities::{Account, Holder, Kind, Organizer, Reader, Recipient, RemindedTicket, reminds_at},
    letter::{GivenTicket, Letter, TicketGivenAway},
    ports::Tx,
    words::Language,
};

impl Notifications {
    /// Gives a ticket that was passed on to who has it now, and tells who had it that it is gone. Who has passed it on again
    /// meanwhile is given nothing: what they would be sent admits nobody any more.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_transfer(&self, message: Uuid, transfer: &TicketTransferred) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let (from, organizer) = party(tx.as_mut(), &transfer.from, &transfer.event).await?;
        let (to, _) = party(tx.as_mut(), &transfer.to, &transfer.event).await?;
        let cause = of_transfer(transfer.ticket_id);
        let words = transfer.to.locale.as_deref().map(Language::of);
        let givers = || transfer.from.locale.as_deref().map(Language::of);
        let words = words.or(from.as_ref().map(Reader::language)).or_else(givers).unwrap_or_default();
        let on = Occasion { cause: &cause, organizer: organizer.as_ref(), words, now: tx.now() };
        tx.end_reminder(transfer.replaced_ticket_id).await?;
        let of_before = of_transfer(transfer.replaced_ticket_id);
        tx.withdraw(Kind::TicketTransferred, &of_before, &keys(&transfer.from)).await?;
        if !tx.is_gone(transfer.ticket_id).await? {
            self.give(tx.as_mut(), transfer, to.as_ref(), &on).await?;
        }
        let name = from.as_ref().and_then(|from| from.account.as_ref()).map(|account| account.name.as_str());
        let letter = TicketGivenAway::told(name.unwrap_or(&transfer.from.name), transfer);
        let on = Occasion { words: transfer.from.locale.as_deref().map_or(words, Language::of), ..on };
        self.tell_party(tx.as_mut(), &transfer.from, from.as_ref(), Letter::TicketGivenAway(letter), &on)
            .await?;
        tx.commit().await
    }

    async fn give(
        &self,
        tx: &mut dyn Tx,
        transfer: &TicketTransferred,
        to: Option<&Reader>,
        on: &Occasion<'_>,
    ) -> Result<()> {
        if to.is_some_and(Reader::erased) {
            return Ok(());
        }
        let ticket = RemindedTicket {
            ticket_id: transfer.ticket_id,
            event_id: transfer.event.event_id,
            order_id: transfer.order_id,
            holder: holder(&transfer.to, on.words),
        };
        tx.keep_reminder(&ticket, Some(reminds_at(transfer.event.starts_at, transfer.event.timezone)))
            .await?;
        self.tell_party(tx, &transfer.to, to, Letter::TicketGiven(GivenTicket::told(transfer)), on).await
    }

    /// One of the two: by a mail, and a line in the list of who has an account.
    async fn tell_party(
        &self,
        tx: &mut dyn Tx,
        party: &TransferParty,
        reader: Option<&Reader>,
        letter: Letter,
        on: &Occasion<'_>,
    ) -> Result<()> {
        match reader.and_then(|reader| Some((reader, reader.account.as_ref()?))) {
            Some((_, account)) if account.erased => Ok(()),
            Some((reader, account)) => {
                let told = letter.listed(account.language, on.cause.to_owned());
                tx.add(&self.mail_to(account, letter, on)).await?;
                self.list(tx, reader, told).await
            }
            None if party.email.is_empty() => Ok(()),
            None => tx.add(&self.mail_to_address(&party.email, &party.name, letter, on)).await,
        }
    }

    /// A ticket that goes to another address is sent there. Who only has another name on it has what is needed: the code is
    /// what it was.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_new_name(&self, message: Uuid, renamed: &TicketRenamed) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let address = |email: &str| Recipient::Address(email.to_owned()).key();
        let (now, before) = (address(&renamed.ticket.holder_email), address(&renamed.previous_email));
        if now == before || now.is_empty() || tx.is_gone(renamed.ticket.ticket_id).await? {
            return tx.commit().await;
        }
        let mut owner = None;
        let mut organizer = None;
        if let Some(user) = renamed.owner_id {
            let (reader, look) = tx.reader_of(user, renamed.event.event_id).await?;
            (owner, organizer) = (reader.account, look);
        }
        let words = owner.as_ref().map(|owner| owner.language).unwrap_or_default();
        let is_owner = |owner: &Account| address(&owner.email) == now;
        let (name, email) = (&renamed.ticket.holder_name, &renamed.ticket.holder_email);
        let recipient = match owner.as_ref().filter(|owner| is_owner(owner)) {
            Some(owner) => Recipient::Person(owner.user_id),
            None => Recipient::Address(email.clone()),
        };
        let to = Holder { recipient, email: email.clone(), name: name.clone(), language: words };
        tx.hand_reminder_over(renamed.ticket.ticket_id, &to).await?;
        let cause = format!("renamed:{}:{}", renamed.ticket.ticket_id, renamed.at.timestamp_millis());
        let on = Occasion { cause: &cause, organizer: organizer.as_ref(), words, now: tx.now() };
        let letter = Letter::TicketGiven(GivenTicket {
            name: name.clone(),
            from: owner.as_ref().map(|owner| owner.name.clone()).unwrap_or_default(),
            order_id: renamed.order_id,
            order_number: renamed.number.clone(),
            event: Box::new(renamed.event.clone()),
            tickets: vec![renamed.ticket.clone()],
        });
        let mail = match owner.as_ref().filter(|owner| is_owner(owner)) {
            Some(owner) => self.mail_to(owner, letter, &on),
            None => self.mail_to_address(email, name, letter, &on).on_behalf_of(renamed.by),
        };
        tx.add(&mail).await?;
        tx.commit().await
    }
}

/// Nobody is told twice of one transfer.
fn of_transfer(ticket: TicketId) -> String {
    format!("transfer:{ticket}")
}

/// By which keys mails to one of the two may be found.
fn keys(party: &TransferParty) -> Vec<String> {
    let person = party.user_id.map(|user| Recipient::Person(user).key());
    let address = Recipient::Address(party.email.clone()).key();
    person.into_iter().chain(Some(address).filter(|key| !key.is_empty())).collect()
}

fn holder(party: &TransferParty, language: Language) -> Holder {
    let address = || Recipient::Address(party.email.clone());
    Holder {
        recipient: party.user_id.map_or_else(address, Recipient::Person),
        email: party.email.clone(),
        name: party.name.clone(),
        language,
    }
}

/// One of the two, where they have an account; and how the event's organization presents itself.
async fn party(
    tx: &mut dyn Tx,
    party: &TransferParty,
    event: &EventOnTicket,
) -> Result<(Option<Reader>, Option<Organizer>)> {
    let Some(user) = party.user_id else { return Ok((None, None)) };
    let (reader, organizer) = tx.reader_of(user, event.event_id).await?;
    if reader.account.is_none() {
        return Err(unknown(user));
    }
    Ok((Some(reader), organizer))
}

fn unknown(user: UserId) -> kernel::Error {
    // It is on its way from users; the message comes again.
    Fault::passing("telling of a ticket that changed hands", format!("{user} is not known yet")).into()
}
