use contracts::users::AccountChanged;
use kernel::EmailAddress;
use serde::{Deserialize, Serialize};

/// How a buyer is reached, as their account says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// What they want to be called, where that is known.
    pub name: Option<String>,
    /// Their e-mail address, where it is known.
    pub email: Option<String>,
    /// Their telephone number in international form, where they gave one.
    pub phone: Option<String>,
    /// A language tag, such as `de-AT`, where it is known.
    pub locale: Option<String>,
}

impl Contact {
    /// What an account says; none once it is erased: nothing of the person is kept then.
    pub fn told(account: &AccountChanged) -> Option<Self> {
        let known = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        (!account.erased).then(|| Self {
            name: known(&account.name),
            email: known(&account.email),
            phone: account.phone.as_deref().and_then(known),
            locale: known(&account.locale),
        })
    }

    /// True when this is their address.
    pub fn is_reached_at(&self, address: &EmailAddress) -> bool {
        let known = self.email.as_deref();
        known.is_some_and(|known| EmailAddress::restore(known).normalised() == address.normalised())
    }
}

#[cfg(test)]
mod tests {
    use kernel::UserId;

    use super::*;

    fn account() -> AccountChanged {
        AccountChanged {
            user_id: UserId::new(),
            version: 1,
            email: "ada@example.org".to_owned(),
            name: "Ada".to_owned(),
            locale: "en".to_owned(),
            timezone: "UTC".to_owned(),
            phone: None,
            email_verified: false,
            guest: false,
            erased: false,
        }
    }

    #[test]
    fn what_an_account_does_not_say_is_not_known() {
        let told = Contact::told(&AccountChanged { name: " ".to_owned(), ..account() }).unwrap();
        assert_eq!((told.name, told.phone), (None, None));
        assert_eq!((told.email.as_deref(), told.locale.as_deref()), (Some("ada@example.org"), Some("en")));
        let phone = Some("+4366012345".to_owned());
        assert_eq!(
            Contact::told(&AccountChanged { phone: phone.clone(), ..account() }).unwrap().phone,
            phone
        );
    }

    #[test]
    fn nothing_is_kept_of_who_is_erased() {
        assert_eq!(Contact::told(&AccountChanged { erased: true, ..account() }), None);
    }
}
