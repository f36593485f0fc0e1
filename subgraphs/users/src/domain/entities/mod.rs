//! State and its rules.

mod account;
mod locale;
mod login_failures;
mod organization;
mod password;
mod phone;
mod session;
mod slug;

pub use account::{Account, Profile, ProfileChange};
pub use locale::Locale;
pub use login_failures::{LoginFailures, LoginLimit};
pub use organization::{Founding, MAX_MEMBERS, Membership, Organization, OrganizationSnapshot};
pub use password::Password;
pub use phone::PhoneNumber;
pub(crate) use session::unknown_token;
pub use session::{EndReason, PresentedToken, RefreshToken, Session, SessionSnapshot, TokenHash};
pub use slug::Slug;
