//! What `users` tells.

use chrono::{DateTime, Utc};
use kernel::{OrganizationId, SessionId, UserId};
use serde::{Deserialize, Serialize};

use crate::contract;

/// An account was made or changed. Whole state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChanged {
    /// Whose.
    pub user_id: UserId,
    /// Rises with each change.
    pub version: i64,
    /// As typed.
    pub email: String,
    /// How the person wants to be called.
    pub name: String,
    /// A language tag, such as `en` or `de-AT`.
    pub locale: String,
    /// IANA zone.
    pub timezone: String,
    /// The telephone number in international form, where the person gave one. A message from before it was told has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// True once the person has shown that mail to the address arrives: then what was sent to it is theirs. What was told before
    /// that was says false.
    #[serde(default)]
    pub email_verified: bool,
    /// True as long as the person buys without an account. What was told before that was says false.
    #[serde(default)]
    pub guest: bool,
    /// True when the account was erased: forget the person.
    #[serde(default)]
    pub erased: bool,
}
contract!(AccountChanged, "odysseus.users.account.changed.v1", user_id, version);

/// The owner of an account has shown once more that mail to its address arrives, which was verified before. A version that does
/// not tell it leaves an address marked at which no mail arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressVerifiedAgain {
    /// Whose.
    pub user_id: UserId,
    /// Which address.
    pub email: String,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(AddressVerifiedAgain, "odysseus.users.address.verified_again.v1", user_id);

/// An organization was made or renamed. Whole state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationChanged {
    /// Which.
    pub organization_id: OrganizationId,
    /// Rises with each change.
    pub version: i64,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}
contract!(OrganizationChanged, "odysseus.users.organization.changed.v1", organization_id, version);

/// What a member may do in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Everything, members included.
    Owner,
    /// Events, ticket types, orders, reports.
    Manager,
    /// Selling and check-in.
    BoxOffice,
    /// Check-in.
    Scanner,
}

impl Role {
    /// May create and change venues, events and ticket types, and read reports.
    pub fn manages(self) -> bool {
        matches!(self, Self::Owner | Self::Manager)
    }

    /// May admit people at the door.
    pub fn admits(self) -> bool {
        true
    }

    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Manager => "MANAGER",
            Self::BoxOffice => "BOX_OFFICE",
            Self::Scanner => "SCANNER",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Owner, Self::Manager, Self::BoxOffice, Self::Scanner]
            .into_iter()
            .find(|role| role.as_str() == name)
    }
}

/// A person's role in an organization was given, changed or taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChanged {
    /// Where.
    pub organization_id: OrganizationId,
    /// Who.
    pub user_id: UserId,
    /// Rises with each change of this person's role in this organization.
    pub version: i64,
    /// None: no longer a member.
    pub role: Option<Role>,
}
contract!(MembershipChanged, "odysseus.users.membership.changed.v1", user_id, version);

/// The topic on which [`SessionEnded`] is announced.
pub const SESSION_ENDED: &str = "odysseus.live.sessions.ended";

/// A login has ended before the tokens that it gave out: nobody is to believe them any more. Announced on
/// [`SESSION_ENDED`] after the commit, to those who listen at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionEnded {
    /// Which.
    pub session_id: SessionId,
    /// When the last of its tokens ends by itself.
    pub until: DateTime<Utc>,
}
