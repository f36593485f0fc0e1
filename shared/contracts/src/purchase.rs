//! What the purchase saga asks of services, and how they answer. What it asks of `tickets`, where it runs, needs no message.
//!
//! Asks may come twice, late, and after their own undo; whoever is asked answers each with the
//! outcome that stands. An undo wins over a late do.

use chrono::{DateTime, Utc};
use kernel::{Currency, EventId, Money, OrderId, OrganizationId, TicketId, TimeZone, UserId};
use serde::{Deserialize, Serialize};

use crate::saga::Step;
pub use crate::saga::{Outcome, Way};
use crate::{contract, invoices::Invoice};

/// Asked of `payments`: let the buyer pay, and answer when the money is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakePayment {
    /// For which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// For which event.
    pub event_id: EventId,
    /// Who pays.
    pub buyer_id: UserId,
    /// How much.
    pub amount: Money,
    /// What the buyer's bank statement and receipt should say.
    pub description: String,
    /// After that instant nothing may be paid any more.
    pub expires_at: DateTime<Utc>,
    /// Whose event it is; none where a version asks that does not tell yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// Of the amount, what is the platform's for the service, whoever bears it; none where a version asks that does not tell
    /// yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Money>,
    /// Who is told of the purchase, where the buyer named somebody; for `notifications`, which reads this too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Box<PurchaseContact>>,
}
contract!(TakePayment, "odysseus.ask.payments.take_payment.v1", order_id);

/// Asked of `payments`: nothing is to be paid any more. What is open is cancelled at the provider.
/// What turns out to be paid is, by `if_paid`, kept and answered with
/// [`Outcome::Stands`], or given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnPayment {
    /// For which order.
    pub order_id: OrderId,
    /// What to do with money that is already there.
    pub if_paid: IfPaid,
    /// For the buyer and the books.
    pub reason: String,
}
contract!(ReturnPayment, "odysseus.ask.payments.return_payment.v1", order_id);

/// What to do with money that is already there when a payment is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IfPaid {
    /// Keep it and say so: the purchase may still be completed.
    Keep,
    /// Give all of it back.
    Refund,
}

/// Asked of `notifications`: tell the buyer and hand over the tickets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendConfirmation {
    /// Which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// To whom; the address is known from the account.
    pub buyer_id: UserId,
    /// What was paid.
    pub total: Money,
    /// For which event, as it was at the time.
    pub event: EventOnTicket,
    /// The tickets.
    pub tickets: Vec<TicketInHand>,
    /// The invoice, where there is one; nothing in what was told before there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Box<Invoice>>,
    /// Who is told of the purchase, where the buyer named somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Box<PurchaseContact>>,
    /// By which whoever reads the mail of a guest's order shows that, and takes the order into an account; nothing in what was
    /// told before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_token: Option<String>,
}
contract!(SendConfirmation, "odysseus.ask.notifications.send_confirmation.v1", order_id);

/// Who is told of a purchase, instead of whom the buyer's account names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseContact {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Their telephone number in international form, where they gave one.
    pub phone: Option<String>,
    /// A language tag, such as `de-AT`; as the account says where it is none.
    pub locale: Option<String>,
}

/// What a ticket says of its event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventOnTicket {
    /// Which.
    pub event_id: EventId,
    /// Its title.
    pub title: String,
    /// Its name in addresses.
    pub slug: String,
    /// The venue's name.
    pub venue_name: String,
    /// The venue's address, in lines.
    pub venue_address: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When doors open.
    pub doors_at: Option<DateTime<Utc>>,
    /// In which times are shown.
    pub timezone: TimeZone,
    /// In which prices are.
    pub currency: Currency,
}

/// A ticket as its holder has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketInHand {
    /// Which.
    pub ticket_id: TicketId,
    /// Short, for people at the door when no scanner works.
    pub code: String,
    /// What the QR code holds: a signed token.
    pub qr_payload: String,
    /// The ticket type's name.
    pub ticket_type: String,
    /// Section, row and seat, where there are any.
    pub section: Option<String>,
    /// The row's label.
    pub row: Option<String>,
    /// The seat's number.
    pub seat: Option<String>,
    /// Who goes in.
    pub holder_name: String,
    /// Their address.
    pub holder_email: String,
    /// What it cost.
    pub price: Money,
}

/// The steps of the purchase, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PurchaseStep {
    /// The seats belong to the order.
    SecureSeats,
    /// The money is there.
    TakePayment,
    /// The tickets exist.
    IssueTickets,
    /// The buyer knows.
    SendConfirmation,
}

impl Step for PurchaseStep {
    fn name(self) -> &'static str {
        match self {
            Self::SecureSeats => "SECURE_SEATS",
            Self::TakePayment => "TAKE_PAYMENT",
            Self::IssueTickets => "ISSUE_TICKETS",
            Self::SendConfirmation => "SEND_CONFIRMATION",
        }
    }
}

/// The answer to an ask of the purchase saga.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseReply {
    /// Of which order.
    pub order_id: OrderId,
    /// To which step.
    pub step: PurchaseStep,
    /// To its doing or its undoing.
    pub way: Way,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}
contract!(PurchaseReply, "odysseus.reply.tickets.purchase.v1", order_id);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_the_same_after_the_journey() {
        for outcome in [Outcome::Done, Outcome::Refused { reason: "gone".to_owned() }, Outcome::Stands] {
            let reply = PurchaseReply {
                order_id: OrderId::new(),
                step: PurchaseStep::TakePayment,
                way: Way::Undo,
                outcome,
            };
            let text = serde_json::to_string(&reply).unwrap();
            assert_eq!(serde_json::from_str::<PurchaseReply>(&text).unwrap(), reply);
        }
    }
}
