//! What the six schemas share: the endpoint, errors, scalars, connections.

mod endpoint;
mod entities;
mod error_types;
mod errors;
mod instants;
mod loading;
mod nul;
mod observed;
mod operation;
mod places;
mod sent;
mod socket_token;
pub mod terms;
mod types;
mod unreadable;
mod who;

pub use endpoint::{endpoint, endpoint_within, sdl};
pub use error_types::{ErrorCode, ErrorExtensions, InputProblem, with_error_types};
pub use errors::{IntoGraph, into_graph};
pub use loading::{Loading, loader};
pub(crate) use nul::place_of_nul;
pub use operation::Operations;
pub use sent::{change, unless_null};
pub use types::{ConnectionOf, CurrencyCode, Decimal, Money, MoneyInput, TotalCount, Url, connection};
pub use who::{Who, access};

use async_graphql::{Context, ID, Result};
use kernel::{Id, Refusal, UserId, Viewer};

use crate::Caller;

/// Who is calling, if anybody is logged in.
pub fn caller(context: &Context<'_>) -> Option<Caller> {
    context.data_opt::<Caller>().copied()
}

/// Who is looking: the caller, or nobody in particular.
pub fn viewer(context: &Context<'_>) -> Viewer {
    caller(context).map(Viewer::from).unwrap_or_default()
}

/// Who is calling; refused when nobody is logged in.
pub fn require_user(context: &Context<'_>) -> Result<UserId> {
    caller(context).map(|caller| caller.user).ok_or_else(|| into_graph(Refusal::unauthenticated().into()))
}

/// Reads an id that a client sent in `field`.
pub fn id<T: kernel::Kind>(field: &str, id: &ID) -> Result<Id<T>> {
    Id::parse(field, id).map_err(|refusal| into_graph(refusal.into()))
}

/// Limits of a single subgraph, for whoever reaches it around the router.
pub fn limited<Q, M, S>(
    builder: async_graphql::SchemaBuilder<Q, M, S>,
) -> async_graphql::SchemaBuilder<Q, M, S>
where
    Q: async_graphql::ObjectType + 'static,
    M: async_graphql::ObjectType + 'static,
    S: async_graphql::SubscriptionType + 'static,
{
    builder
        .override_output_type_description::<chrono::DateTime<chrono::Utc>>(
            "An instant by RFC 3339, such as 2027-03-14T19:30:00Z: with any offset when sent, in UTC when answered.",
        )
        .enable_federation()
        .enable_subscription_in_federation()
        .limit_depth(20)
        .limit_complexity(2_000)
        .limit_directives(20)
        .extension(Operations)
}
