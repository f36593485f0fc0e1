//! What is shown at a login besides the password, or instead of it.

mod ceremony;
mod foreign_account;
mod recovery_code;
mod second_factors;
mod totp;

pub(crate) use ceremony::over;
pub use ceremony::{Ceremony, Purpose};
pub use foreign_account::{ForeignAccount, may_be_linked};
pub use recovery_code::RecoveryCode;
pub use second_factors::{FactorKind, Means, SecondFactor, SecondFactors, TypedCode};
pub use totp::TotpSecret;
