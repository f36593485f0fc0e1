//! State and rules.

mod attempt;
pub mod books;
mod declines;
mod destination;
mod dispute;
mod ledger;
mod not_payable;
mod paid_by;
pub mod payment;
pub mod payout;
mod refund;

pub use attempt::{Attempt, AttemptState, Checkout, Means, Session, fingerprint};
pub use declines::{Declines, Suspicion};
pub use destination::{Destination, DestinationState, Seller};
pub use dispute::Dispute;
pub use kernel::ProviderAmount;
pub use ledger::{Account, Cause, Entry, Posting};
pub use not_payable::NotPayable;
pub use paid_by::{MethodKind, PaidBy};
pub use payment::{Begun, Duty, IntentRef, Payment, PaymentSnapshot, PaymentStatus, State, Wish};
pub use refund::{Refund, RefundState};
