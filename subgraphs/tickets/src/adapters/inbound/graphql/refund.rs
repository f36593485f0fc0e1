use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::{Id, Refusal, TicketId, TimeZone, UserId, idempotency_key, optional_line, together};
use service::graphql::Decimal;

use super::{input::each_at, reservation::PriceBreakdown};
use crate::domain::{pricing, use_cases};

/// The most tickets one refund may name.
const MOST: usize = 1_000;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Tickets whose money goes back.
#[derive(InputObject)]
pub(crate) struct RefundOrderInput {
    /// Of which order.
    order_id: ID,
    /// Which of its tickets; all that may go back when left out.
    ticket_ids: Option<Vec<ID>>,
    /// Why, up to 500 characters: the buyer reads what an organizer says here.
    reason: Option<String>,
    /// True: their seats are kept back from sale. Places without numbers can be had again in any case. Only organizers keep
    /// seats back.
    #[graphql(default)]
    keep_places_back: bool,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

impl RefundOrderInput {
    pub(crate) fn read(self, by: UserId) -> Result<use_cases::RefundOrder, Refusal> {
        let (order, tickets, reason, idempotency_key) = together((
            Id::parse("orderId", &self.order_id),
            ticket_ids(self.ticket_ids.as_deref()),
            optional_line("reason", self.reason.as_deref(), LONGEST_REASON),
            idempotency_key(&self.idempotency_key),
        ))?;
        Ok(use_cases::RefundOrder {
            by,
            order,
            tickets,
            reason,
            keep_places_back: self.keep_places_back,
            idempotency_key,
        })
    }
}

/// The tickets that are named; none are when the list is left out or empty.
pub(super) fn ticket_ids(named: Option<&[ID]>) -> Result<Option<Vec<TicketId>>, Refusal> {
    let named = named.unwrap_or_default();
    if named.len() > MOST {
        let refusal = Refusal::bad_input("ticketIds", format!("must be at most {MOST}"));
        return Err(refusal.because(kernel::reasons::WRONG_COUNT));
    }
    let read = each_at("ticketIds", named, |id| Id::parse("ticketIds", id))?;
    Ok(Some(read).filter(|tickets| !tickets.is_empty()))
}

/// What buyers get back who return tickets themselves.
#[derive(SimpleObject)]
pub(crate) struct RefundPolicy {
    /// The same in words, with times by the clocks of the event.
    description: String,
    /// How much goes back until when: the first whose time is not over counts. None where nothing goes back.
    rules: Vec<RefundRule>,
    /// True: fees that were put on for the service do not go back, nor does the tax on them.
    fees_kept: bool,
}

/// How much goes back of what is returned in time.
#[derive(SimpleObject)]
pub(crate) struct RefundRule {
    /// Until when.
    until: DateTime<Utc>,
    /// How much, in percent of what was paid.
    percent: Decimal,
}

impl RefundPolicy {
    /// For an event in that zone.
    pub(super) fn of(policy: &pricing::RefundPolicy, zone: TimeZone) -> Self {
        let rule = |rule: &pricing::RefundRule| RefundRule {
            until: rule.until,
            percent: Decimal(rule.percent.to_string()),
        };
        Self {
            description: policy.described(zone),
            rules: policy.rules().iter().map(rule).collect(),
            fees_kept: policy.fees_kept(),
        }
    }
}

/// What would go back if tickets were given back at this moment.
#[derive(SimpleObject)]
pub(crate) struct RefundQuote {
    /// True when they can be given back.
    allowed: bool,
    /// Why they cannot, in a sentence; null where they can.
    reason: Option<String>,
    /// What goes back, and what that is made of; nothing where they cannot be given back.
    total: PriceBreakdown,
    /// Until when it is as much; null where that does not end, and where they cannot be given back.
    valid_until: Option<DateTime<Utc>>,
}

impl From<use_cases::RefundQuote> for RefundQuote {
    fn from(quote: use_cases::RefundQuote) -> Self {
        Self {
            allowed: quote.refused.is_none(),
            reason: quote.refused,
            total: quote.price.into(),
            valid_until: quote.until,
        }
    }
}
