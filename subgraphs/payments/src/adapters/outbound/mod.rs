//! What goes out: to the database and to Stripe.

mod members;
pub mod persistence;
mod stripe_connect;
mod stripe_events;
mod stripe_gateway;
mod stripe_line;
mod stripe_pages;
mod stripe_shapes;
mod stripe_statement;
mod traced_gateway;

pub(crate) use stripe_connect::payout_of;
pub use stripe_gateway::{StripeGateway, StripeSettings};
pub(crate) use stripe_shapes::{decline_of, dispute_of, intent_of, page_of, refund_of};
pub use traced_gateway::{TracedGateway, TracedPayouts};
