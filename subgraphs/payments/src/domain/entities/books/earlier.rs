use chrono::{DateTime, Duration, Utc};

use super::{Fact, Parts};
use crate::domain::entities::{Payment, RefundState, State};

/// How old money is of which nobody has heard that it goes back: a purchase whose tickets could not be issued gives it back
/// within minutes.
const SETTLED: Duration = Duration::days(1);

/// What a payment knows of a sale from before there were books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarlierSale {
    /// It was one, of which all this is known, what went back before what was sold: nothing is owed for a moment that went back
    /// long ago.
    Sold(Vec<Fact>),
    /// It is too young to tell.
    Undecided,
    /// It was none: nothing was taken, or the purchase failed and all of it went back.
    NotSold,
}

/// What is known of the sale that a payment was made for. It stands for a sale if the money that was asked for came, and the
/// purchase has not asked for it back. There were neither fees nor taxes then: what went back took none along.
pub fn earlier_sale(payment: &Payment, now: DateTime<Utc>) -> EarlierSale {
    let is = payment.snapshot();
    let State::Captured { received, at } = is.state else { return EarlierSale::NotSold };
    let returned = is.refunds.iter().any(|refund| refund.asked.is_none() && !refund.is_made_elsewhere());
    if is.undo_asked || returned || received != is.amount || received.minor <= 0 {
        return EarlierSale::NotSold;
    }
    if at > now - SETTLED {
        return EarlierSale::Undecided;
    }
    let mut facts = Vec::new();
    for refund in &is.refunds {
        match refund.state {
            // What is owed is told when it is done, and what failed is as if it had never been.
            RefundState::Owed | RefundState::Failed => {}
            _ if refund.asked.is_some() => {
                // Whoever asked for it took back tickets of this worth, however the money went.
                let paid = refund.tried.minor.max(refund.amount.minor);
                facts.push(Fact::TookBack(refund.id, Parts { paid, ..Parts::default() }));
            }
            _ => facts.push(Fact::GivenBackElsewhere(refund.id, refund.amount.minor)),
        }
    }
    let version = payment.told_of_disputes();
    facts.extend(is.disputes.iter().map(|dispute| Fact::Disputed {
        dispute: dispute.id.clone(),
        version,
        state: dispute.state,
        minor: dispute.amount.minor,
    }));
    facts.push(Fact::SoldEarlier(received.minor));
    EarlierSale::Sold(facts)
}
