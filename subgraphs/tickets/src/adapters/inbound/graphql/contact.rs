//! Who is told of a purchase.

use async_graphql::{InputObject, SimpleObject};
use kernel::{EmailAddress, Locale, PhoneNumber, Refusal, line, together};

use crate::domain::entities;

/// The longest name, in characters.
const LONGEST_NAME: usize = 120;

/// How a buyer is reached.
#[derive(SimpleObject)]
pub(crate) struct Contact {
    /// What they want to be called; null where that is not known.
    name: Option<String>,
    /// Their e-mail address; null where it is not known.
    email: Option<String>,
    /// Their telephone number in international form; null when they gave none.
    phone: Option<String>,
    /// Their language tag, such as `de-AT`; null where it is not known.
    locale: Option<String>,
}

impl From<entities::Contact> for Contact {
    fn from(told: entities::Contact) -> Self {
        Self { name: told.name, email: told.email, phone: told.phone, locale: told.locale }
    }
}

/// Who is told of a purchase, where that is somebody else than the buyer's account names.
#[derive(InputObject)]
pub(crate) struct ContactInput {
    /// Their name, up to 120 characters.
    name: String,
    /// Their e-mail address: mails about the order go there.
    email: String,
    /// Their telephone number in international form, such as +43 1 234 5678.
    phone: Option<String>,
    /// In which language they are written to, such as de-AT; as the account says when left out.
    locale: Option<String>,
}

impl ContactInput {
    /// What is wrong is told within `contact`.
    pub(super) fn read(&self) -> Result<entities::Contact, Refusal> {
        let phone = self.phone.as_deref().filter(|phone| !phone.trim().is_empty());
        let read = (
            line("name", &self.name, LONGEST_NAME),
            EmailAddress::parse("email", &self.email),
            phone.map(|phone| PhoneNumber::parse("phone", phone)).transpose(),
            self.locale.as_deref().map(|locale| Locale::parse("locale", locale)).transpose(),
        );
        let (name, email, phone, locale) = together(read).map_err(|refusal| refusal.within("contact"))?;
        Ok(entities::Contact {
            name: Some(name),
            email: Some(email.as_str().to_owned()),
            phone: phone.map(|phone| phone.as_str().to_owned()),
            locale: locale.map(|locale| locale.as_str().to_owned()),
        })
    }
}
