//! One mail: to read, as HTML, as its source, and its attachments.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use super::{checkout, layout, not_found};
use crate::mail::Mail;
use crate::mail::contents::{self, Contents};
use crate::world::World;

/// A mail's HTML may show its own pictures and styles, and can do nothing else.
const MAIL_POLICY: &str = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; font-src data:; \
                           sandbox allow-popups allow-popups-to-escape-sandbox";

/// What a mail's page is asked for after it was reported as bounced.
const BOUNCED: &str = "bounced";

/// `GET /sandbox/mails/{id}`
pub(super) async fn show(
    Shared(world): Shared<Arc<World>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(mail) = find(&world, &id) else { return not_found("mail") };
    let Some(contents) = contents_of(&world, &mail) else { return not_found("mail") };
    let heading = &contents.heading;
    let path = format!("/sandbox/mails/{id}");
    let body = html! {
        article {
            h1 { @if heading.subject.is_empty() { em { "without a subject" } } @else { (heading.subject) } }
            dl.facts {
                dt { "From" } dd { (mail.from) }
                dt { "To" } dd { (mail.to.join(", ")) }
                dt { "Received" } dd { (layout::time(mail.received_at)) }
                dt { "Size" } dd { (layout::size(mail.size)) " · " a href=(format!("{path}/source")) { "source" } }
            }
            @if world.bounces.is_some() {
                div.choice {
                    form method="post" action=(format!("{path}/bounce")) { button { "Report as bounced" } }
                    @if query.as_deref() == Some(BOUNCED) {
                        p role="status" { "It is reported: to " (mail.to.join(", ")) " go only mails that cannot be done without." }
                    }
                }
            }
            @if !heading.attachments.is_empty() {
                h2 { "Attachments" }
                ul.attachments { @for (number, part) in heading.attachments.iter().enumerate() { li {
                    a href=(format!("{path}/attachments/{number}")) download=(part.name) { (part.name) }
                    " " span.quiet { (part.content_type) ", " (layout::size(part.size as u64)) }
                } } }
            }
            @if contents.html.is_some() {
                h2 { "HTML" }
                iframe.mail title="The mail's HTML" src=(format!("{path}/html"))
                    sandbox="allow-popups allow-popups-to-escape-sandbox" {}
            }
            @if let Some(text) = &contents.text {
                h2 { "Text" }
                pre { (text) }
            }
            details {
                summary { "Headers" }
                dl.facts { @for (name, value) in &contents.headers { dt { (name) } dd { (value) } } }
            }
        }
    };
    super::html(layout::page(&heading.subject, &body))
}

/// `POST /sandbox/mails/{id}/bounce`
pub(super) async fn bounce(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    let (Some(mail), Some(bounces)) = (find(&world, &id), &world.bounces) else { return not_found("mail") };
    match bounces.report(&mail.to).await {
        Ok(()) => checkout::to(&format!("/sandbox/mails/{id}?{BOUNCED}")),
        Err(error) => {
            tracing::warn!(?error, "a mail could not be reported as bounced");
            let why = "Whoever hears of bounces did not take the report; the sandbox's log says why";
            (StatusCode::BAD_GATEWAY, why).into_response()
        }
    }
}

/// `GET /sandbox/mails/{id}/html`
pub(super) async fn html(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    let Some(mail) = find(&world, &id) else { return not_found("mail") };
    let contents = contents_of(&world, &mail);
    let Some(html) = contents.as_ref().and_then(with_own_pictures) else {
        return not_found("mail with HTML");
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    // Links open in a tab of their own, not in the frame.
    (headers, format!("<base target=\"_blank\">{html}")).into_response()
}

/// `GET /sandbox/mails/{id}/source`
pub(super) async fn source(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    let Some(source) = source_of(&world, &id) else { return not_found("mail") };
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, source.to_vec()).into_response()
}

/// `GET /sandbox/mails/{id}/attachments/{number}`
pub(super) async fn attachment(
    Shared(world): Shared<Arc<World>>,
    Path((id, number)): Path<(String, usize)>,
) -> Response {
    let Some(mail) = find(&world, &id) else { return not_found("mail") };
    let Some(part) = mail.heading.attachments.get(number) else { return not_found("attachment") };
    let bytes = source_of(&world, &id).and_then(|source| contents::attachment_bytes(&source, number));
    let Some(bytes) = bytes else { return not_found("attachment") };
    let kind = HeaderValue::from_str(&part.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition(&part.name)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, bytes).into_response()
}

fn find(world: &World, id: &str) -> Option<Mail> {
    world.store.read(|state| state.mails.get(id).cloned())
}

/// What is in a mail, read anew; none when its source is gone.
pub(super) fn contents_of(world: &World, mail: &Mail) -> Option<Contents> {
    world.store.mail_source(mail).ok().map(|source| Contents::read(&source))
}

fn source_of(world: &World, id: &str) -> Option<Arc<[u8]>> {
    world.store.mail_source(&find(world, id)?).ok()
}

/// The HTML with `cid:` references turned into the addresses of the attachments they mean.
fn with_own_pictures(contents: &Contents) -> Option<String> {
    let mut html = contents.html.clone()?;
    for (number, part) in contents.heading.attachments.iter().enumerate() {
        if let Some(id) = &part.content_id {
            html = html.replace(&format!("cid:{id}"), &format!("attachments/{number}"));
        }
    }
    Some(html)
}

/// Saved, never shown, under its own name: RFC 6266 with every unusual byte encoded.
fn disposition(name: &str) -> HeaderValue {
    use std::fmt::Write;
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_file_name_stays_a_file_name() {
        let header = disposition("ti\"cket\r\nX: y/ü.pdf");
        assert_eq!(header, "attachment; filename*=UTF-8''ti%22cket%0D%0AX%3A%20y%2F%C3%BC.pdf");
    }
}
