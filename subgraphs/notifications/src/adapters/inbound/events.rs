//! What comes from the bus.

use async_trait::async_trait;
use contracts::{
    Contract,
    account_mail::SendAccountMail,
    erasure::ForgetReader,
    events::EventChanged,
    payments::{PaymentDeclined, PaymentDisputed, PaymentRefunded},
    purchase::{SendConfirmation, TakePayment},
    settings::OrganizationSettingsChanged,
    tickets::{
        OrderCalledOff, OrderClaimed, OrderEnded, OrderRefunded, OrderRescheduled, TicketRenamed,
        TicketTransferred, WaitlistEnded, WaitlistOffered,
    },
    users::{AccountChanged, AddressVerifiedAgain, MembershipChanged, OrganizationChanged},
};
use kernel::Result;
use messaging::{Handler, Message};

use crate::Notifications;

/// What notifications read.
pub(crate) const SUBJECTS: &[&str] = &[
    SendConfirmation::SUBJECT,
    SendAccountMail::SUBJECT,
    ForgetReader::SUBJECT,
    PaymentDeclined::SUBJECT,
    PaymentRefunded::SUBJECT,
    PaymentDisputed::SUBJECT,
    // It is asked of payments; here it is only noted what is to be paid, and until when.
    TakePayment::SUBJECT,
    OrderEnded::SUBJECT,
    OrderRefunded::SUBJECT,
    OrderCalledOff::SUBJECT,
    OrderRescheduled::SUBJECT,
    OrderClaimed::SUBJECT,
    TicketTransferred::SUBJECT,
    TicketRenamed::SUBJECT,
    WaitlistOffered::SUBJECT,
    WaitlistEnded::SUBJECT,
    AccountChanged::SUBJECT,
    AddressVerifiedAgain::SUBJECT,
    OrganizationChanged::SUBJECT,
    OrganizationSettingsChanged::SUBJECT,
    MembershipChanged::SUBJECT,
    EventChanged::SUBJECT,
];

/// Hands messages to use cases. Each commits with its inbox row, unless it does not matter how often it is done.
pub(crate) struct Events(pub(crate) Notifications);

#[async_trait]
impl Handler for Events {
    async fn handle(&self, message: &Message) -> Result<()> {
        let (notifications, id) = (&self.0, message.id);
        if let Some(order) = message.read::<SendConfirmation>()? {
            notifications.confirm_order(id, &order).await
        } else if let Some(declined) = message.read::<PaymentDeclined>()? {
            notifications.tell_of_decline(id, &declined).await
        } else if let Some(ended) = message.read::<OrderEnded>()? {
            notifications.tell_of_end(id, &ended).await
        } else if let Some(refunded) = message.read::<PaymentRefunded>()? {
            notifications.tell_of_refund(id, &refunded).await
        } else if let Some(refund) = message.read::<OrderRefunded>()? {
            notifications.tell_of_refunded_tickets(id, &refund).await
        } else if let Some(off) = message.read::<OrderCalledOff>()? {
            notifications.tell_of_cancellation(id, &off).await
        } else if let Some(moved) = message.read::<OrderRescheduled>()? {
            notifications.tell_of_move(id, &moved).await
        } else if let Some(claimed) = message.read::<OrderClaimed>()? {
            notifications.hear_of_claim(id, &claimed).await
        } else if let Some(transfer) = message.read::<TicketTransferred>()? {
            notifications.tell_of_transfer(id, &transfer).await
        } else if let Some(renamed) = message.read::<TicketRenamed>()? {
            notifications.tell_of_new_name(id, &renamed).await
        } else if let Some(offered) = message.read::<WaitlistOffered>()? {
            notifications.tell_of_offer(id, &offered).await
        } else if let Some(ended) = message.read::<WaitlistEnded>()? {
            notifications.tell_of_end_of_waiting(id, &ended).await
        } else if let Some(asked) = message.read::<SendAccountMail>()? {
            notifications.write_about_account(id, &asked).await
        } else if let Some(ask) = message.read::<ForgetReader>()? {
            notifications.forget_reader(id, &ask).await
        } else if let Some(disputed) = message.read::<PaymentDisputed>()? {
            notifications.tell_of_dispute(id, &disputed).await
        } else if let Some(to_pay) = message.read::<TakePayment>()? {
            notifications.note_order(to_pay).await
        } else if let Some(change) = message.read::<AccountChanged>()? {
            notifications.note_account(id, &change).await
        } else if let Some(proof) = message.read::<AddressVerifiedAgain>()? {
            notifications.note_proof(id, &proof).await
        } else if let Some(change) = message.read::<EventChanged>()? {
            notifications.note_event(change).await
        } else if let Some(told) = message.read::<OrganizationChanged>()? {
            notifications.note_organization(&told).await
        } else if let Some(told) = message.read::<OrganizationSettingsChanged>()? {
            notifications.note_settings(&told).await
        } else if let Some(told) = message.read::<MembershipChanged>()? {
            notifications.note_member(&told).await
        } else {
            Ok(())
        }
    }
}
