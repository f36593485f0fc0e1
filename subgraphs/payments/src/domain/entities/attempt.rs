use chrono::{DateTime, Utc};
use kernel::OrderId;
use sha2::{Digest, Sha256};

/// One try of the buyer to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which try of the payment, from 1. The provider's idempotency key is made of order and number.
    pub number: u32,
    /// The buyer's idempotency key; something else in its place once it is forgotten.
    pub client_key: String,
    /// What the buyer sent with that key.
    pub fingerprint: String,
    /// With what the buyer pays.
    pub means: Means,
    /// From which address it was made, as far as that is known and not forgotten.
    pub client: Option<String>,
    /// What the provider knows the card by that was declined; the same for the same number, whoever types it in.
    pub card: Option<String>,
    /// What became of it.
    pub state: AttemptState,
    /// When it began.
    pub started_at: DateTime<Utc>,
}

/// With what a buyer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// With a payment method that the provider knows by this name.
    Method {
        /// The name.
        name: String,
        /// Where the bank sends the buyer after a confirmation, if not to where it always does.
        return_url: Option<String>,
    },
    /// With what the buyer's browser has told the provider, which gave it this token for one use.
    Token {
        /// The token.
        name: String,
        /// Where the bank sends the buyer after a confirmation, if not to where it always does.
        return_url: Option<String>,
    },
    /// On the provider's own page.
    Checkout(Checkout),
}

/// A buyer's way over the provider's own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Where the provider sends the buyer once it is paid.
    pub success_url: String,
    /// Where it sends those who give up.
    pub cancel_url: String,
    /// The page, once the provider has told of it.
    pub session: Option<Session>,
}

/// A page of the provider's for one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What the provider calls it.
    pub id: String,
    /// Where it is.
    pub url: Option<String>,
    /// True until the provider has said that nobody can pay on it any more.
    pub is_open: bool,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// Whether the provider has heard of it is not known.
    Open,
    /// The provider has answered that it goes well, but has not taken the money yet.
    Confirmed,
    /// The buyer has to confirm at the bank.
    Action,
    /// The provider's page waits for the buyer; or for the bank, once the buyer was there.
    Offered,
    /// The money is there.
    Succeeded,
    /// The bank said no.
    Declined {
        /// Why, in the provider's words.
        code: String,
        /// The charge that failed, if there was one.
        charge: Option<String>,
    },
    /// The provider does not take what the buyer sent.
    Rejected {
        /// What it said.
        message: String,
        /// Which field of the input it means, where it is not that with which the buyer pays.
        field: Option<String>,
    },
    /// The provider never carried it out, or nobody came to its page.
    Lost,
    /// The buyer went on another way.
    Superseded,
    /// The payment ended before it did.
    Ended,
}

impl Attempt {
    /// True while nobody knows how it ends without the buyer doing anything.
    pub fn is_undecided(&self) -> bool {
        matches!(self.state, AttemptState::Open | AttemptState::Confirmed)
    }

    /// True while it may still end well.
    pub fn is_live(&self) -> bool {
        self.is_undecided() || matches!(self.state, AttemptState::Action | AttemptState::Offered)
    }

    /// The provider's page, if it is paid there.
    pub fn checkout(&self) -> Option<&Checkout> {
        match &self.means {
            Means::Checkout(checkout) => Some(checkout),
            Means::Method { .. } | Means::Token { .. } => None,
        }
    }

    /// True when the buyer pays with a card that is tried here.
    pub fn is_by_card(&self) -> bool {
        self.checkout().is_none()
    }

    /// The page on which the buyer can pay now.
    pub fn open_session(&self) -> Option<&Session> {
        self.checkout()?.session.as_ref().filter(|session| session.is_open)
    }

    /// True while the provider is asked for a page of which nobody here knows the name yet.
    pub fn is_unnamed(&self) -> bool {
        self.state == AttemptState::Open && self.checkout().is_some_and(|checkout| checkout.session.is_none())
    }
}

impl Means {
    /// A payment method, and nothing beside it.
    pub fn method(name: impl Into<String>) -> Self {
        Self::Method { name: name.into(), return_url: None }
    }

    /// As the buyer's input names it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Method { .. } => "paymentMethod",
            Self::Token { .. } => "confirmationToken",
            Self::Checkout(_) => "input",
        }
    }
}

/// What the buyer asked for, so that the same idempotency key with another input is noticed.
pub fn fingerprint(order: OrderId, means: &Means) -> String {
    let asked = match means {
        Means::Method { name, return_url: None } => format!("{order}\n{name}"),
        Means::Method { name, return_url: Some(url) } => format!("{order}\nmethod\n{name}\n{url}"),
        Means::Token { name, return_url } => {
            format!("{order}\ntoken\n{name}\n{}", return_url.as_deref().unwrap_or_default())
        }
        Means::Checkout(Checkout { success_url, cancel_url, .. }) => {
            format!("{order}\ncheckout\n{success_url}\n{cancel_url}")
        }
    };
    let digest = Sha256::digest(asked);
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn another_order_or_another_way_to_pay_is_another_input() {
        let (one, other) = (OrderId::new(), OrderId::new());
        let back = |url: &str| Some(url.to_owned());
        let page = |success: &str, cancel: &str| {
            let (success_url, cancel_url) = (success.to_owned(), cancel.to_owned());
            Means::Checkout(Checkout { success_url, cancel_url, session: None })
        };
        let ways = [
            Means::method("pm_card_visa"),
            Means::method("pm_card_amex"),
            Means::Method { name: "pm_card_visa".to_owned(), return_url: back("https://a.example") },
            Means::Method { name: "pm_card_visa".to_owned(), return_url: back("https://b.example") },
            Means::Token { name: "pm_card_visa".to_owned(), return_url: None },
            Means::Token { name: "pm_card_visa".to_owned(), return_url: back("https://a.example") },
            page("https://a.example", "https://b.example"),
            page("https://b.example", "https://a.example"),
        ];
        let prints: BTreeSet<_> =
            [one, other].iter().flat_map(|order| ways.iter().map(|way| fingerprint(*order, way))).collect();
        assert_eq!(prints.len(), 2 * ways.len());
        assert_eq!(fingerprint(one, &ways[0]), fingerprint(one, &Means::method("pm_card_visa")));
    }

    #[test]
    fn a_page_that_the_provider_has_told_of_is_the_same_input() {
        let order = OrderId::new();
        let checkout = |session| {
            let (success_url, cancel_url) = ("https://a.example".to_owned(), "https://b.example".to_owned());
            Means::Checkout(Checkout { success_url, cancel_url, session })
        };
        let session = Session { id: "cs_1".to_owned(), url: None, is_open: true };
        assert_eq!(fingerprint(order, &checkout(None)), fingerprint(order, &checkout(Some(session))));
    }
}
