//! What `users` asks `notifications` to write to the holder of an address.
//!
//! Whoever is written to may have no account, or none yet: the ask carries all that the mail says.

use chrono::{DateTime, Utc};
use kernel::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Contract, users::Role};

/// Asked of `notifications`: one mail about an account, a door to one, or an invitation.
///
/// Links carry a secret behind their `#`, so that they reach no log of a server. They are to be printed as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendAccountMail {
    /// The cause: at most one mail is written for it.
    pub id: Uuid,
    /// The account that it is about, if there is one; a mail to an erased account is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// To whom, as typed.
    pub to_email: String,
    /// How the person wants to be called, where the person said so. Never what a stranger typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_name: Option<String>,
    /// A language tag, such as `en` or `de-AT`.
    pub locale: String,
    /// IANA zone, in which times are written.
    pub timezone: String,
    /// What it says.
    pub kind: AccountMail,
}

impl Contract for SendAccountMail {
    const SUBJECT: &'static str = "odysseus.ask.notifications.send_account_mail.v1";

    fn about(&self) -> Uuid {
        self.id
    }
}

/// What a mail about an account says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountMail {
    /// Open the link to show that this address is yours.
    VerifyAddress {
        /// Opened once, it verifies the address.
        link: String,
        /// Until then.
        expires_at: DateTime<Utc>,
    },
    /// An organization wants the reader as a member.
    Invitation {
        /// Opened with an account of this address, it makes a member of its owner.
        link: String,
        /// Until then.
        expires_at: DateTime<Utc>,
        /// The organization's name.
        organization: String,
        /// What the member may do.
        role: Role,
        /// The name of who invites.
        inviter: String,
    },
    /// Somebody tries passwords on the reader's account, without success. What the reader uses is not slowed down.
    PasswordGuessing {
        /// How many were wrong.
        attempts: u32,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Somebody, perhaps the reader, tried to register with this address, which has an account already.
    AddressTaken,
    /// Open the link to choose a new password.
    PasswordReset {
        /// Opened once, it lets its reader choose one.
        link: String,
        /// Until then.
        expires_at: DateTime<Utc>,
    },
    /// The password of the reader's account is another one now.
    PasswordChanged {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// To the address that an account shall have: open the link to show that it is yours.
    ConfirmNewAddress {
        /// Opened once, it shows that the reader of the new address agrees.
        link: String,
        /// Until then.
        expires_at: DateTime<Utc>,
    },
    /// To the address that an account has: open the link if it shall have the other one.
    ConfirmAddressChange {
        /// Opened once, it shows that the reader of the address so far agrees.
        link: String,
        /// Until then.
        expires_at: DateTime<Utc>,
        /// The address that the account shall have.
        new_email: String,
    },
    /// To the address that an account had: it has another one now.
    AddressChanged {
        /// The address that the account has now.
        new_email: String,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// How the reader's account is protected besides its password is different now.
    SecondFactorChanged {
        /// What changed: `TOTP_ADDED`, `TOTP_REMOVED`, `PASSKEY_ADDED`, `PASSKEY_REMOVED`, `RECOVERY_CODES_RENEWED` or
        /// `RECOVERY_CODE_USED`. Anything else is told as a change, without saying which.
        what: String,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// The account was erased, as its owner asked. Its mail names no account ([`SendAccountMail::user_id`] is none), since
    /// nothing is written to an erased one.
    AccountDeleted,
}

#[cfg(test)]
mod tests {
    use super::{AccountMail, SendAccountMail};
    use crate::{Announcement, users::Role};

    #[test]
    fn an_ask_reads_back_as_it_was_written() {
        let asked = SendAccountMail {
            id: uuid::Uuid::from_u128(7),
            user_id: None,
            to_email: "ada@example.test".to_owned(),
            to_name: None,
            locale: "de-AT".to_owned(),
            timezone: "Europe/Vienna".to_owned(),
            kind: AccountMail::Invitation {
                link: "https://tickets.example/account/invitation#token=abc".to_owned(),
                expires_at: chrono::DateTime::UNIX_EPOCH,
                organization: "The Back Room".to_owned(),
                role: Role::Scanner,
                inviter: "Grace".to_owned(),
            },
        };
        let told = Announcement::of(&asked);
        assert_eq!(told.about, asked.id);
        assert_eq!(told.payload["kind"]["kind"], "INVITATION");
        let read: SendAccountMail = serde_json::from_value(told.payload).expect("it reads back");
        assert_eq!(read, asked);
    }
}
