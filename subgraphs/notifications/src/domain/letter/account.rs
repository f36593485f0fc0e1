use chrono::{DateTime, Utc};
use contracts::{account_mail::AccountMail, users::Role};
use kernel::TimeZone;

use super::{NAME, greeting, named};
use crate::domain::{
    entities::Kind,
    words::{Language, say},
};

pub(super) fn kind(mail: &AccountMail) -> Kind {
    match mail {
        AccountMail::VerifyAddress { .. } => Kind::AddressVerification,
        AccountMail::Invitation { .. } => Kind::Invitation,
        AccountMail::PasswordGuessing { .. } => Kind::PasswordGuessing,
        AccountMail::AddressTaken => Kind::AddressTaken,
        AccountMail::PasswordReset { .. } => Kind::PasswordReset,
        AccountMail::PasswordChanged { .. } => Kind::PasswordChanged,
        AccountMail::ConfirmNewAddress { .. }
        | AccountMail::ConfirmAddressChange { .. }
        | AccountMail::AddressChanged { .. } => Kind::AddressChange,
        AccountMail::SecondFactorChanged { .. } => Kind::SecondFactorChanged,
        AccountMail::AccountDeleted => Kind::AccountDeleted,
    }
}

pub(super) fn subject(words: Language, mail: &AccountMail) -> String {
    let id = match mail {
        AccountMail::Invitation { organization, .. } => {
            return say!(words, "invited-subject", organization = named(organization, NAME));
        }
        AccountMail::VerifyAddress { .. } => "verify-subject",
        AccountMail::PasswordGuessing { .. } => "guessing-subject",
        AccountMail::AddressTaken => "taken-subject",
        AccountMail::PasswordReset { .. } => "reset-subject",
        AccountMail::PasswordChanged { .. } => "password-changed-subject",
        AccountMail::ConfirmNewAddress { .. } => "new-address-subject",
        AccountMail::ConfirmAddressChange { .. } => "address-change-subject",
        AccountMail::AddressChanged { .. } => "address-changed-subject",
        AccountMail::SecondFactorChanged { .. } => "factor-subject",
        AccountMail::AccountDeleted => "deleted-subject",
    };
    say!(words, id)
}

pub(super) fn opening(
    words: Language,
    name: Option<&str>,
    zone: TimeZone,
    mail: &AccountMail,
) -> Vec<String> {
    vec![greeting(words, name.unwrap_or_default()), news(words, zone, mail), advice(words, mail)]
}

/// What has happened.
fn news(words: Language, zone: TimeZone, mail: &AccountMail) -> String {
    let time = |at: DateTime<Utc>| words.instant(at, zone);
    match mail {
        AccountMail::VerifyAddress { expires_at, .. } => say!(words, "verify", until = time(*expires_at)),
        AccountMail::Invitation { expires_at, organization, role, inviter, .. } => say!(
            words,
            "invited",
            inviter = named(inviter, NAME),
            organization = named(organization, NAME),
            may = say!(words, may(*role)),
            until = time(*expires_at)
        ),
        AccountMail::PasswordGuessing { attempts, since } => {
            say!(words, "guessing", attempts = *attempts, since = time(*since))
        }
        AccountMail::AddressTaken => say!(words, "taken"),
        AccountMail::PasswordReset { expires_at, .. } => say!(words, "reset", until = time(*expires_at)),
        AccountMail::PasswordChanged { at } => say!(words, "password-changed", at = time(*at)),
        AccountMail::ConfirmNewAddress { expires_at, .. } => {
            say!(words, "new-address", until = time(*expires_at))
        }
        AccountMail::ConfirmAddressChange { expires_at, new_email, .. } => {
            let address = named(new_email, NAME);
            say!(words, "address-change", address = address, until = time(*expires_at))
        }
        AccountMail::AddressChanged { new_email, at } => {
            say!(words, "address-changed", address = named(new_email, NAME), at = time(*at))
        }
        AccountMail::SecondFactorChanged { what, at } => say!(words, factor(what), at = time(*at)),
        AccountMail::AccountDeleted => say!(words, "deleted"),
    }
}

/// What to do for who knows nothing of it.
fn advice(words: Language, mail: &AccountMail) -> String {
    let id = match mail {
        AccountMail::VerifyAddress { .. }
        | AccountMail::AddressTaken
        | AccountMail::ConfirmNewAddress { .. } => "not-you",
        AccountMail::Invitation { .. } => "invited-unknown",
        AccountMail::PasswordGuessing { .. } => "guessing-advice",
        AccountMail::PasswordReset { .. } => "reset-not-you",
        AccountMail::PasswordChanged { .. } => "password-changed-not-you",
        AccountMail::ConfirmAddressChange { .. } => "address-change-not-you",
        AccountMail::AddressChanged { .. } => "address-changed-not-you",
        AccountMail::SecondFactorChanged { .. } => "factor-not-you",
        AccountMail::AccountDeleted => "deleted-not-you",
    };
    say!(words, id)
}

pub(super) fn action(words: Language, mail: &AccountMail) -> Option<(String, &str)> {
    let (id, link) = match mail {
        AccountMail::VerifyAddress { link, .. } | AccountMail::ConfirmNewAddress { link, .. } => {
            ("verify-action", link)
        }
        AccountMail::Invitation { link, .. } => ("invited-action", link),
        AccountMail::PasswordReset { link, .. } => ("reset-action", link),
        AccountMail::ConfirmAddressChange { link, .. } => ("address-change-action", link),
        AccountMail::PasswordGuessing { .. }
        | AccountMail::AddressTaken
        | AccountMail::PasswordChanged { .. }
        | AccountMail::AddressChanged { .. }
        | AccountMail::SecondFactorChanged { .. }
        | AccountMail::AccountDeleted => return None,
    };
    Some((say!(words, id), link))
}

fn may(role: Role) -> &'static str {
    match role {
        Role::Owner => "may-everything",
        Role::Manager => "may-manage",
        Role::BoxOffice => "may-sell",
        Role::Scanner => "may-scan",
    }
}

fn factor(what: &str) -> &'static str {
    match what {
        "TOTP_ADDED" => "factor-totp-added",
        "TOTP_REMOVED" => "factor-totp-removed",
        "PASSKEY_ADDED" => "factor-passkey-added",
        "PASSKEY_REMOVED" => "factor-passkey-removed",
        "RECOVERY_CODES_RENEWED" => "factor-codes-renewed",
        "RECOVERY_CODE_USED" => "factor-code-used",
        _ => "factor-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::letter::{Letter, tests::EN};

    const LINK: &str = "https://odysseus.test/account/verify#token=abc";

    fn letter(name: Option<&str>, mail: AccountMail) -> Letter {
        let timezone = "Europe/Vienna".parse().unwrap();
        Letter::Account { name: name.map(str::to_owned), timezone, mail }
    }

    fn expires_at() -> DateTime<Utc> {
        "2027-03-13T19:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_link_that_proves_who_reads_it_is_in_the_mail_and_nowhere_else() {
        let letter = letter(
            Some("Ada"),
            AccountMail::VerifyAddress { link: LINK.to_owned(), expires_at: expires_at() },
        );
        let text = letter.text(EN, "https://odysseus.test", None);
        assert!(text.contains("Hello Ada,") && text.contains(&format!(":\n{LINK}\n")), "{text}");
        assert!(text.contains("until Saturday, 13 March 2027, 20:00 CET"), "{text}");
        let told = letter.mailed(EN, "account:1".to_owned(), "https://odysseus.test", None);
        assert!(!told.body.contains("token") && !told.subject.contains("token"), "{told:?}");
    }

    #[test]
    fn an_invitation_says_who_invites_whereto_and_as_what() {
        let letter = letter(
            None,
            AccountMail::Invitation {
                link: LINK.to_owned(),
                expires_at: expires_at(),
                organization: "The Back Room ".repeat(30),
                role: Role::Scanner,
                inviter: "Grace".to_owned(),
            },
        );
        let text = letter.text(EN, "https://odysseus.test", None);
        assert!(text.starts_with("Hello,\n\nGrace invites you to join The Back Room"), "{text}");
        assert!(text.contains("at the door you may check tickets"), "{text}");
        assert!(
            letter.subject(EN).chars().count() < 120,
            "a name does not fill a screen: {}",
            letter.subject(EN)
        );
    }
}
