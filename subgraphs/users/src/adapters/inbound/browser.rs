//! What a browser is and keeps: on what somebody is, and a cookie with the session's refresh token, which no script of a
//! page can read.
//!
//! A client that says `x-session: cookie` gets its refresh tokens by the cookie alone. No page of another origin can say
//! so: browsers ask first whether it may send that header, and nobody ever says yes. So a cookie that comes without the
//! header is as if it were not there, and nothing is done that somebody else's page wanted.

use std::sync::{Arc, Mutex};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue,
        header::{CACHE_CONTROL, COOKIE, SET_COOKIE, USER_AGENT},
    },
    middleware::Next,
    response::Response,
};
use chrono::{DateTime, Utc};

use crate::domain::entities::Device;

/// By this header a client says that its refresh token is to be in a cookie.
const SESSION: &str = "x-session";
const IN_COOKIE: &str = "cookie";

/// Under which name browsers keep it. With the prefix they take it over https only, for this host alone, whoever else may
/// set cookies for hosts beneath it.
const NAME: &str = "odysseus-session";
const SAFE_NAME: &str = "__Host-odysseus-session";

tokio::task_local! {
    static BROWSER: Arc<Browser>;
}

/// What one request says of the browser, and what the browser is to keep.
struct Browser {
    device: Option<Device>,
    cookie: Option<Cookie>,
}

struct Cookie {
    shown: Option<String>,
    /// What it is to be from now on: a token and until when, or nothing any more.
    next: Mutex<Option<(String, DateTime<Utc>)>>,
}

/// How cookies are made where this installation is.
#[derive(Clone, Copy)]
pub(crate) struct Cookies {
    safe: bool,
}

/// On what somebody is, by what the client says of itself.
pub(crate) fn device() -> Option<Device> {
    BROWSER.try_with(|browser| browser.device.clone()).ok().flatten()
}

/// The refresh token of the cookie, where the client keeps it there.
pub(super) fn shown() -> Option<String> {
    BROWSER.try_with(|browser| browser.cookie.as_ref()?.shown.clone()).ok().flatten()
}

/// True when the client keeps its refresh token in the cookie.
pub(super) fn keeps_it() -> bool {
    BROWSER.try_with(|browser| browser.cookie.is_some()).unwrap_or_default()
}

/// Puts this token into the cookie until then; false when the client keeps its tokens itself.
pub(super) fn keep(token: &str, until: DateTime<Utc>) -> bool {
    set(token, until)
}

/// Takes the cookie away.
pub(super) fn forget() {
    set("", DateTime::UNIX_EPOCH);
}

fn set(token: &str, until: DateTime<Utc>) -> bool {
    let set = |browser: &Arc<Browser>| {
        let Some(cookie) = &browser.cookie else { return false };
        *cookie.next.lock().expect("nobody panics while holding it") = Some((token.to_owned(), until));
        true
    };
    BROWSER.try_with(set).unwrap_or_default()
}

/// Reads what a request says of its browser, and gives the answer what the browser is to keep.
pub(crate) async fn meet(State(cookies): State<Cookies>, request: Request, next: Next) -> Response {
    let browser = Arc::new(cookies.read(request.headers()));
    let mut response = BROWSER.scope(Arc::clone(&browser), next.run(request)).await;
    if let Some(set) = cookies.to_set(&browser) {
        response.headers_mut().append(SET_COOKIE, set);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

impl Cookies {
    /// Where pages are reached at this address.
    pub(crate) fn of(public_url: &str) -> Self {
        Self { safe: public_url.starts_with("https:") }
    }

    fn name(self) -> &'static str {
        if self.safe { SAFE_NAME } else { NAME }
    }

    fn read(self, headers: &HeaderMap) -> Browser {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let asked = headers.get(SESSION).is_some_and(|said| said == IN_COOKIE);
        Browser {
            device: agent.and_then(Device::calling_itself),
            cookie: asked.then(|| Cookie { shown: self.find(headers), next: Mutex::default() }),
        }
    }

    fn find(self, headers: &HeaderMap) -> Option<String> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.name()).map(|(_, value)| value.to_owned())
    }

    fn to_set(self, browser: &Browser) -> Option<HeaderValue> {
        let (token, until) =
            browser.cookie.as_ref()?.next.lock().expect("nobody panics while holding it").take()?;
        let secure = if self.safe { "; Secure" } else { "" };
        let cookie = format!(
            "{}={token}; Path=/; Expires={}; HttpOnly; SameSite=Strict{secure}",
            self.name(),
            until.format("%a, %d %b %Y %H:%M:%S GMT"),
        );
        HeaderValue::from_str(&cookie).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_cookie_without_the_header_is_as_if_it_were_not_there() {
        let cookies = Cookies::of("http://127.0.0.1:4000");
        let cookie = ("cookie", "a=b; odysseus-session=token");
        assert!(cookies.read(&headers(&[cookie])).cookie.is_none());
        assert!(cookies.read(&headers(&[cookie, ("x-session", "token")])).cookie.is_none());
        let read = cookies.read(&headers(&[cookie, ("x-session", "cookie")])).cookie.unwrap();
        assert_eq!(read.shown.as_deref(), Some("token"));
    }

    #[test]
    fn over_https_browsers_take_the_cookie_from_this_host_alone() {
        let browser = |token: &str, until: i64| Browser {
            device: None,
            cookie: Some(Cookie {
                shown: None,
                next: Mutex::new(Some((token.to_owned(), kernel::from_millis(until)))),
            }),
        };
        let safe = Cookies::of("https://tickets.example");
        let set = safe.to_set(&browser("token", 1_800_000_000_000)).unwrap();
        assert_eq!(
            set,
            "__Host-odysseus-session=token; Path=/; Expires=Fri, 15 Jan 2027 08:00:00 GMT; HttpOnly; SameSite=Strict; Secure"
        );
        let asked = [("x-session", "cookie"), ("cookie", "odysseus-session=of-another-host")];
        assert!(safe.read(&headers(&asked)).cookie.unwrap().shown.is_none());
        let set = Cookies::of("http://127.0.0.1:4000").to_set(&browser("", 0)).unwrap();
        assert_eq!(
            set,
            "odysseus-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict"
        );
    }
}
