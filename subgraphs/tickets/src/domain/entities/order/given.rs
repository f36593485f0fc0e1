use contracts::purchase::PurchaseContact;
use contracts::settings::SalesTerms;
use kernel::Refusal;
use serde::{Deserialize, Serialize};

use crate::domain::{entities::Contact, reasons};

/// What a buyer says at the checkout, besides who goes in. It is frozen into the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Who is told of the purchase, instead of whom the account names.
    pub contact: Option<Contact>,
    /// Which terms were accepted; none where there was nothing to accept.
    pub terms: Option<AcceptedTerms>,
}

impl Given {
    /// Who is told, as others hear it.
    pub fn told(&self) -> Option<Box<PurchaseContact>> {
        let contact = self.contact.clone()?;
        Some(Box::new(PurchaseContact {
            name: contact.name.unwrap_or_default(),
            email: contact.email?,
            phone: contact.phone,
            locale: contact.locale,
        }))
    }
}

/// The terms of business that a buyer has accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedTerms {
    /// Where they were read.
    pub url: String,
    /// Which version.
    pub version: String,
}

impl AcceptedTerms {
    /// What is kept of a buyer's word that they accept a version; refused unless it is the one in force. Where nothing is in
    /// force there is nothing to accept, whatever was said.
    pub fn of(in_force: Option<&SalesTerms>, accepted: Option<&str>) -> Result<Option<Self>, Refusal> {
        let Some(SalesTerms { url, version }) = in_force else { return Ok(None) };
        if accepted == Some(version.as_str()) {
            return Ok(Some(Self { url: url.clone(), version: version.clone() }));
        }
        let message =
            format!("must be {version}, the version of the organizer's terms in force: read them at {url}");
        Err(Refusal::bad_input("acceptedTermsVersion", message)
            .because(reasons::TERMS_NOT_ACCEPTED)
            .with("termsVersion", version.as_str())
            .with("termsUrl", url.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_in_force_is_accepted_and_nothing_where_there_is_none() {
        let in_force = SalesTerms { url: "https://opera.example/terms".to_owned(), version: "2".to_owned() };
        let kept = AcceptedTerms::of(Some(&in_force), Some("2")).unwrap().unwrap();
        assert_eq!((kept.url, kept.version), (in_force.url.clone(), in_force.version.clone()));
        for other in [None, Some("1"), Some("")] {
            let refusal = AcceptedTerms::of(Some(&in_force), other).unwrap_err();
            assert!(refusal.is(reasons::TERMS_NOT_ACCEPTED), "{refusal:?}");
            assert_eq!(refusal.details["termsVersion"], "2");
        }
        assert_eq!(AcceptedTerms::of(None, Some("1")).unwrap(), None);
    }

    #[test]
    fn who_is_told_is_told_to_others_only_with_an_address() {
        let contact = Contact { name: Some("Ada".to_owned()), email: None, phone: None, locale: None };
        let given = |contact| Given { contact: Some(contact), terms: None };
        assert_eq!(given(contact.clone()).told(), None);
        let reached = Contact { email: Some("ada@example.org".to_owned()), ..contact };
        assert_eq!(given(reached).told().unwrap().email, "ada@example.org");
    }
}
