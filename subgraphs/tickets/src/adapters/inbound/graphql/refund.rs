use async_graphql::{ID, InputObject};
use kernel::{Id, Refusal, UserId, idempotency_key, optional_line, together};

use super::input::each_at;
use crate::domain::use_cases::RefundOrder;

/// The most tickets one refund may name.
const MOST: usize = 1_000;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Tickets whose money goes back.
#[derive(InputObject)]
pub(crate) struct RefundOrderInput {
    /// Of which order.
    order_id: ID,
    /// Which of its tickets; all that have not gone back when left out.
    ticket_ids: Option<Vec<ID>>,
    /// Why, for the buyer, up to 500 characters.
    reason: Option<String>,
    /// True: their seats are kept back from sale. Places without numbers can be had again in any case.
    #[graphql(default)]
    keep_places_back: bool,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

impl RefundOrderInput {
    pub(crate) fn read(self, by: UserId) -> Result<RefundOrder, Refusal> {
        let named = self.ticket_ids.unwrap_or_default();
        let (order, tickets, reason, idempotency_key) = together((
            Id::parse("orderId", &self.order_id),
            ticket_ids(&named),
            optional_line("reason", self.reason.as_deref(), LONGEST_REASON),
            idempotency_key(&self.idempotency_key),
        ))?;
        let tickets = Some(tickets).filter(|tickets| !tickets.is_empty());
        Ok(RefundOrder {
            by,
            order,
            tickets,
            reason,
            keep_places_back: self.keep_places_back,
            idempotency_key,
        })
    }
}

fn ticket_ids(named: &[ID]) -> Result<Vec<kernel::TicketId>, Refusal> {
    if named.len() > MOST {
        let refusal = Refusal::bad_input("ticketIds", format!("must be at most {MOST}"));
        return Err(refusal.because(kernel::reasons::WRONG_COUNT));
    }
    each_at("ticketIds", named, |id| Id::parse("ticketIds", id))
}
