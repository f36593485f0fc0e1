//! What the REST adapters of the six services share: problems, extractors, the OpenAPI document.
//!
//! A service writes handlers with `#[utoipa::path]`, gathers them in an [`OpenApiRouter`] and gives it to
//! [`mount`], which serves them under `/api/<service>/v1`, their document at
//! `/api/<service>/openapi.json` and Swagger UI at `/api/<service>/swagger-ui/`. Handlers take their
//! input by the extractors of this module, whose rejections are problems, and return [`Answer`].

mod caching;
mod caller;
mod document;
mod export;
mod extract;
mod growth;
mod idempotency;
mod instants;
mod mount;
mod negotiating;
mod pages;
mod problem;
mod reading;
mod ready;
mod responses;
mod shapes;
mod table;
mod wording;

pub use caching::Caching;
pub use document::{About, document};
pub use export::{ExportAsk, ExportPage, Exports};
pub use extract::{Json, Path, Query};
pub use idempotency::{IdempotencyKey, OptionalIdempotencyKey};
pub use instants::{instant, instant_or_null};
pub use mount::{mount, mount_within};
pub(crate) use negotiating::names;
pub use problem::{Answer, PROBLEM_JSON, Problem};
pub use ready::{Kept, Ready, ReadyAnswers};
pub use responses::{
    Conflict, Forbidden, NotFound, PaymentRequired, TooManyRequests, Unauthorized, UnprocessableContent,
};
pub use shapes::{Money, Page, PageInfo, PageQuery};
pub use table::{table, text_cell};
pub use utoipa_axum::{router::OpenApiRouter, routes};
