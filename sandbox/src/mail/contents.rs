//! What is in a mail, read by mail-parser.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

/// What lists show of a mail. It is kept in memory; the rest of the mail is read from its source when somebody looks.
#[derive(Default)]
pub(crate) struct Heading {
    pub(crate) subject: String,
    pub(crate) attachments: Vec<Attachment>,
}

/// The parts of a mail that people look at.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) heading: Heading,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
}

/// An attachment, without its bytes.
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) size: usize,
    pub(crate) content_id: Option<String>,
}

impl Heading {
    /// Reads a source; what cannot be understood is left empty.
    pub(crate) fn read(source: &[u8]) -> Self {
        MessageParser::default().parse(source).map_or_else(Self::default, |message| Self::of(&message))
    }

    fn of(message: &Message<'_>) -> Self {
        Self {
            subject: message.subject().unwrap_or_default().to_owned(),
            attachments: message
                .attachments()
                .enumerate()
                .map(|(index, part)| Attachment {
                    name: part.attachment_name().map_or_else(|| format!("part-{}", index + 1), str::to_owned),
                    content_type: content_type(part),
                    size: part.contents().len(),
                    content_id: part.content_id().map(str::to_owned),
                })
                .collect(),
        }
    }
}

impl Contents {
    /// Reads a source. What cannot be understood is left empty; the source itself stays to look at.
    pub(crate) fn read(source: &[u8]) -> Self {
        let Some(message) = MessageParser::default().parse(source) else {
            return Self::default();
        };
        let headers =
            message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        Self { heading: Heading::of(&message), headers, text: text_of(&message), html: html_of(&message) }
    }
}

/// The bytes of one attachment of a mail.
pub(crate) fn attachment_bytes(source: &[u8], index: usize) -> Option<Vec<u8>> {
    let message = MessageParser::default().parse(source)?;
    let part = message.attachment(u32::try_from(index).ok()?)?;
    Some(part.contents().to_vec())
}

fn text_of(message: &Message<'_>) -> Option<String> {
    message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        _ => None,
    })
}

fn html_of(message: &Message<'_>) -> Option<String> {
    message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        _ => None,
    })
}

fn content_type(part: &mail_parser::MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()).to_lowercase(),
            None => kind.ctype().to_lowercase(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: a@example.org\r\nTo: b@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
        --x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n\
        --y\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain\r\n\
        --y\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>rich</p>\r\n--y--\r\n\
        --x\r\nContent-Type: text/calendar; method=PUBLISH; name=event.ics\r\n\
        Content-Disposition: attachment; filename=event.ics\r\n\r\nBEGIN:VCALENDAR\r\n\
        --x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"ticket.pdf\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--x--\r\n";

    #[test]
    fn a_mail_is_taken_apart_into_text_html_and_attachments() {
        let contents = Contents::read(MAIL.as_bytes());
        assert_eq!(contents.heading.subject, "Grüße");
        assert_eq!(contents.text.as_deref().map(str::trim), Some("plain"));
        assert_eq!(contents.html.as_deref().map(str::trim), Some("<p>rich</p>"));
        let seen: Vec<_> = contents
            .heading
            .attachments
            .iter()
            .map(|part| (part.name.as_str(), part.content_type.as_str()))
            .collect();
        assert_eq!(seen, [("event.ics", "text/calendar"), ("ticket.pdf", "application/pdf")]);
        assert_eq!(attachment_bytes(MAIL.as_bytes(), 1).unwrap(), b"%PDF-");
    }

    #[test]
    fn a_mail_of_html_alone_has_no_text() {
        let contents = Contents::read(b"Subject: x\r\nContent-Type: text/html\r\n\r\n<b>y</b>\r\n");
        assert_eq!(contents.text, None);
        assert!(contents.html.unwrap().contains("<b>y</b>"));
    }
}
