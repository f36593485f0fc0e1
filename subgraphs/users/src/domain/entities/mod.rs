//! State and its rules.

mod account;
mod address_change;
mod address_proof;
mod device;
mod invitation;
mod login_failures;
mod organization;
mod password;
mod secret;
mod session;
mod settings;
pub mod sign_in;
mod slug;

pub(crate) use account::known;
pub use account::{Account, Profile, ProfileChange};
pub(crate) use address_change::no_such_change;
pub use address_change::{AddressChange, AddressChangeEnd, Agreement};
pub use address_proof::{AddressProof, ProofPurpose};
pub(crate) use address_proof::{worthless, worthless_for};
pub use device::Device;
pub(crate) use invitation::over;
pub use invitation::{Invitation, InvitationEnd, MAX_INVITATIONS};
pub use kernel::{Locale, PhoneNumber};
pub use login_failures::{LoginFailures, LoginLimit, Place};
pub use organization::{Founding, MAX_MEMBERS, Membership, Organization, OrganizationSnapshot};
pub use password::Password;
pub use secret::{Secret, SecretHash};
pub use session::{EndReason, PresentedToken, Rotation, Session, SessionSnapshot};
pub(crate) use session::{FRESH, unknown_token};
pub use settings::{BrandingAsk, FeeAsk, MoneyAsk, OrganizationAsk, OrganizationChange, SellerAsk, TermsAsk};
pub use slug::Slug;
