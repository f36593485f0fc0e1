//! A browser keeps its session in a cookie that no script reads, and that is of no use to the pages of others.

use reqwest::{Client, RequestBuilder, Response, header::SET_COOKIE};
use serde_json::{Value, json};

use crate::Stage;

const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const REFRESH: &str =
    "mutation { it: refreshSession { accessToken refreshToken user { sessions { device current } } } }";

/// A browser, which asks as it is told to.
struct Browser {
    client: Client,
    graph: String,
}

impl Browser {
    fn asks(&self, query: &str, variables: &Value, headers: &[(&str, &str)]) -> RequestBuilder {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(&self.graph).header("user-agent", AGENT).json(&body);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }

    /// As a page of ours asks, with this cookie.
    async fn own_page(&self, query: &str, cookie: &str) -> Response {
        let headers = [("x-session", "cookie"), ("sec-fetch-site", "same-origin"), ("cookie", cookie)];
        self.asks(query, &json!({}), &headers).send().await.unwrap()
    }
}

/// The cookie that is to be kept, as it is sent back.
fn kept(response: &Response) -> String {
    let set: Vec<_> =
        response.headers().get_all(SET_COOKIE).iter().map(|set| set.to_str().unwrap()).collect();
    assert!(set.len() == 1 && set[0].contains("HttpOnly") && set[0].contains("SameSite=Strict"), "{set:?}");
    set[0].split(';').next().unwrap().to_owned()
}

async fn read(response: Response) -> Value {
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_browser_stays_logged_in_by_a_cookie_and_no_other_page_can_use_it() {
    let stage = Stage::set().await;
    let browser =
        Browser { client: Client::new(), graph: format!("{}/graphql", stage.platform.address().now()) };
    let register =
        "mutation($input: RegisterInput!) { it: register(input: $input) { accessToken refreshToken } }";
    let input = json!({ "input": { "email": "tab@example.test", "password": "correct horse battery", "name": "Tab" } });
    let opened = browser.asks(register, &input, &[("x-session", "cookie")]).send().await.unwrap();
    let cookie = kept(&opened);
    let opened = read(opened).await;
    assert!(opened["data"]["it"]["accessToken"].is_string(), "{opened}");
    assert_eq!(opened["data"]["it"]["refreshToken"], Value::Null);

    // What pages of others can bring about at most: the cookie, and what browsers say of them.
    let session = ("x-session", "cookie");
    let forged: [&[(&str, &str)]; 3] =
        [&[], &[session, ("sec-fetch-site", "cross-site")], &[session, ("sec-fetch-site", "same-site")]];
    for headers in forged {
        let headers: Vec<_> = headers.iter().copied().chain([("cookie", cookie.as_str())]).collect();
        for query in [REFRESH, "mutation { it: logout }"] {
            let response = browser.asks(query, &json!({}), &headers).send().await.unwrap();
            assert!(!response.headers().contains_key(SET_COOKIE), "{headers:?}");
            let refused = read(response).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
        }
    }

    let tabs = tokio::join!(browser.own_page(REFRESH, &cookie), browser.own_page(REFRESH, &cookie));
    assert_eq!(kept(&tabs.0), kept(&tabs.1), "two tabs at once keep the same");
    let next = kept(&tabs.0);
    assert_ne!(next, cookie);
    let seen = read(tabs.0).await;
    let sessions = &seen["data"]["it"]["user"]["sessions"];
    assert_eq!(sessions[0]["device"], "Firefox on Windows", "{seen}");
    let out = browser.own_page("mutation { it: logout }", &next).await;
    assert!(kept(&out).ends_with('='), "it is gone");
    assert_eq!(read(out).await["data"]["it"], true);
    let over = read(browser.own_page(REFRESH, &next).await).await;
    assert_eq!(over["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{over}");
}
