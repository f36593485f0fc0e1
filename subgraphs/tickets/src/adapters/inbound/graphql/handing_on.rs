//! Tickets change hands, and names.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use kernel::{EmailAddress, Id, Refusal, UserId, idempotency_key, line, together};
use service::graphql::{
    IntoGraph,
    Who::{Buyer, Manager, Owner},
    access, require_user,
};

use super::{mutation::count, ticket::Ticket};
use crate::domain::use_cases::{RenameTicketHolder, Tickets, TransferTicket};

/// The longest name of who goes in, in characters.
const LONGEST_NAME: usize = 120;

/// To whom a ticket goes.
#[derive(InputObject)]
pub(crate) struct TransferTicketInput {
    /// Which of one's tickets.
    ticket_id: ID,
    /// The address of who gets it: there the ticket is mailed to. Whoever has an account with this address, or makes one, and has
    /// shown that mail to it arrives, finds the ticket among their own.
    to_email: String,
    /// The name of who gets it, up to 120 characters: it stands on the ticket.
    to_name: String,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

impl TransferTicketInput {
    fn read(self, by: UserId) -> Result<TransferTicket, Refusal> {
        let (ticket, name, address, idempotency_key) = together((
            Id::parse("ticketId", &self.ticket_id),
            line("toName", &self.to_name, LONGEST_NAME),
            EmailAddress::parse("toEmail", &self.to_email),
            idempotency_key(&self.idempotency_key),
        ))?;
        Ok(TransferTicket { by, ticket, name, address, idempotency_key })
    }
}

/// What became of a ticket that was passed on.
#[derive(SimpleObject)]
pub(crate) struct TransferTicketPayload {
    /// The ticket that there is now. Its code is for who has it now.
    ticket: Ticket,
    /// The ticket that it took the place of: what was shown or printed of that admits nobody any more.
    replaced_ticket_id: ID,
}

/// Who goes in with a ticket.
#[derive(InputObject)]
pub(crate) struct RenameTicketHolderInput {
    /// Which.
    ticket_id: ID,
    /// The name that is to stand on it, up to 120 characters.
    holder_name: String,
    /// Their address; what it was when left out. Whose the ticket is stays as it is.
    holder_email: Option<String>,
}

impl RenameTicketHolderInput {
    fn read(&self, by: UserId) -> Result<RenameTicketHolder, Refusal> {
        let email = self.holder_email.as_deref().map(|email| EmailAddress::parse("holderEmail", email));
        let (ticket, name, address) = together((
            Id::parse("ticketId", &self.ticket_id),
            line("holderName", &self.holder_name, LONGEST_NAME),
            email.transpose(),
        ))?;
        Ok(RenameTicketHolder { by, ticket, name, address })
    }
}

/// Tickets change hands, and names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HandingOn;

/// Tickets change hands, and names.
#[Object]
impl HandingOn {
    /// Passes one's ticket on to somebody else. It is replaced by another one, with an id and a code of its own: the old code
    /// stops working at once, and then the new one is mailed to who has it now. The order stays with its buyer, who gets the money
    /// back if there is any. Refused are tickets with which somebody went in, that go or went back or whose payment is disputed,
    /// of events that are over or off, and those that were passed on as often as one may.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn transfer_ticket(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The ticket, and who gets it.")] input: TransferTicketInput,
    ) -> Result<Option<TransferTicketPayload>> {
        let by = require_user(context)?;
        let outcome = context.data::<Tickets>()?.transfer_ticket(input.read(by).graph()?).await;
        count("transfer", &outcome);
        let done = outcome.graph()?;
        let replaced_ticket_id = done.replaced.public().into();
        Ok(Some(TransferTicketPayload { ticket: Ticket(done.ticket), replaced_ticket_id }))
    }

    /// Writes another name on a ticket, until its event begins. Its code stays the same, and what was printed before still
    /// admits. For whose ticket it is, who may do so a few times, and for owners and managers of its event. The same name and
    /// address again change nothing.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn rename_ticket_holder(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The ticket, and who goes in.")] input: RenameTicketHolderInput,
    ) -> Result<Option<Ticket>> {
        let by = require_user(context)?;
        let renamed = context.data::<Tickets>()?.rename_ticket_holder(input.read(by).graph()?).await;
        count("rename", &renamed);
        Ok(Some(Ticket(renamed.graph()?)))
    }
}
