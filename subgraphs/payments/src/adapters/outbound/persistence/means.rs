//! With what buyers pay, as it is kept beside the name of the payment method.

use kernel::Fault;
use serde::{Deserialize, Serialize};

use crate::domain::entities::{Checkout, Means, Session};

/// What the name of a payment method does not tell. Rows without it are of a payment method and no more.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
enum Kept {
    Method { return_url: Option<String> },
    Token { return_url: Option<String> },
    Checkout { success_url: String, cancel_url: String, session: Option<KeptSession> },
}

#[derive(Serialize, Deserialize)]
struct KeptSession {
    id: String,
    url: Option<String>,
    is_open: bool,
}

/// The name, and what it does not tell.
pub(super) fn kept(means: &Means) -> (String, Option<String>) {
    let (name, kept) = match means.clone() {
        Means::Method { name, return_url: None } => return (name, None),
        Means::Method { name, return_url } => (name, Kept::Method { return_url }),
        Means::Token { name, return_url } => (name, Kept::Token { return_url }),
        Means::Checkout(Checkout { success_url, cancel_url, session }) => {
            let session = session.map(|Session { id, url, is_open }| KeptSession { id, url, is_open });
            ("checkout".to_owned(), Kept::Checkout { success_url, cancel_url, session })
        }
    };
    (name, Some(serde_json::to_string(&kept).expect("texts are plain data, which JSON can hold")))
}

/// What was kept so.
pub(super) fn read(name: String, kept: Option<&str>) -> Result<Means, Fault> {
    let Some(kept) = kept else { return Ok(Means::method(name)) };
    let kept = serde_json::from_str(kept);
    Ok(match kept.map_err(|cause| Fault::new("reading with what an attempt was made", cause))? {
        Kept::Method { return_url } => Means::Method { name, return_url },
        Kept::Token { return_url } => Means::Token { name, return_url },
        Kept::Checkout { success_url, cancel_url, session } => Means::Checkout(Checkout {
            success_url,
            cancel_url,
            session: session.map(|KeptSession { id, url, is_open }| Session { id, url, is_open }),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let url = || "https://tickets.example/done".to_owned();
        let session = |is_open| Some(Session { id: "cs_1".to_owned(), url: Some(url()), is_open });
        let checkout = |session| Means::Checkout(Checkout { success_url: url(), cancel_url: url(), session });
        for means in [
            Means::method("pm_card_visa"),
            Means::Method { name: "pm_card_visa".to_owned(), return_url: Some(url()) },
            Means::Token { name: "ctoken_1".to_owned(), return_url: None },
            checkout(None),
            checkout(session(true)),
            checkout(session(false)),
        ] {
            let (name, kept) = kept(&means);
            assert_eq!(read(name, kept.as_deref()).unwrap(), means);
        }
    }
}
