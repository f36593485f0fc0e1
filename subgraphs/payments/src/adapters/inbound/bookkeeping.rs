//! What comes from the bus for the books of organizations.

use contracts::{
    Contract,
    events::EventChanged,
    payments::{PaymentDisputed, PaymentRefunded, RefundReturned},
    settings::OrganizationSettingsChanged,
    tickets::{OrderRefunded, TicketsIssued},
    users::MembershipChanged,
};
use kernel::Result;
use messaging::Message;

use crate::domain::use_cases::Books;

/// The subjects that are read for them.
pub(super) const SUBJECTS: [&str; 8] = [
    TicketsIssued::SUBJECT,
    OrderRefunded::SUBJECT,
    PaymentRefunded::SUBJECT,
    PaymentDisputed::SUBJECT,
    RefundReturned::SUBJECT,
    EventChanged::SUBJECT,
    OrganizationSettingsChanged::SUBJECT,
    MembershipChanged::SUBJECT,
];

/// Passes a fact on to the books, if it is one for them.
pub(super) async fn hear(books: &Books, message: &Message) -> Result<()> {
    if let Some(told) = message.read::<TicketsIssued>()? {
        return books.sold(message.id, &told).await;
    }
    if let Some(told) = message.read::<OrderRefunded>()? {
        return books.took_back(message.id, &told).await;
    }
    if let Some(told) = message.read::<PaymentRefunded>()? {
        return books.given_back(message.id, &told).await;
    }
    if let Some(told) = message.read::<RefundReturned>()? {
        return books.came_back(message.id, &told).await;
    }
    if let Some(told) = message.read::<PaymentDisputed>()? {
        return books.disputed(message.id, &told).await;
    }
    if let Some(told) = message.read::<EventChanged>()? {
        return books.learn_event(&told).await;
    }
    if let Some(told) = message.read::<OrganizationSettingsChanged>()? {
        return books.learn_settings(&told).await;
    }
    if let Some(told) = message.read::<MembershipChanged>()? {
        return books.learn_member(&told).await;
    }
    Ok(())
}
