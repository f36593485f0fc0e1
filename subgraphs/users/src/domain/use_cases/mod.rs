//! What people do, a file each.

mod change_email;
mod change_password;
mod continue_as_guest;
mod create_organization;
mod delete_account;
mod end_sessions;
mod grant_operator;
mod invite_member;
mod log_in;
mod log_out;
mod look_up;
mod prove_oneself;
mod refresh_session;
mod register;
mod remove_member;
mod reset_password;
mod run_erasure;
pub mod sign_in;
mod update_organization;
mod update_profile;
mod verify_email;

pub use change_email::ChangeEmail;
pub use change_password::ChangePassword;
pub use continue_as_guest::ContinueAsGuest;
pub use create_organization::CreateOrganization;
pub use invite_member::InviteMember;
pub use log_in::LogIn;
pub use look_up::{Seen, Sight, Sighted};
pub use prove_oneself::Oneself;
pub use register::Register;
pub use remove_member::RemoveMember;
pub use reset_password::ResetPassword;
pub use update_organization::UpdateOrganization;
pub use update_profile::UpdateProfile;

use chrono::{DateTime, Utc};

use super::{entities::Profile, ports::OrganizationView};

/// A person who has just logged in, and with what they go on.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Who.
    pub profile: Profile,
    /// Says who is calling, until it expires.
    pub access_token: String,
    /// When the access token ends.
    pub expires_at: DateTime<Utc>,
    /// Gets the next access token, once.
    pub refresh_token: String,
    /// When the refresh token ends.
    pub refresh_expires_at: DateTime<Utc>,
}

impl From<&super::entities::Organization> for OrganizationView {
    fn from(organization: &super::entities::Organization) -> Self {
        let state = organization.state();
        Self { id: state.id, slug: state.slug.as_str().to_owned(), name: state.name.clone() }
    }
}
