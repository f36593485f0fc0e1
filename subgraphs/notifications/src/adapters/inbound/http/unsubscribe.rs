//! What stops mails of a kind, from a link in one of them: a page that asks, for people, and what a mail program's own button
//! posts to (RFC 8058). Nobody logs in for it.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Html,
};
use kernel::Error;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use service::rest::{Path, Problem};

use crate::{
    Notifications,
    domain::{
        entities::Kind,
        words::{Language, say},
    },
};

/// Looks as the pages of the site do, by day and by night, and asks no other server for anything.
const STYLE: &str = ":root{color-scheme:light dark;font:17px/1.5 system-ui,sans-serif;\
background:light-dark(#f4efe4,#10151c);color:light-dark(#17202b,#f3ede0)}\
body{max-width:34rem;margin:12vh auto;padding:0 1.25rem}\
button{font:inherit;padding:.7rem 1.2rem;border-radius:.5rem;border:0;cursor:pointer;\
background:light-dark(#b3341f,#ff8a66);color:light-dark(#fff,#2b0d05)}";

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct OfMail {
    /// What stands in the link of the mail.
    token: String,
}

/// A page that asks whether mails of a kind are to stop.
///
/// For people who follow the link of a mail. Looking at it changes nothing, whoever looks.
#[utoipa::path(get, path = "/unsubscribe/{token}", operation_id = "askToStopMails", tag = "notifications",
    params(OfMail),
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "The page, in the reader's language.", body = String, content_type = "text/html"),
        service::rest::NotFound))]
pub(super) async fn ask(
    State(notifications): State<Notifications>,
    Path(OfMail { token }): Path<OfMail>,
    headers: HeaderMap,
) -> Result<Html<String>, Problem> {
    let words = language(&headers);
    let kind = notifications.stoppable(&token).await.map_err(problem)?;
    Ok(page(
        words,
        &html! {
            h1 { (say!(words, "stop-title")) }
            p { (say!(words, "stop-ask", kind = say!(words, kind_of(kind)))) }
            form method="post" { button { (say!(words, "stop-yes")) } }
        },
    ))
}

/// Stops mails of a kind to who was sent the one with this link.
///
/// For the page of the link, and for the button of mail programs, which post `List-Unsubscribe=One-Click`. The same again changes
/// nothing. Mails with tickets, about money and about an account have no such link, and are always sent.
#[utoipa::path(post, path = "/unsubscribe/{token}", operation_id = "stopMails", tag = "notifications",
    params(OfMail),
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "They are stopped, now or before.", body = String, content_type = "text/html"),
        service::rest::NotFound))]
pub(super) async fn stop(
    State(notifications): State<Notifications>,
    Path(OfMail { token }): Path<OfMail>,
    headers: HeaderMap,
) -> Result<Html<String>, Problem> {
    let words = language(&headers);
    let kind = notifications.stop_mails(&token).await.map_err(problem)?;
    Ok(page(
        words,
        &html! {
            h1 { (say!(words, "stop-done-title")) }
            p { (say!(words, "stop-done", kind = say!(words, kind_of(kind)))) }
        },
    ))
}

/// What mails of a kind are called.
fn kind_of(kind: Kind) -> &'static str {
    match kind {
        Kind::EventReminder => "stop-reminders",
        Kind::WaitlistOffer => "stop-offers",
        _ => "stop-declines",
    }
}

fn language(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok());
    wanted.map(Language::of).unwrap_or_default()
}

fn problem(error: Error) -> Problem {
    error.into()
}

fn page(words: Language, said: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang=(words.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Odysseus" }
                style { (STYLE) }
            }
            body { main { (said) } }
        }
    };
    Html(page.into_string())
}
