//! The provider's page, on which a person says who they are, and whether the client may know.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::CLIENT_ID;
use super::grants::Grant;
use crate::page::{layout, to};
use crate::world::World;

type Said = HashMap<String, String>;

/// `GET /sandbox/openid/authorize`
pub(super) async fn ask(Shared(world): Shared<Arc<World>>, uri: Uri) -> Response {
    let said = read(uri.query().unwrap_or_default().as_bytes());
    match check(&world, &said) {
        Ok(()) => crate::page::html(layout::page("Sign in", &form(&said))),
        Err(refused) => refused.into_response(),
    }
}

/// `POST /sandbox/openid/decide`
pub(super) async fn decide(Shared(world): Shared<Arc<World>>, body: Bytes) -> Response {
    let said = read(&body);
    if let Err(refused) = check(&world, &said) {
        return refused.into_response();
    }
    let text = |name: &str| said.get(name).cloned().unwrap_or_default();
    if text("decision") != "allow" {
        return to(&back(&said, &[("error", "access_denied")]));
    }
    let email = text("email").trim().to_owned();
    if !email.contains('@') || email.len() > 254 {
        let why = "Go back and type an e-mail address, such as ada@example.org";
        return (StatusCode::BAD_REQUEST, why).into_response();
    }
    let code = world.openid.grants.add(Grant {
        redirect_uri: text("redirect_uri"),
        code_challenge: text("code_challenge"),
        nonce: said.get("nonce").cloned(),
        email_verified: text("email_verified") == "on",
        name: text("name").chars().take(100).collect(),
        email,
    });
    to(&back(&said, &[("code", &code)]))
}

fn read(encoded: &[u8]) -> Said {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// Why nobody is asked.
enum Refused {
    /// The client is not known to be itself: the browser stays here.
    Here(&'static str),
    /// The client has asked wrongly, and is told.
    There(String),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Here(why) => (StatusCode::BAD_REQUEST, why).into_response(),
            Self::There(address) => to(&address),
        }
    }
}

fn check(world: &World, said: &Said) -> Result<(), Refused> {
    let text = |name: &str| said.get(name).map(String::as_str).unwrap_or_default();
    if text("client_id") != CLIENT_ID {
        return Err(Refused::Here("There is no such client"));
    }
    let redirect = text("redirect_uri");
    let known = world.openid.back.as_deref().is_none_or(|back| back == redirect);
    if !known || !(redirect.starts_with("https://") || redirect.starts_with("http://")) {
        return Err(Refused::Here("redirect_uri is not an address of this client"));
    }
    let wrong = |error: &str| Refused::There(back(said, &[("error", error)]));
    if text("response_type") != "code" {
        return Err(wrong("unsupported_response_type"));
    }
    if !text("scope").split(' ').any(|scope| scope == "openid") {
        return Err(wrong("invalid_scope"));
    }
    if text("code_challenge_method") != "S256" || text("code_challenge").len() != 43 {
        return Err(wrong("invalid_request"));
    }
    Ok(())
}

/// Back at the client, with this and the state that it gave.
fn back(said: &Said, with: &[(&str, &str)]) -> String {
    let redirect = said.get("redirect_uri").map(String::as_str).unwrap_or_default();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(with);
    if let Some(state) = said.get("state") {
        query.append_pair("state", state);
    }
    let before = if redirect.contains('?') { '&' } else { '?' };
    format!("{redirect}{before}{}", query.finish())
}

fn form(said: &Said) -> Markup {
    const KEPT: [&str; 8] = [
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    ];
    html! {
        article.bank {
            h1 { "Who are you?" }
            p { "A provider would know. The sandbox believes whatever you say." }
            form method="post" action="/sandbox/openid/decide" {
                @for name in KEPT { @if let Some(value) = said.get(name) {
                    input type="hidden" name=(name) value=(value);
                } }
                p { label { "E-mail address " input type="email" name="email" value="ada@example.org" required; } }
                p { label { "Name " input name="name" value="Ada Lovelace"; } }
                p { label { input type="checkbox" name="email_verified" checked; " the address is verified" } }
                div.choice {
                    button.primary name="decision" value="allow" { "Sign in" }
                    button name="decision" value="refuse" formnovalidate { "Refuse" }
                }
            }
            p.quiet { "Client " code { (CLIENT_ID) } }
        }
    }
}
