//! What a buyer sends who wants to pay, as far as it can be checked here.

use kernel::{Refusal, idempotency_key, line, reasons, together};

use super::Pay;
use crate::domain::entities::{Checkout, Means};

/// The longest name of a payment method.
const LONGEST_NAME: usize = 100;
/// The longest address, as long as those that browsers take.
const LONGEST_URL: usize = 2_048;

/// The wish as it is kept, or everything that is wrong with it.
pub(super) fn checked(mut ask: Pay) -> Result<Pay, Refusal> {
    let key = idempotency_key(&ask.key);
    (ask.means, ask.key) = match &ask.means {
        Means::Method { name, return_url } => {
            let (name, return_url, key) =
                together((method(name), optional_address("returnUrl", return_url.as_deref()), key))?;
            (Means::Method { name, return_url }, key)
        }
        Means::Token { name, return_url } => {
            let (name, return_url, key) =
                together((token(name), optional_address("returnUrl", return_url.as_deref()), key))?;
            (Means::Token { name, return_url }, key)
        }
        Means::Checkout(Checkout { success_url, cancel_url, .. }) => {
            let (success_url, cancel_url, key) =
                together((address("successUrl", success_url), address("cancelUrl", cancel_url), key))?;
            (Means::Checkout(Checkout { success_url, cancel_url, session: None }), key)
        }
    };
    Ok(ask)
}

/// With what is paid: one of the two.
pub fn means(
    method: Option<String>,
    token: Option<String>,
    return_url: Option<String>,
) -> Result<Means, Refusal> {
    match (method, token) {
        (Some(name), None) => Ok(Means::Method { name, return_url }),
        (None, Some(name)) => Ok(Means::Token { name, return_url }),
        (None, None) => {
            Err(Refusal::bad_input("paymentMethod", "must be given, or confirmationToken instead")
                .because(reasons::REQUIRED))
        }
        (Some(_), Some(_)) => {
            Err(Refusal::bad_input("confirmationToken", "must be left out beside paymentMethod")
                .because(reasons::INCONSISTENT))
        }
    }
}

fn method(text: &str) -> Result<String, Refusal> {
    let message = "must be a payment method of the provider, such as pm_card_visa";
    name("paymentMethod", text, message)
}

fn token(text: &str) -> Result<String, Refusal> {
    let message = "must be a confirmation token of the provider, which begins with ctoken_";
    let token = name("confirmationToken", text, message)?;
    if token.starts_with("ctoken_") {
        return Ok(token);
    }
    Err(Refusal::bad_input("confirmationToken", message).because(reasons::MALFORMED))
}

fn name(field: &str, text: &str, message: &str) -> Result<String, Refusal> {
    let name = line(field, text, LONGEST_NAME)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.bytes().all(plain) {
        return Ok(name);
    }
    Err(Refusal::bad_input(field, message).because(reasons::MALFORMED))
}

fn optional_address(field: &str, url: Option<&str>) -> Result<Option<String>, Refusal> {
    url.map(|url| address(field, url)).transpose()
}

/// An address that a browser can be sent to.
fn address(field: &str, text: &str) -> Result<String, Refusal> {
    let url = line(field, text, LONGEST_URL)?;
    let host = ["https://", "http://"].iter().find_map(|scheme| {
        let start = url.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme))?;
        url.strip_prefix(start)
    });
    let host = host.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let has_host = host.is_some_and(|host| {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        !name.is_empty() && !host.contains('@')
    });
    if has_host && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)) {
        return Ok(url);
    }
    let message = "must be an address that begins with https:// or http://, as browsers write it";
    Err(Refusal::bad_input(field, message).because(reasons::MALFORMED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buyers_are_sent_to_addresses_of_the_web_only() {
        for good in
            ["https://tickets.example/done?order=1#top", "http://localhost:3000", "HTTPS://a.example/ü%20"]
        {
            let plain = good.replace('ü', "u");
            assert_eq!(address("returnUrl", &plain).as_deref(), Ok(plain.as_str()), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "ftp://tickets.example",
            "https://",
            "https:///path",
            "https://:80/",
            "https://somebody@tickets.example",
            "tickets.example",
            "https://tickets.example/a b",
            "https://tickets.example/\"onload",
            "https://tickets.example/ü",
        ] {
            let refusal = address("returnUrl", bad).unwrap_err();
            assert_eq!(refusal.details["field"], "returnUrl", "{bad}");
        }
    }

    #[test]
    fn a_buyer_pays_with_a_payment_method_or_with_a_token() {
        let some = |text: &str| Some(text.to_owned());
        assert!(matches!(means(some("pm_1"), None, None), Ok(Means::Method { .. })));
        assert!(matches!(means(None, some("ctoken_1"), None), Ok(Means::Token { .. })));
        assert_eq!(means(None, None, None).unwrap_err().details["field"], "paymentMethod");
        let both = means(some("pm_1"), some("ctoken_1"), None).unwrap_err();
        assert_eq!(both.details["field"], "confirmationToken");
        assert!(token("pm_card_visa").is_err());
    }
}
