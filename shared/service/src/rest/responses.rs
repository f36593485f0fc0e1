//! The problems that an operation names in its `responses(…)`, a type each. Those that follow from its
//! parameters, its body and its security, and those that everything can have, are added by
//! [`super::document`].

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

use super::PROBLEM_JSON;

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $status:literal: $description:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([($status.to_owned(), problem($description))])
            }
        }
    )*};
}

problems! {
    /// The operation itself is about who calls: a login.
    Unauthorized = "401": "`UNAUTHENTICATED`: what was shown does not say who is calling.",
    /// A card can be declined.
    PaymentRequired = "402": "`PAYMENT_DECLINED`: the card was declined; `declineCode` says why.",
    /// It is for some of those who are logged in.
    Forbidden = "403": "`FORBIDDEN`: the caller may not do this.",
    /// What is named may not be there.
    NotFound = "404": "`NOT_FOUND`: there is no such thing, or it is none of the caller's business.",
    /// The state of things may not allow it.
    Conflict = "409": "The state of things does not allow this; `code` says why, and `reason` more exactly.",
    /// It takes an idempotency key.
    UnprocessableContent = "422": "`IDEMPOTENCY_KEY_REUSED`: the key was used before with another input.",
    /// It can be asked too often.
    TooManyRequests = "429": "`RATE_LIMITED`: too many requests; the header `Retry-After` says when to come again.",
}

fn problem(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build().into()
}
