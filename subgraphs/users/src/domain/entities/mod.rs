//! State and its rules.

mod account;
mod address_proof;
mod invitation;
mod locale;
mod login_failures;
mod organization;
mod password;
mod phone;
mod secret;
mod session;
mod settings;
mod slug;

pub use account::{Account, Profile, ProfileChange};
pub use address_proof::AddressProof;
pub(crate) use address_proof::worthless;
pub(crate) use invitation::over;
pub use invitation::{Invitation, InvitationEnd, MAX_INVITATIONS};
pub use locale::Locale;
pub use login_failures::{LoginFailures, LoginLimit, Place};
pub use organization::{Founding, MAX_MEMBERS, Membership, Organization, OrganizationSnapshot};
pub use password::Password;
pub use phone::PhoneNumber;
pub use secret::{Secret, SecretHash};
pub(crate) use session::unknown_token;
pub use session::{EndReason, PresentedToken, Rotation, Session, SessionSnapshot};
pub use settings::{BrandingAsk, FeeAsk, MoneyAsk, OrganizationAsk, OrganizationChange, SellerAsk};
pub use slug::Slug;
