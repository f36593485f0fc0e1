use contracts::{
    purchase::{EventOnTicket, TicketInHand},
    tickets::TicketTransferred,
};
use kernel::OrderId;
use serde::{Deserialize, Serialize};

use super::{NAME, greeting, named, titled};
use crate::domain::words::{Language, say};

/// A ticket that was passed on, told to who has it now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenTicket {
    /// The reader.
    pub name: String,
    /// Who had it; empty where that is not known.
    pub from: String,
    /// Of which order: that of the calendar entry.
    pub order_id: OrderId,
    /// As people say it, for the ticket's file.
    pub order_number: String,
    /// To which event.
    pub event: Box<EventOnTicket>,
    /// The ticket, alone in a list, as it is attached.
    pub tickets: Vec<TicketInHand>,
}

/// The same, told to who had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketGivenAway {
    /// The reader.
    pub name: String,
    /// Who has it now.
    pub to: String,
    /// To which event.
    pub event: Box<EventOnTicket>,
}

impl GivenTicket {
    /// To who has it now.
    pub fn told(transfer: &TicketTransferred) -> Self {
        Self {
            name: transfer.to.name.clone(),
            from: transfer.from.name.clone(),
            order_id: transfer.order_id,
            order_number: transfer.number.clone(),
            event: Box::new(transfer.event.clone()),
            tickets: vec![transfer.ticket.clone()],
        }
    }

    pub(super) fn subject(&self, words: Language) -> String {
        say!(words, "given-to-you-subject", title = titled(&self.event.title))
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        let news = if self.from.is_empty() {
            say!(words, "given-to-you-nobody")
        } else {
            say!(words, "given-to-you", from = named(&self.from, NAME))
        };
        vec![greeting(words, &self.name), news]
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        say!(words, "given-to-you-in-short", title = titled(&self.event.title))
    }
}

impl TicketGivenAway {
    /// To who had it, called so.
    pub fn told(name: &str, transfer: &TicketTransferred) -> Self {
        let to = if transfer.to.name.is_empty() { &transfer.to.email } else { &transfer.to.name };
        Self { name: name.to_owned(), to: to.clone(), event: Box::new(transfer.event.clone()) }
    }

    pub(super) fn subject(&self, words: Language) -> String {
        say!(words, "given-away-subject", title = titled(&self.event.title))
    }

    pub(super) fn opening(&self, words: Language) -> Vec<String> {
        vec![greeting(words, &self.name), self.in_short(words), say!(words, "given-away-not-you")]
    }

    /// The same for the list of an account, in short.
    pub(super) fn in_short(&self, words: Language) -> String {
        let (title, days) = (titled(&self.event.title), words.times(&self.event).days);
        say!(words, "given-away", title = title, days = days, to = named(&self.to, NAME))
    }
}
