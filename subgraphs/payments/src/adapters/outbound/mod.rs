//! What goes out: to the database and to Stripe.

pub mod persistence;
mod stripe_gateway;
mod stripe_line;
mod stripe_shapes;
mod traced_gateway;

pub use stripe_gateway::{StripeGateway, StripeSettings};
pub(crate) use stripe_shapes::{decline_of, dispute_of, intent_of, refund_of};
pub use traced_gateway::TracedGateway;
