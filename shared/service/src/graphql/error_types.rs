//! What errors tell, as types of the schema.

use async_graphql::{Enum, ID, ObjectType, SchemaBuilder, SimpleObject, SubscriptionType};
use chrono::{DateTime, Utc};

/// The closed list of codes that errors have. No other will come; what there is to tell apart besides is told by reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "kernel::ErrorCode")]
pub enum ErrorCode {
    /// No valid token came with the request.
    Unauthenticated,
    /// The caller is known, and may not do this.
    Forbidden,
    /// There is no such thing, or it is none of the caller's business.
    NotFound,
    /// The input is wrong; `problems` names all that is.
    BadUserInput,
    /// The thing is in a state that does not allow this.
    Conflict,
    /// Some seats are taken; `seatIds` names them.
    SeatsUnavailable,
    /// Fewer places are left than were asked for; `available` says how many.
    NotEnoughAvailable,
    /// The reservation ran out.
    ReservationExpired,
    /// Sales are not open, or no longer.
    SalesClosed,
    /// A limit per order, per person or of the system; `limit` says which number.
    LimitExceeded,
    /// The idempotency key was used before with another input.
    IdempotencyKeyReused,
    /// The card was declined; `declineCode` says why.
    PaymentDeclined,
    /// Too many requests; `retryAfterSeconds` says when to come again.
    RateLimited,
    /// A part of the system is down for now; trying again later is right.
    ServiceUnavailable,
    /// Our own fault. The cause is in the log, never in the answer.
    Internal,
}

/// The extensions of each error. No field returns it: it is here for code generators.
#[derive(Clone, Debug, SimpleObject)]
pub struct ErrorExtensions {
    /// Which error of the closed list.
    pub code: ErrorCode,
    /// Why, more exactly than by the code, such as `ALREADY_CHECKED_OUT`. The list is open: have a default branch.
    pub reason: Option<String>,
    /// Which part of the input is wrong, by its last name.
    pub field: Option<String>,
    /// The way to what is wrong in the input, from the name of the argument on: `input`, `tiers`, `1`, `name`.
    pub path: Option<Vec<String>>,
    /// All that is wrong with the input, at most 20 things; the first is the one that `message`, `field` and `path` tell.
    pub problems: Option<Vec<InputProblem>>,
    /// The seats that are in the way.
    pub seat_ids: Option<Vec<ID>>,
    /// What the bank said.
    pub decline_code: Option<String>,
    /// The order that it is about, or that the reservation became.
    pub order_id: Option<ID>,
    /// When sales open.
    pub opens_at: Option<DateTime<Utc>>,
    /// In how many seconds to come again.
    pub retry_after_seconds: Option<i32>,
    /// The limit that was passed.
    pub limit: Option<i32>,
    /// How many are left.
    pub available: Option<i32>,
    /// With `SECOND_FACTOR_REQUIRED`: what completeLogin takes, together with a code. To be kept secret.
    pub challenge: Option<String>,
    /// With `SECOND_FACTOR_REQUIRED`: what the account has, each a `SecondFactorKind`.
    pub methods: Option<Vec<String>>,
}

/// One of the things that are wrong with an input. No field returns it: it is here for code generators.
#[derive(Clone, Debug, SimpleObject)]
pub struct InputProblem {
    /// The way to it, from the name of the argument on.
    pub path: Vec<String>,
    /// What would be right, for a person.
    pub message: String,
    /// Why, as the reason of an error.
    pub reason: Option<String>,
}

/// Adds the types of what errors tell to a schema. One of those that are composed does.
pub fn with_error_types<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder.register_output_type::<ErrorExtensions>()
}
