//! Signing in by more than a password.

mod complete_login;
mod confirm;
mod foreign;
mod passkeys;
mod second_factors;
mod totp;

pub use complete_login::{Arrival, CompleteLogin};
pub use confirm::Proof;
pub use foreign::{FinishForeignSignIn, ForeignSignInBegun};
pub use passkeys::{FinishPasskey, PasskeyAnswer, PasskeyBegun};
pub use second_factors::Enrolled;
pub use totp::{ConfirmTotp, TotpBegun};
