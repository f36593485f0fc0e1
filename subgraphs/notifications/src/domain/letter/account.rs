use chrono::{DateTime, Utc};
use contracts::{account_mail::AccountMail, users::Role};
use kernel::TimeZone;

use super::{NAME, greeting, named};
use crate::domain::entities::Kind;

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

pub(super) fn subject(mail: &AccountMail) -> String {
    match mail {
        AccountMail::VerifyAddress { .. } => "Is this your address?".to_owned(),
        AccountMail::Invitation { organization, .. } => {
            format!("You are invited to join {}", named(organization, NAME))
        }
        AccountMail::PasswordGuessing { .. } => "Somebody tries passwords on your account".to_owned(),
        AccountMail::AddressTaken => "You have an account already".to_owned(),
        AccountMail::PasswordReset { .. } => "Choose a new password".to_owned(),
        AccountMail::PasswordChanged { .. } => "Your password was changed".to_owned(),
        AccountMail::ConfirmNewAddress { .. } => "Is this your new address?".to_owned(),
        AccountMail::ConfirmAddressChange { .. } => "Shall your account have another address?".to_owned(),
        AccountMail::AddressChanged { .. } => "Your account has another address".to_owned(),
        AccountMail::SecondFactorChanged { .. } => "How you log in was changed".to_owned(),
        AccountMail::AccountDeleted => "Your account is deleted".to_owned(),
    }
}

pub(super) fn opening(name: Option<&str>, zone: TimeZone, mail: &AccountMail) -> Vec<String> {
    let mut paragraphs = vec![name.map_or_else(|| "Hello,".to_owned(), greeting)];
    match mail {
        AccountMail::VerifyAddress { expires_at, .. } => {
            paragraphs.push(format!(
                "somebody, probably you, gave this address for an account with us. Open the link to show that it is \
                 yours. It works once, until {}.",
                time(*expires_at, zone)
            ));
            paragraphs.push("If it was not you, there is nothing to do.".to_owned());
        }
        AccountMail::Invitation { expires_at, organization, role, inviter, .. } => {
            paragraphs.push(format!(
                "{} invites you to join {}: {}. Open the link with an account of this address, or make one; it works \
                 until {}.",
                named(inviter, NAME),
                named(organization, NAME),
                may(*role),
                time(*expires_at, zone)
            ));
            paragraphs.push("If you do not know them, there is nothing to do.".to_owned());
        }
        AccountMail::PasswordGuessing { attempts, since } => {
            paragraphs.push(format!(
                "{attempts} wrong passwords were tried on your account since {}. Nobody got in, and where you use it \
                 already it works as ever.",
                time(*since, zone)
            ));
            paragraphs.push(
                "If it was not you, see that your password is a long one that you use nowhere else."
                    .to_owned(),
            );
        }
        AccountMail::AddressTaken => {
            paragraphs.push(
                "somebody, perhaps you, tried to make an account with this address. There is one already: log in with \
                 it."
                .to_owned(),
            );
            paragraphs.push("If it was not you, there is nothing to do.".to_owned());
        }
        AccountMail::PasswordReset { expires_at, .. } => {
            paragraphs.push(format!(
                "somebody, probably you, asked for a new password for your account. Open the link to choose one. It works \
                 once, until {}.",
                time(*expires_at, zone)
            ));
            paragraphs.push("If it was not you, there is nothing to do: your password stays as it is.".to_owned());
        }
        AccountMail::PasswordChanged { at } => {
            paragraphs.push(format!("the password of your account was changed on {}.", time(*at, zone)));
            paragraphs.push("If it was not you, choose a new one at once.".to_owned());
        }
        AccountMail::ConfirmNewAddress { expires_at, .. } => {
            paragraphs.push(format!(
                "an account with us shall have this address. Open the link to show that it is yours. It works once, until \
                 {}.",
                time(*expires_at, zone)
            ));
            paragraphs.push("If it was not you, there is nothing to do.".to_owned());
        }
        AccountMail::ConfirmAddressChange { expires_at, new_email, .. } => {
            paragraphs.push(format!(
                "your account shall have the address {} instead of this one. Open the link if that is what you want. It \
                 works once, until {}.",
                named(new_email, NAME),
                time(*expires_at, zone)
            ));
            paragraphs.push("If it was not you, do not open it, and choose a new password.".to_owned());
        }
        AccountMail::AddressChanged { new_email, at } => {
            paragraphs.push(format!(
                "your account has the address {} since {}. We write to this one for the last time.",
                named(new_email, NAME),
                time(*at, zone)
            ));
        }
        AccountMail::SecondFactorChanged { at, .. } => {
            paragraphs.push(format!("how you log in was changed on {}.", time(*at, zone)));
            paragraphs.push("If it was not you, choose a new password at once.".to_owned());
        }
        AccountMail::AccountDeleted => {
            paragraphs.push("your account is deleted, as you asked. Your tickets stay valid.".to_owned());
        }
    }
    paragraphs
}

pub(super) fn action(mail: &AccountMail) -> Option<(&'static str, &str)> {
    match mail {
        AccountMail::VerifyAddress { link, .. } => Some(("Yes, this is my address", link)),
        AccountMail::Invitation { link, .. } => Some(("Look at the invitation", link)),
        AccountMail::PasswordReset { link, .. } => Some(("Choose a new password", link)),
        AccountMail::ConfirmNewAddress { link, .. } => Some(("Yes, this is my address", link)),
        AccountMail::ConfirmAddressChange { link, .. } => Some(("Yes, change my address", link)),
        AccountMail::PasswordGuessing { .. }
        | AccountMail::AddressTaken
        | AccountMail::PasswordChanged { .. }
        | AccountMail::AddressChanged { .. }
        | AccountMail::SecondFactorChanged { .. }
        | AccountMail::AccountDeleted => None,
    }
}

fn may(role: Role) -> &'static str {
    match role {
        Role::Owner => "as an owner you may do everything, members included",
        Role::Manager => "as a manager you may see to events, ticket types, orders and reports",
        Role::BoxOffice => "at the box office you may sell tickets and check them at the door",
        Role::Scanner => "at the door you may check tickets",
    }
}

/// `Saturday, 13 March 2027, 20:00 CET`
fn time(at: DateTime<Utc>, zone: TimeZone) -> String {
    printing::written_instant(at, zone.tz())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::letter::Letter;

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
        let text = letter.text("https://odysseus.test", None);
        assert!(text.contains("Hello Ada,") && text.contains(&format!(":\n{LINK}\n")), "{text}");
        assert!(text.contains("until Saturday, 13 March 2027, 20:00 CET"), "{text}");
        let told = letter.told("account:1".to_owned(), "https://odysseus.test", None);
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
        let text = letter.text("https://odysseus.test", None);
        assert!(text.starts_with("Hello,\n\nGrace invites you to join The Back Room"), "{text}");
        assert!(text.contains("at the door you may check tickets"), "{text}");
        assert!(
            letter.subject().chars().count() < 120,
            "a name does not fill a screen: {}",
            letter.subject()
        );
    }
}
