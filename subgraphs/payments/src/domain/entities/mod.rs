//! State and rules.

mod attempt;
mod ledger;
pub mod payment;
mod provider_amount;
mod refund;

pub use attempt::{Attempt, AttemptState, fingerprint};
pub use ledger::{Account, Cause, Entry, Posting};
pub use payment::{Begun, Duty, IntentRef, Payment, PaymentSnapshot, PaymentStatus, State};
pub use provider_amount::ProviderAmount;
pub use refund::{Refund, RefundState};
