//! What comes from the bus.

use async_trait::async_trait;
use contracts::{
    erasure::ForgetBuyer,
    events::{EventChanged, LayoutDefined},
    payments::{PaymentDeclined, PaymentDisputed, PaymentRefunded, RefundFailed, RefundReturned},
    purchase::PurchaseReply,
    saga::SagaReply,
    settings::OrganizationSettingsChanged,
    users::{AccountChanged, MembershipChanged, OrganizationChanged},
};
use kernel::Result;
use messaging::{Handler, Message};

use crate::domain::use_cases::Tickets;

/// The subjects that `tickets` reads.
pub(crate) const SUBJECTS: [&str; 14] = [
    "odysseus.users.account.changed.v1",
    "odysseus.users.membership.changed.v1",
    "odysseus.users.organization.changed.v1",
    "odysseus.users.organization.settings.v1",
    "odysseus.events.layout.defined.v1",
    "odysseus.events.event.changed.v1",
    "odysseus.payments.payment.declined.v1",
    "odysseus.payments.payment.disputed.v1",
    "odysseus.payments.payment.refunded.v1",
    "odysseus.payments.payment.refund_failed.v1",
    "odysseus.payments.payment.refund_returned.v1",
    "odysseus.reply.tickets.purchase.v1",
    "odysseus.reply.tickets.saga.v1",
    "odysseus.ask.tickets.forget_buyer.v1",
];

/// Hands messages to use cases.
pub(crate) struct Messages(pub(crate) Tickets);

/// As many as decide in one round: who waits for a turn has no connection in hand.
const AT_ONCE: usize = 16;

#[async_trait]
impl Handler for Messages {
    fn at_once(&self) -> usize {
        AT_ONCE
    }

    async fn handle(&self, message: &Message) -> Result<()> {
        let tickets = &self.0;
        if let Some(told) = message.read::<MembershipChanged>()? {
            tickets.learn_membership(message.id, told).await
        } else if let Some(told) = message.read::<OrganizationSettingsChanged>()? {
            tickets.learn_settings(message.id, told).await
        } else if let Some(told) = message.read::<OrganizationChanged>()? {
            tickets.learn_organization(message.id, told).await
        } else if let Some(told) = message.read::<AccountChanged>()? {
            tickets.learn_account(told).await
        } else if let Some(ask) = message.read::<ForgetBuyer>()? {
            tickets.forget_buyer(message.id, ask).await
        } else if let Some(told) = message.read::<LayoutDefined>()? {
            tickets.learn_layout(message.id, told).await
        } else if let Some(told) = message.read::<EventChanged>()? {
            tickets.learn_event(message.id, told).await
        } else if let Some(told) = message.read::<PaymentDeclined>()? {
            tickets.payment_declined(message.id, told).await
        } else if let Some(told) = message.read::<PaymentDisputed>()? {
            tickets.payment_disputed(message.id, told).await
        } else if let Some(told) = message.read::<PaymentRefunded>()? {
            tickets.payment_refunded(message.id, told).await
        } else if let Some(reply) = message.read::<PurchaseReply>()? {
            tickets.purchase_answered(message.id, reply).await
        } else if let Some(reply) = message.read::<SagaReply>()? {
            tickets.refund_answered(message.id, reply).await
        } else if let Some(told) = message.read::<RefundFailed>()? {
            tickets.refund_failed(message.id, told).await
        } else if let Some(told) = message.read::<RefundReturned>()? {
            tickets.refund_returned(message.id, told).await
        } else {
            Ok(()) // not for us
        }
    }
}
