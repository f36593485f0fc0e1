//! Stripe's own books: its balance transactions.

use async_trait::async_trait;
use chrono::DateTime;
use kernel::Fault;
use stripe::StripeRequest;
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_shared::{BalanceTransaction, BalanceTransactionSource, PaymentIntent};
use stripe_types::Expandable;

use super::{stripe_gateway::StripeGateway, stripe_shapes::money_of};
use crate::domain::ports::{Movement, ProviderBooks, Read};

/// How many are read at once; each comes with what it is about.
const AT_ONCE: i64 = 50;
/// How many pages back its first transaction is looked for.
const MOST_PAGES: usize = 2_000;
const DOING: &str = "reading Stripe's books";

#[async_trait]
impl ProviderBooks for StripeGateway {
    async fn movements(&self, after: Option<&str>) -> Result<Vec<Read>, Fault> {
        let ask = ListBalanceTransaction::new().limit(AT_ONCE).expand(vec!["data.source".to_owned()]);
        if let Some(after) = after {
            // Of those that are newer the nearest, the newest first.
            let request = ask.ending_before(after);
            let page = self.again(|| request.customize().send(self.line())).await;
            let page = page.map_err(|error| error.fault(DOING))?;
            return Ok(page.data.iter().rev().map(read).collect());
        }
        let mut oldest = Vec::new();
        for _ in 0..MOST_PAGES {
            let request = match oldest.first().map(Read::id) {
                Some(id) => ask.clone().starting_after(id),
                None => ask.clone(),
            };
            let page = self.again(|| request.customize().send(self.line())).await;
            let page = page.map_err(|error| error.fault(DOING))?;
            if !page.data.is_empty() {
                oldest = page.data.iter().rev().map(read).collect();
            }
            if !page.has_more {
                break;
            }
        }
        Ok(oldest)
    }
}

fn read(transaction: &BalanceTransaction) -> Read {
    let id = transaction.id.as_str().to_owned();
    let amount = |units| money_of(units, &transaction.currency);
    let at = DateTime::from_timestamp(transaction.created, 0);
    let (Some(amount), Some(fee), Some(at)) = (amount(transaction.amount), amount(transaction.fee), at)
    else {
        return Read::Uncountable(id);
    };
    let source = transaction.source.as_ref().and_then(Expandable::as_object);
    let kind = transaction.type_.as_str().to_owned();
    Read::Counted(Movement { id, kind, intent: source.and_then(intent_of), amount, fee, at })
}

/// Of which payment it is.
fn intent_of(source: &BalanceTransactionSource) -> Option<String> {
    let intent: &Option<Expandable<PaymentIntent>> = match source {
        BalanceTransactionSource::Charge(charge) => &charge.payment_intent,
        BalanceTransactionSource::Refund(refund) => &refund.payment_intent,
        BalanceTransactionSource::Dispute(dispute) => &dispute.payment_intent,
        _ => return None,
    };
    intent.as_ref().map(|intent| intent.id().as_str().to_owned())
}
