use chrono::{DateTime, Duration, Utc};
use kernel::{Fault, Refusal, UserId};

use super::super::{Secret, SecretHash};
use crate::domain::reasons;

/// How long there is between its two requests.
const LASTS: Duration = Duration::minutes(10);
/// How many codes may be tried on one.
const TRIES: i64 = 5;

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody knows the password, and is asked for a second factor.
    Login,
    /// An app is to be added that shows codes.
    Totp,
    /// A passkey is to be added.
    Passkey,
    /// Somebody signs in by a passkey.
    PasskeySignIn,
    /// Somebody signs in by an account elsewhere.
    Foreign,
}

impl Purpose {
    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Totp => "TOTP",
            Self::Passkey => "PASSKEY",
            Self::PasskeySignIn => "PASSKEY_SIGN_IN",
            Self::Foreign => "FOREIGN",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        [Self::Login, Self::Totp, Self::Passkey, Self::PasskeySignIn, Self::Foreign]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
            .ok_or_else(|| Fault::broken_rule(format!("unknown purpose of a ceremony {name}")))
    }
}

/// Something that takes two requests, with what we have to remember in between. Its holder has a secret, and nothing else
/// of it. It ends once.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// What is kept of its holder's secret.
    pub token: SecretHash,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose, where that is known at its beginning.
    pub account: Option<UserId>,
    /// What is remembered, in a form of the purpose's own.
    pub state: String,
    /// How many codes were wrong.
    pub wrong: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when it can be ended.
    pub expires_at: DateTime<Utc>,
    /// When it was.
    pub used_at: Option<DateTime<Utc>>,
}

impl Ceremony {
    /// Begins one; the secret is for its holder.
    pub fn begin(
        purpose: Purpose,
        account: Option<UserId>,
        state: String,
        now: DateTime<Utc>,
    ) -> (Self, Secret) {
        let secret = Secret::random();
        let ceremony = Self {
            token: secret.hash(),
            purpose,
            account,
            state,
            wrong: 0,
            created_at: now,
            expires_at: now + LASTS,
            used_at: None,
        };
        (ceremony, secret)
    }

    /// Refuses one that is over, is for something else, or is somebody else's.
    pub fn require(
        &self,
        purpose: Purpose,
        account: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let open = self.used_at.is_none() && self.wrong < TRIES && now < self.expires_at;
        if open && self.purpose == purpose && (account.is_none() || self.account == account) {
            Ok(())
        } else {
            Err(over(purpose))
        }
    }

    /// Ends it: what was to be shown has been shown.
    pub fn end(&mut self, now: DateTime<Utc>) {
        self.used_at = Some(now);
    }

    /// Counts a wrong code.
    pub fn count_wrong(&mut self) {
        self.wrong += 1;
    }
}

/// The refusal of a challenge that leads to nothing. To whoever is logged in it is no word about their session.
pub(crate) fn over(purpose: Purpose) -> Refusal {
    let why = "This took too long, was done before, or there were too many wrong codes.";
    match purpose {
        Purpose::Login | Purpose::PasskeySignIn | Purpose::Foreign => {
            Refusal::new(reasons::SIGN_IN_OVER, format!("{why} Log in from the beginning."))
        }
        Purpose::Totp | Purpose::Passkey => {
            Refusal::new(reasons::CHALLENGE_OVER, format!("{why} Begin anew."))
        }
    }
    .with("field", "challenge")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minutes)
    }

    #[test]
    fn a_ceremony_is_ended_once_in_its_time_by_whose_it_is() {
        let (ada, eve) = (UserId::new(), UserId::new());
        let (mut ceremony, secret) = Ceremony::begin(Purpose::Totp, Some(ada), String::new(), at(0));
        assert_eq!(ceremony.token, secret.hash());
        ceremony.require(Purpose::Totp, Some(ada), at(9)).unwrap();
        for (purpose, account, now) in
            [(Purpose::Totp, eve, 0), (Purpose::Login, ada, 0), (Purpose::Totp, ada, 10)]
        {
            ceremony.require(purpose, Some(account), at(now)).unwrap_err();
        }
        ceremony.end(at(1));
        ceremony.require(Purpose::Totp, Some(ada), at(1)).unwrap_err();
    }

    #[test]
    fn after_five_wrong_codes_it_is_over() {
        let (mut ceremony, _) = Ceremony::begin(Purpose::Login, Some(UserId::new()), String::new(), at(0));
        for _ in 0..5 {
            ceremony.require(Purpose::Login, None, at(0)).unwrap();
            ceremony.count_wrong();
        }
        let refusal = ceremony.require(Purpose::Login, None, at(0)).unwrap_err();
        assert!(refusal.is(reasons::SIGN_IN_OVER));
    }
}
