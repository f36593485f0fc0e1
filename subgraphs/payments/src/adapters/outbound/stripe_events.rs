//! The events that Stripe keeps.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::Fault;
use miniserde::json::{Number, Object, Value};
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::stripe_gateway::StripeGateway;
use crate::domain::ports::{KeptEvent, KeptEvents};

/// The kinds of events that are understood here. Stripe takes up to 20 of them.
const UNDERSTOOD: [&str; 17] = [
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.canceled",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
];
/// How many are read at once; each is some thousand bytes.
const AT_ONCE: u32 = 50;
/// How many pages back the first is looked for.
const MOST_PAGES: usize = 20_000;
const DOING: &str = "reading Stripe's events";

/// Which events are asked for. Stripe's list has the newest first.
#[derive(Clone, Serialize)]
struct Ask<'a> {
    created: Since,
    limit: u32,
    types: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    ending_before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

#[derive(Clone, Serialize)]
struct Since {
    gte: i64,
}

/// A page of Stripe's list, whose events are kept as they are: one that cannot be understood is no other's problem.
#[derive(miniserde::Deserialize)]
struct Page {
    data: Vec<Value>,
    has_more: bool,
}

#[async_trait]
impl KeptEvents for StripeGateway {
    async fn kept(&self, since: DateTime<Utc>, after: Option<&str>) -> Result<Vec<KeptEvent>, Fault> {
        let ask = Ask {
            created: Since { gte: since.timestamp() },
            limit: AT_ONCE,
            types: &UNDERSTOOD,
            ending_before: after,
            starting_after: None,
        };
        if after.is_some() {
            // Of those that are newer the nearest.
            return oldest_first(&self.page_of_events(&ask).await?);
        }
        let mut oldest = Vec::<KeptEvent>::new();
        for _ in 0..MOST_PAGES {
            let before = oldest.first().map(|event| event.id.as_str());
            let page = self.page_of_events(&Ask { starting_after: before, ..ask.clone() }).await?;
            let has_more = page.has_more && !page.data.is_empty();
            if !page.data.is_empty() {
                oldest = oldest_first(&page)?;
            }
            if !has_more {
                return Ok(oldest);
            }
        }
        Err(Fault::new(DOING, "there are too many since then; begin at a later instant"))
    }
}

impl StripeGateway {
    async fn page_of_events(&self, ask: &Ask<'_>) -> Result<Page, Fault> {
        let page = self.again(|| {
            let request = RequestBuilder::new(StripeMethod::Get, "/events").query(ask);
            request.customize::<Page>().send(self.line())
        });
        page.await.map_err(|error| error.fault(DOING))
    }
}

fn oldest_first(page: &Page) -> Result<Vec<KeptEvent>, Fault> {
    page.data.iter().rev().map(read).collect()
}

fn read(event: &Value) -> Result<KeptEvent, Fault> {
    let kept = match event {
        Value::Object(fields) => named(fields),
        _ => None,
    };
    let (id, at) =
        kept.ok_or_else(|| Fault::new(DOING, "one has no name, or does not say when it happened"))?;
    Ok(KeptEvent { id, at, body: miniserde::json::to_string(event) })
}

/// What an event is called, and when it happened.
fn named(fields: &Object) -> Option<(String, DateTime<Utc>)> {
    let (Some(Value::String(id)), Some(Value::Number(Number::U64(at)))) =
        (fields.get("id"), fields.get("created"))
    else {
        return None;
    };
    Some((id.clone(), DateTime::from_timestamp(i64::try_from(*at).ok()?, 0)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stripe_webhook::Webhook;

    use super::*;

    /// An event of this kind about something that it cannot be about.
    fn about_nothing(kind: &str) -> String {
        json!({
            "id": "evt_1", "object": "event", "type": kind, "created": 1_700_000_000, "livemode": false,
            "api_version": null, "pending_webhooks": 1, "request": null, "data": {"object": {}},
        })
        .to_string()
    }

    #[test]
    fn every_kind_that_is_asked_for_is_one_that_stripe_has() {
        assert!(Webhook::insecure(&about_nothing("payment_intent.sent_by_pigeon")).is_ok());
        for kind in UNDERSTOOD {
            assert!(Webhook::insecure(&about_nothing(kind)).is_err(), "{kind} is read as of a kind unknown");
        }
    }

    #[test]
    fn an_event_is_kept_word_for_word() {
        let body = about_nothing("refund.created");
        let kept = read(&miniserde::json::from_str(&body).unwrap()).unwrap();
        assert_eq!((kept.id.as_str(), kept.at.timestamp()), ("evt_1", 1_700_000_000));
        let words = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(words(&kept.body), words(&body));
        assert!(read(&Value::Null).is_err());
    }
}
