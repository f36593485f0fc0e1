use chrono::{DateTime, Duration, Utc};
use kernel::{EmailAddress, Fault, Id, Refusal, UserId};
use uuid::Uuid;

use super::{Profile, Secret, SecretHash};

/// How a change of address ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressChangeEnd {
    /// The account has the other address.
    Done,
    /// The owner asked for another one instead.
    Replaced,
    /// It was taken back, or another password was set.
    Cancelled,
}

impl AddressChangeEnd {
    const ALL: [Self; 3] = [Self::Done, Self::Replaced, Self::Cancelled];

    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "DONE",
            Self::Replaced => "REPLACED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|end| end.as_str() == name)
            .ok_or_else(|| Fault::broken_rule(format!("unknown end of a change of address {name}")))
    }
}

/// One of the two addresses that agree to a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What is kept of the secret in the link that was mailed there.
    pub token: SecretHash,
    /// When the link was opened, if it was.
    pub given_at: Option<DateTime<Utc>>,
}

impl Agreement {
    fn asked_by(secret: &Secret) -> Self {
        Self { token: secret.hash(), given_at: None }
    }
}

/// An account is to have another address. It has it once a link at the address so far and one at the new address have
/// been opened, whichever comes first: neither a stolen session nor a slip of the fingers takes an account away.
#[derive(Clone, Debug)]
pub struct AddressChange {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub account: UserId,
    /// The address that the account shall have, as typed.
    pub new_email: EmailAddress,
    /// At the address so far. Not asked for where nobody has shown that mail to it arrives: perhaps it never did.
    pub old: Option<Agreement>,
    /// At the new address.
    pub new: Agreement,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Until when the links can be opened.
    pub expires_at: DateTime<Utc>,
    /// When and how it ended, if it did.
    pub ended: Option<(DateTime<Utc>, AddressChangeEnd)>,
}

impl AddressChange {
    /// A change that begins now, of this person's address. `old` and `new` are for the links.
    pub fn begin(
        of: &Profile,
        new_email: EmailAddress,
        (old, new): (&Secret, &Secret),
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Self {
        Self {
            id: Id::<Self>::new().uuid(),
            account: of.id,
            new_email,
            old: of.email_verified.then(|| Agreement::asked_by(old)),
            new: Agreement::asked_by(new),
            created_at: now,
            expires_at: now + lifetime,
            ended: None,
        }
    }

    /// Notes that the link with this secret was opened. True when nobody else has to agree any more. Opened again, it
    /// changes nothing.
    pub fn agree(&mut self, token: &SecretHash, now: DateTime<Utc>) -> Result<bool, Refusal> {
        if self.is_done() {
            return Ok(false);
        }
        if self.ended.is_some() || now >= self.expires_at {
            return Err(no_such_change());
        }
        let side = match &mut self.old {
            Some(old) if old.token == *token => old,
            _ if self.new.token == *token => &mut self.new,
            _ => return Err(no_such_change()),
        };
        side.given_at.get_or_insert(now);
        Ok(self.old_agrees() && self.new_agrees())
    }

    /// Ends it. What has ended stays as it is.
    pub fn end(&mut self, how: AddressChangeEnd, now: DateTime<Utc>) {
        self.ended.get_or_insert((now, how));
    }

    /// True once the account has the new address by it.
    pub fn is_done(&self) -> bool {
        self.ended.is_some_and(|(_, how)| how == AddressChangeEnd::Done)
    }

    /// True once the old address agrees, or need not.
    pub fn old_agrees(&self) -> bool {
        self.old.as_ref().is_none_or(|old| old.given_at.is_some())
    }

    /// True once the new address agrees.
    pub fn new_agrees(&self) -> bool {
        self.new.given_at.is_some()
    }
}

/// The refusal of a link that changes nothing.
pub(crate) fn no_such_change() -> Refusal {
    Refusal::not_found(
        "link, or the change it was for was taken back or replaced, or its time is over. Log in and ask for the change anew",
    )
    .with("field", "token")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::account::tests::profile;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minutes)
    }

    fn secret(byte: u8) -> Secret {
        Secret::new([byte; 32])
    }

    fn change(verified: bool) -> AddressChange {
        let of = Profile { email_verified: verified, ..profile() };
        let new_email = EmailAddress::parse("newEmail", "ada@example.net").unwrap();
        AddressChange::begin(&of, new_email, (&secret(1), &secret(2)), at(0), Duration::hours(24))
    }

    #[test]
    fn an_address_changes_once_both_agree_whichever_comes_first() {
        for order in [[1, 2], [2, 1]] {
            let mut change = change(true);
            assert_eq!(change.agree(&secret(order[0]).hash(), at(1)), Ok(false));
            assert_eq!(change.agree(&secret(order[0]).hash(), at(2)), Ok(false), "the same link twice");
            assert_eq!(change.agree(&secret(order[1]).hash(), at(3)), Ok(true));
        }
    }

    #[test]
    fn an_address_that_nobody_has_verified_need_not_agree() {
        let mut change = change(false);
        change.agree(&secret(1).hash(), at(1)).unwrap_err();
        assert_eq!(change.agree(&secret(2).hash(), at(1)), Ok(true));
    }

    #[test]
    fn what_is_over_or_was_taken_back_changes_nothing_and_what_is_done_stays_done() {
        change(true).agree(&secret(2).hash(), at(24 * 60)).unwrap_err();
        change(true).agree(&secret(3).hash(), at(1)).unwrap_err();
        let mut cancelled = change(true);
        cancelled.end(AddressChangeEnd::Cancelled, at(1));
        cancelled.end(AddressChangeEnd::Done, at(2));
        cancelled.agree(&secret(2).hash(), at(3)).unwrap_err();
        let mut done = change(true);
        done.end(AddressChangeEnd::Done, at(1));
        assert_eq!(done.agree(&secret(2).hash(), at(2)), Ok(false));
    }
}
