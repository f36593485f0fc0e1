//! What the service that knows people hears of their browsers: what they are, and the cookie with a session's refresh
//! token, for those who ask for it by a header.
//!
//! The header is what keeps others out. A page of another origin can make a browser send a cookie, at most, but not a
//! header of its own making: the browser asks first whether it may (CORS), and it may not, whichever origins are let in
//! (`cors.rs` does not name this header). So no request with both was made by anybody else's page, and a cookie without
//! the header reaches nobody.

use hive_router::{
    http::{
        HeaderMap as Sent, HeaderName, HeaderValue,
        header::{COOKIE, USER_AGENT},
    },
    ntex::http::HeaderMap,
};

/// The service that hears of it.
pub(crate) const SERVICE: &str = "users";

/// By this header a client says that its refresh token is to be in a cookie.
pub(crate) const SESSION: HeaderName = HeaderName::from_static("x-session");
const IN_COOKIE: &str = "cookie";
/// Browsers say by it whose page asks.
const WHOSE_PAGE: HeaderName = HeaderName::from_static("sec-fetch-site");
const OWN_PAGE: &str = "same-origin";
/// What these cookies' names end with; before it may be what binds one to this host.
const NAME: &str = "odysseus-session";
const NAMES: [&str; 2] = ["__Host-odysseus-session", NAME];

/// Of one request, where the rest of its processing finds it.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    agent: Option<HeaderValue>,
    /// Whether it wants its session to be in a cookie.
    keeps_its_session: bool,
    /// The session's cookies, if it has any and keeps it there.
    cookies: Option<HeaderValue>,
}

impl Browser {
    /// What a request says of it.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).map(|agent| agent.clone().into());
        let keeps_its_session = keeps_its_session(headers);
        let cookies = if keeps_its_session { cookies(headers) } else { None };
        Self { agent, keeps_its_session, cookies }
    }

    /// Tells it to the service.
    pub(crate) fn tell(&self, headers: &mut Sent) {
        if let Some(agent) = &self.agent {
            headers.insert(USER_AGENT, agent.clone());
        }
        if self.keeps_its_session {
            headers.insert(SESSION, HeaderValue::from_static(IN_COOKIE));
        }
        if let Some(cookies) = &self.cookies {
            headers.insert(COOKIE, cookies.clone());
        }
    }
}

/// True when it says so, and no browser says that the page is another's.
fn keeps_its_session(headers: &HeaderMap) -> bool {
    headers.get(SESSION).is_some_and(|said| said.as_bytes() == IN_COOKIE.as_bytes())
        && headers.get(WHOSE_PAGE).is_none_or(|whose| whose.as_bytes() == OWN_PAGE.as_bytes())
}

/// The session's among all cookies: the others are nobody's business.
fn cookies(headers: &HeaderMap) -> Option<HeaderValue> {
    let lines = headers.get_all(COOKIE).filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).map(str::trim);
    let of_sessions: Vec<_> =
        pairs.filter(|pair| pair.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name))).collect();
    if of_sessions.is_empty() { None } else { HeaderValue::from_str(&of_sessions.join("; ")).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[(&'static str, &'static str)]) -> Sent {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value).into());
        }
        let mut told = Sent::new();
        Browser::of(&headers).tell(&mut told);
        told
    }

    const COOKIES: (&str, &str) = ("cookie", "tracking=1; odysseus-session=token; other=2");
    const ASKED: (&str, &str) = ("x-session", "cookie");

    #[test]
    fn a_cookie_reaches_nobody_without_the_header_that_other_pages_cannot_send() {
        assert!(told(&[COOKIES]).is_empty());
        assert!(told(&[COOKIES, ("x-session", "token")]).is_empty());
        let both = told(&[COOKIES, ASKED]);
        assert_eq!(
            (&both[COOKIE], &both[SESSION]),
            (&HeaderValue::from_static("odysseus-session=token"), &HeaderValue::from_static("cookie"))
        );
    }

    #[test]
    fn a_page_that_the_browser_calls_anothers_is_not_heard() {
        for whose in ["cross-site", "same-site", "none"] {
            assert!(told(&[COOKIES, ASKED, ("sec-fetch-site", whose)]).is_empty(), "{whose}");
        }
        assert!(told(&[COOKIES, ASKED, ("sec-fetch-site", "same-origin")]).contains_key(COOKIE));
    }

    #[test]
    fn a_browser_without_a_cookie_may_get_one_and_says_what_it_is() {
        let told = told(&[ASKED, ("cookie", "tracking=1"), ("user-agent", "curl/8.5")]);
        assert_eq!(told[USER_AGENT], "curl/8.5");
        assert!(told.contains_key(SESSION) && !told.contains_key(COOKIE));
    }
}
