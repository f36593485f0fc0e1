//! All that a service keeps about whoever asks, a page at a time: `GET /me/export`. What kinds of records there are is the
//! service's; how one goes from page to page, and from kind to kind, is here.

use std::time::Duration;

use axum::{
    http::header::LINK,
    response::{IntoResponse, Response},
};
use kernel::{Page, PageAsk, Refusal, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Json, pages::next_at};
use crate::clients::{Limiter, Quota};

/// How many records a page has.
const RECORDS: i32 = 50;

/// What a service exports, and how often one account may ask for a page of it. Clones count together.
#[derive(Clone, Debug)]
pub struct Exports {
    service: &'static str,
    kinds: &'static [&'static str],
    limiter: Limiter,
}

/// Which page is asked for. Without anything it is the first one; `next` of a page asks for the one behind it.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportAsk {
    /// Of which kind of records; of the first when left out.
    kind: Option<String>,
    /// Behind which record of that kind.
    after: Option<String>,
}

/// A page of what a service keeps about whoever asks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportPage {
    /// Which service keeps it.
    service: &'static str,
    /// What the records are.
    kind: &'static str,
    /// The records of this page; their fields are named as in the graph, as far as they are there.
    #[schema(value_type = Vec<Object>)]
    records: Vec<Value>,
    /// Where the next page is, of this kind of records or of the next one; null when this was all.
    next: Option<String>,
}

impl Exports {
    /// What this service exports: these kinds of records, one after the other. There is at least one.
    pub fn new(service: &'static str, kinds: &'static [&'static str]) -> Self {
        // Somebody's whole life is a few hundred pages; then they come at the pace at which one reads them.
        let quota = Quota::new(300, Duration::from_secs(1));
        Self { service, kinds, limiter: Limiter::new("pages of exports", quota) }
    }

    /// Of which kind records are asked for, and which of them. Refused when there is no such kind, and when an account asks for
    /// more than anybody needs.
    pub fn asked(&self, by: UserId, ask: &ExportAsk) -> Result<(&'static str, PageAsk), Refusal> {
        self.limiter.check(&by)?;
        let kind = match ask.kind.as_deref() {
            None => self.kinds.first(),
            Some(named) => self.kinds.iter().find(|kind| **kind == named),
        };
        let kind = *kind.ok_or_else(|| {
            let message = format!("must be one of {}, or left out", self.kinds.join(", "));
            Refusal::bad_input("kind", message).because(kernel::reasons::UNKNOWN)
        })?;
        Ok((kind, PageAsk::parse(Some(RECORDS), ask.after.as_deref(), 1)?))
    }

    /// A page of records of one kind.
    pub fn page(&self, kind: &'static str, page: Page<Value>) -> ExportPage {
        let more = page.items.last().filter(|_| page.has_next).map(|(cursor, _)| cursor.encode());
        let behind = || self.kinds.iter().skip_while(|known| **known != kind).nth(1);
        let next = match more {
            Some(after) => Some(format!("{}?kind={kind}&after={after}", self.address())),
            None => behind().map(|kind| format!("{}?kind={kind}", self.address())),
        };
        let records = page.items.into_iter().map(|(_, record)| record).collect();
        ExportPage { service: self.service, kind, records, next }
    }

    /// The same of a kind of which there are few: all of them are one page.
    pub fn all(&self, kind: &'static str, records: Vec<Value>) -> ExportPage {
        ExportPage { records, ..self.page(kind, Page { items: Vec::new(), has_next: false, total: 0 }) }
    }

    fn address(&self) -> String {
        format!("/api/{}/v1/me/export", self.service)
    }
}

impl IntoResponse for ExportPage {
    fn into_response(self) -> Response {
        let link = self.next.as_deref().map(next_at);
        let mut response = Json(self).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use kernel::Cursor;
    use serde_json::json;

    use super::*;

    fn exports() -> Exports {
        Exports::new("tickets", &["orders", "tickets"])
    }

    fn page(has_next: bool) -> Page<Value> {
        Page { items: vec![(Cursor::after("7"), json!({ "id": 7 }))], has_next, total: 0 }
    }

    #[test]
    fn the_next_page_is_named_beside_the_body_until_there_is_none() {
        let link = |kind, has_next| {
            exports().page(kind, page(has_next)).into_response().headers().get(LINK).cloned()
        };
        assert_eq!(link("orders", false).unwrap(), "</api/tickets/v1/me/export?kind=tickets>; rel=\"next\"");
        assert_eq!(link("tickets", false), None);
    }

    #[test]
    fn one_goes_from_page_to_page_and_then_from_kind_to_kind_to_the_end() {
        let exports = exports();
        let next = |kind, has_next| exports.page(kind, page(has_next)).next;
        let within = next("orders", true).unwrap();
        assert_eq!(
            within,
            format!("/api/tickets/v1/me/export?kind=orders&after={}", Cursor::after("7").encode())
        );
        assert_eq!(next("orders", false).unwrap(), "/api/tickets/v1/me/export?kind=tickets");
        assert_eq!(next("tickets", false), None);
        assert_eq!(exports.all("orders", vec![json!(1)]).records, [json!(1)]);
    }

    #[test]
    fn a_kind_that_is_not_there_is_refused_with_those_that_are() {
        let ask = ExportAsk { kind: Some("secrets".to_owned()), after: None };
        let refusal = exports().asked(UserId::new(), &ask).unwrap_err();
        assert!(refusal.message.contains("orders, tickets"), "{refusal:?}");
        assert_eq!(exports().asked(UserId::new(), &ExportAsk::default()).unwrap().0, "orders");
    }

    #[test]
    fn an_account_gets_so_many_pages_and_others_theirs() {
        let (exports, ada) = (exports(), UserId::new());
        for _ in 0..300 {
            exports.asked(ada, &ExportAsk::default()).unwrap();
        }
        let refusal = exports.asked(ada, &ExportAsk::default()).unwrap_err();
        assert!(refusal.is(kernel::reasons::TOO_MANY_REQUESTS), "{refusal:?}");
        exports.asked(UserId::new(), &ExportAsk::default()).unwrap();
    }
}
