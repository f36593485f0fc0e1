//! Stripe's own books: its balance transactions.
//!
//! They are read as they are and not as the library knows them: of kinds that it does not know the amounts count as well, and one
//! that it cannot read would hide all that come after it.

use async_trait::async_trait;
use chrono::DateTime;
use kernel::{Currency, Fault, Money};
use miniserde::json::{Number, Object, Value};
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::stripe_gateway::StripeGateway;
use crate::domain::{
    entities::ProviderAmount,
    ports::{Movement, ProviderBooks, Read},
};

/// How many are read at once; each comes with what it is about.
const AT_ONCE: u32 = 50;
/// How many pages back its first transaction is looked for.
const MOST_PAGES: usize = 2_000;
const DOING: &str = "reading Stripe's books";

/// Which are asked for. Stripe's list has the newest first.
#[derive(Serialize)]
struct Ask<'a> {
    limit: u32,
    expand: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    ending_before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

/// A page of Stripe's list.
#[derive(miniserde::Deserialize)]
struct Page {
    data: Vec<Object>,
    has_more: bool,
}

#[async_trait]
impl ProviderBooks for StripeGateway {
    async fn movements(&self, after: Option<&str>) -> Result<Vec<Read>, Fault> {
        if after.is_some() {
            // Of those that are newer the nearest, the newest first.
            return oldest_first(&self.page_of_books(after, None).await?);
        }
        let mut oldest = Vec::<Read>::new();
        for _ in 0..MOST_PAGES {
            let page = self.page_of_books(None, oldest.first().map(Read::id)).await?;
            if !page.data.is_empty() {
                oldest = oldest_first(&page)?;
            }
            if !page.has_more || page.data.is_empty() {
                break;
            }
        }
        Ok(oldest)
    }
}

impl StripeGateway {
    async fn page_of_books(
        &self,
        ending_before: Option<&str>,
        starting_after: Option<&str>,
    ) -> Result<Page, Fault> {
        let ask = Ask { limit: AT_ONCE, expand: ["data.source"], ending_before, starting_after };
        let page = self.again(|| {
            let request = RequestBuilder::new(StripeMethod::Get, "/balance_transactions").query(&ask);
            request.customize::<Page>().send(self.line())
        });
        page.await.map_err(|error| error.fault(DOING))
    }
}

fn oldest_first(page: &Page) -> Result<Vec<Read>, Fault> {
    page.data.iter().rev().map(read).collect()
}

fn read(transaction: &Object) -> Result<Read, Fault> {
    let id = text(transaction, "id").ok_or_else(|| Fault::new(DOING, "a transaction has no name"))?;
    let kind = text(transaction, "type").unwrap_or_default().to_owned();
    let at = number(transaction, "created").and_then(|at| DateTime::from_timestamp(at, 0));
    let (Some(amount), Some(fee), Some(at)) = (money(transaction, "amount"), money(transaction, "fee"), at)
    else {
        return Ok(Read::Uncountable { id: id.to_owned(), kind });
    };
    let intent = match transaction.get("source") {
        Some(Value::Object(source)) => intent_of(source),
        _ => None,
    };
    Ok(Read::Counted(Movement { id: id.to_owned(), kind, intent, amount, fee, at }))
}

/// Of which payment what a transaction is about says that it is: charges, refunds and disputes do.
fn intent_of(source: &Object) -> Option<String> {
    match source.get("payment_intent")? {
        Value::String(id) => Some(id.clone()),
        Value::Object(intent) => text(intent, "id").map(str::to_owned),
        _ => None,
    }
}

fn money(transaction: &Object, field: &str) -> Option<Money> {
    let currency = text(transaction, "currency")?.to_ascii_uppercase().parse::<Currency>().ok()?;
    ProviderAmount { units: number(transaction, field)?, currency }.money()
}

fn text<'a>(object: &'a Object, field: &str) -> Option<&'a str> {
    match object.get(field)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn number(object: &Object, field: &str) -> Option<i64> {
    match object.get(field)? {
        Value::Number(Number::I64(number)) => Some(*number),
        Value::Number(Number::U64(number)) => i64::try_from(*number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn transaction(kind: &str, source: &serde_json::Value) -> Object {
        let text = json!({
            "id": "txn_1", "object": "balance_transaction", "type": kind, "amount": -250, "fee": 0, "currency": "eur",
            "created": 1_700_000_000, "source": source,
        });
        miniserde::json::from_str(&text.to_string()).unwrap()
    }

    fn counted(kind: &str, source: &serde_json::Value) -> Movement {
        match read(&transaction(kind, source)).unwrap() {
            Read::Counted(movement) => movement,
            other @ Read::Uncountable { .. } => panic!("{other:?}"),
        }
    }

    #[test]
    fn of_kinds_that_nobody_knows_the_amounts_count_too() {
        let payments = counted("sent_by_pigeon", &json!({"object": "pigeon", "payment_intent": "pi_1"}));
        assert_eq!((payments.kind.as_str(), payments.intent.as_deref()), ("sent_by_pigeon", Some("pi_1")));
        assert_eq!(payments.amount.to_string(), "-2.50 EUR");
        assert!(payments.is_explained());
        let expanded = counted("refund", &json!({"object": "refund", "payment_intent": {"id": "pi_2"}}));
        assert_eq!(expanded.intent.as_deref(), Some("pi_2"));
        for source in [json!({"object": "pigeon"}), json!("pgn_1"), json!(null)] {
            let nobodys = counted("sent_by_pigeon", &source);
            assert_eq!((nobodys.intent.as_deref(), nobodys.is_explained()), (None, false), "{source}");
            assert!(counted("transfer", &source).is_explained());
        }
    }

    #[test]
    fn what_cannot_be_counted_keeps_its_name_and_one_without_is_a_fault() {
        let mut odd = transaction("charge", &json!(null));
        odd.insert("currency".to_owned(), Value::String("xyz".to_owned()));
        let uncountable = Read::Uncountable { id: "txn_1".to_owned(), kind: "charge".to_owned() };
        assert_eq!(read(&odd).unwrap(), uncountable);
        odd.remove("id");
        assert!(read(&odd).is_err());
    }
}
