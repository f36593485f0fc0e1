//! State and rules.

mod attempt;
mod dispute;
mod ledger;
mod not_payable;
mod paid_by;
pub mod payment;
mod refund;

pub use attempt::{Attempt, AttemptState, fingerprint};
pub use dispute::Dispute;
pub use kernel::ProviderAmount;
pub use ledger::{Account, Cause, Entry, Posting};
pub use not_payable::NotPayable;
pub use paid_by::{MethodKind, PaidBy};
pub use payment::{Begun, Duty, IntentRef, Payment, PaymentSnapshot, PaymentStatus, State};
pub use refund::{Refund, RefundState};
