use chrono::{DateTime, Utc};
use contracts::users::Role;
use kernel::{EmailAddress, Fault, InvitationId, OrganizationId, Refusal, UserId};

use super::SecretHash;
use crate::domain::reasons;

/// The most invitations of one organization that wait for an answer: they are shown in one list.
pub const MAX_INVITATIONS: u64 = 200;

/// How an invitation ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationEnd {
    /// Its link was opened by an account of its address.
    Accepted,
    /// The organization took it back.
    Revoked,
    /// A later one took its place.
    Replaced,
}

impl InvitationEnd {
    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Revoked => "REVOKED",
            Self::Replaced => "REPLACED",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        [Self::Accepted, Self::Revoked, Self::Replaced]
            .into_iter()
            .find(|end| end.as_str() == name)
            .ok_or_else(|| Fault::broken_rule(format!("unknown end of an invitation {name}")))
    }
}

/// An organization wants whoever reads the mail of an address as a member. The role begins when an account with that
/// address opens the link of the mail.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// To whom the mail goes, as typed.
    pub email: EmailAddress,
    /// What the member may do.
    pub role: Role,
    /// What is kept of the link's secret.
    pub token: SecretHash,
    /// The owner who invites. Once that person owns the organization no longer, the invitation is worth nothing.
    pub by: UserId,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// When and how it ended, if it did.
    pub ended: Option<(DateTime<Utc>, InvitationEnd)>,
}

impl Invitation {
    /// Whether an account with this address may accept it now. False: it has done so already.
    pub fn accept(&mut self, address: &EmailAddress, now: DateTime<Utc>) -> Result<bool, Refusal> {
        let its_own = address.normalised() == self.email.normalised();
        match self.ended {
            Some((_, InvitationEnd::Accepted)) if its_own => return Ok(false),
            Some(_) => return Err(over()),
            None if now >= self.expires_at => return Err(over()),
            None => {}
        }
        if !its_own {
            return Err(Refusal::new(
                reasons::INVITED_ANOTHER_ADDRESS,
                "This invitation was sent to another address. Log in with the account of the address that got the mail.",
            ));
        }
        self.end(InvitationEnd::Accepted, now);
        Ok(true)
    }

    /// Ends it. One that has ended stays as it is.
    pub fn end(&mut self, how: InvitationEnd, now: DateTime<Utc>) {
        self.ended.get_or_insert((now, how));
    }
}

/// The refusal of an invitation that is none, or none any more.
pub(crate) fn over() -> Refusal {
    Refusal::not_found("invitation, or it is over. Ask the organization for a new one").with("field", "token")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::Secret;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse("email", text).unwrap()
    }

    fn invitation() -> Invitation {
        Invitation {
            id: InvitationId::new(),
            organization: OrganizationId::new(),
            email: address("Ada@example.org"),
            role: Role::Owner,
            token: Secret::new([1; 32]).hash(),
            by: UserId::new(),
            created_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH + chrono::Duration::days(14),
            ended: None,
        }
    }

    #[test]
    fn the_account_of_the_address_accepts_once_and_may_say_so_again() {
        let (mut invitation, now) = (invitation(), DateTime::UNIX_EPOCH);
        assert!(invitation.accept(&address("ADA@example.org"), now).unwrap());
        assert!(!invitation.accept(&address("ada@example.org"), now).unwrap());
        invitation.accept(&address("eve@example.org"), now).unwrap_err();
    }

    #[test]
    fn another_account_a_late_one_and_one_after_the_end_get_nothing() {
        let now = DateTime::UNIX_EPOCH;
        invitation().accept(&address("eve@example.org"), now).unwrap_err();
        let late = invitation().expires_at;
        invitation().accept(&address("ada@example.org"), late).unwrap_err();
        let mut revoked = invitation();
        revoked.end(InvitationEnd::Revoked, now);
        revoked.end(InvitationEnd::Replaced, now);
        assert_eq!(revoked.ended, Some((now, InvitationEnd::Revoked)));
        revoked.accept(&address("ada@example.org"), now).unwrap_err();
    }
}
