//! Mails go out by SMTP.

use std::{
    error::Error as _,
    time::{Duration, SystemTime},
};

use super::{
    letters::{self, CalendarFile, Written},
    writers::Writers,
};
use crate::{
    config::Config,
    domain::{
        entities::{Hindrance, Organizer},
        ports::{Mail, Mailer, NotSent},
        words::say,
    },
};
use anyhow::Context;
use async_trait::async_trait;
use breaker::{Breaker, Outage};
use kernel::{EmailAddress, Fault};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::PoolConfig,
};

/// How many connections to the mail server are kept.
const CONNECTIONS: u32 = 4;
/// How many steps of a conversation may each take as long as one may.
const STEPS: u32 = 3;
/// How long an idle one is kept.
const IDLE: Duration = Duration::from_secs(30);

/// A mail server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    writers: Writers,
    breaker: Breaker,
    limit: Duration,
    from: Mailbox,
    public_url: String,
}

impl SmtpMailer {
    /// The one of the settings. It is not asked anything yet: it may be down.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let from: Mailbox = config.mail_from.parse().context(
            "the setting NOTIFICATIONS__MAIL_FROM is wrong: it must be like `Odysseus <tickets@example.org>`",
        )?;
        let step = Duration::from_secs(config.smtp_timeout_seconds.max(1));
        // The URL may hold a password, so it is not shown.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.smtp_url)
            .context("the setting NOTIFICATIONS__SMTP_URL is wrong: it must be like smtp://127.0.0.1:2525")?
            .timeout(Some(step))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE))
            .build();
        let breaker = Breaker::new("mail server", config.smtp_breaker);
        let public_url = config.public_url.trim_end_matches('/').to_owned();
        Ok(Self { transport, writers: Writers::new()?, breaker, limit: step * STEPS, from, public_url })
    }

    /// The mail as it goes over the wire. Its Message-ID is the same in each try.
    fn message(&self, mail: &Mail, address: Address, written: Written) -> Result<Message, Fault> {
        let wrong = |cause: lettre::error::Error| Fault::new("writing a mail", cause);
        let bodies = MultiPart::alternative_plain_html(text_of(mail, &self.public_url), written.html);
        let mut parts = MultiPart::mixed().multipart(bodies);
        let pdf_type =
            ContentType::parse("application/pdf").map_err(|cause| Fault::new("writing a mail", cause))?;
        let tickets = written.tickets.map(|pdf| ("tickets.pdf".to_owned(), pdf));
        let invoice = written.invoice.map(|invoice| (invoice.name, invoice.pdf));
        for (name, pdf) in tickets.into_iter().chain(invoice) {
            parts = parts.singlepart(Attachment::new(name).body(pdf, pdf_type.clone()));
        }
        if let Some(calendar) = written.calendar {
            parts = parts.singlepart(calendar_part(calendar)?);
        }
        let mut message = Message::builder();
        if let Some(organizer) = mail.organizer.as_ref() {
            message = reply_to(organizer).into_iter().fold(message, MessageBuilder::reply_to);
        }
        if let Some(link) = &mail.unsubscribe {
            // RFC 8058: mail programs offer a button of their own, which posts there without asking anything.
            message = message.raw_header(header("List-Unsubscribe", format!("<{link}>")));
            let one_click = "List-Unsubscribe=One-Click".to_owned();
            message = message.raw_header(header("List-Unsubscribe-Post", one_click));
        }
        message
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .date(SystemTime::from(mail.written_at))
            .from(self.from.clone())
            .to(Mailbox::new(Some(mail.name.clone()).filter(|name| !name.is_empty()), address))
            // So that no out-of-office note comes back.
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .subject(mail.letter.subject(mail.language))
            .multipart(parts)
            .map_err(wrong)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    fn rests(&self) -> bool {
        self.breaker.rest().is_some()
    }

    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        let address =
            address(&mail.address).map_err(|fault| NotSent { fault, why: Hindrance::Undeliverable })?;
        // Printing takes long for an executor's thread.
        let (copy, from, public_url) = (mail.clone(), self.from.email.to_string(), self.public_url.clone());
        let written = self.writers.done(move || letters::write(&copy, &from, &public_url)).await;
        let plain = address.to_string().is_ascii();
        let message = written
            .ok_or_else(|| Fault::broken_rule("writing a mail ended in a panic"))
            .and_then(|written| self.message(mail, address, written?));
        // What we cannot write today may be written by tomorrow's version.
        let message = message.map_err(|fault| NotSent { fault, why: Hindrance::Rejected })?;
        let sending = async { self.transport.send(message).await.map_err(|cause| Failed::of(cause, plain)) };
        self.breaker.call(self.limit, sending).await.map(|_| ()).map_err(|failed| match failed {
            Failed::Down(fault) => NotSent { fault, why: Hindrance::Passing },
            Failed::TurnedAway { fault, why } => NotSent { fault, why },
        })
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// The mail in plain text, and how to have no more of its kind.
fn text_of(mail: &Mail, public_url: &str) -> String {
    let text = mail.letter.text(mail.language, public_url, mail.organizer.as_ref());
    match &mail.unsubscribe {
        Some(link) => format!("{text}\n{}: {link}\n", say!(mail.language, "stop-these-mails")),
        None => text,
    }
}

/// Where answers go, where the organizer has said so and mail programs can write there.
fn reply_to(organizer: &Organizer) -> Option<Mailbox> {
    let address = address(organizer.support()?).ok()?;
    Some(Mailbox::new(organizer.called(), address))
}

/// The address as mail servers want it: the domain in ASCII. It stands in no error, since errors are logged.
fn address(typed: &str) -> Result<Address, Fault> {
    EmailAddress::restore(typed)
        .ascii()
        .parse()
        .map_err(|cause: lettre::address::AddressError| Fault::new("reading a mail address", cause))
}

/// Why a mail was not taken.
enum Failed {
    /// No mail is taken just now.
    Down(Fault),
    /// This one is not: that says nothing about others.
    TurnedAway { fault: Fault, why: Hindrance },
}

impl Failed {
    /// `plain` where the address has only letters that every server takes.
    fn of(cause: lettre::transport::smtp::Error, plain: bool) -> Self {
        let code = cause.status().map(u16::from);
        let said = cause.source().map(ToString::to_string).unwrap_or_default();
        let why = match code {
            // What says this is our client: the server offers no way to send to such an address.
            None if cause.is_client() && !plain => Hindrance::Undeliverable,
            // The server goes down, or does not know us: that is about no mail in particular.
            None | Some(421 | 454 | 500 | 502 | 503 | 530 | 534 | 535 | 538) => {
                return Self::Down(Fault::passing("sending a mail", cause));
            }
            Some(code) if cause.is_permanent() && is_about_the_address(code, &said) => {
                Hindrance::Undeliverable
            }
            Some(_) if cause.is_permanent() => Hindrance::Rejected,
            Some(_) => Hindrance::Passing,
        };
        Self::TurnedAway { fault: Fault::new("sending a mail", cause), why }
    }
}

/// Whether a server that refuses for good blames the recipient's address: by the enhanced code (RFC 3463) before its
/// words, and without one by those codes with which servers refuse a mailbox.
fn is_about_the_address(code: u16, said: &str) -> bool {
    let enhanced = said.split_whitespace().next().unwrap_or_default();
    let mut parts = enhanced.split('.').map(str::parse::<u16>);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        // Of the first group, 7 and 8 are about the sender's address.
        (Some(Ok(5)), Some(Ok(1)), Some(Ok(detail)), None) => !matches!(detail, 7 | 8),
        // The mailbox is switched off; the server takes no such letters.
        (Some(Ok(5)), Some(Ok(2)), Some(Ok(1)), None) | (Some(Ok(5)), Some(Ok(6)), Some(Ok(7)), None) => true,
        (Some(Ok(_)), Some(Ok(_)), Some(Ok(_)), None) => false,
        _ => matches!(code, 501 | 550 | 551 | 553),
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Down(fault)
    }
}

impl Outage for Failed {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Down(_))
    }
}

fn calendar_part(calendar: CalendarFile) -> Result<SinglePart, Fault> {
    let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={}", calendar.method))
        .map_err(|cause| Fault::new("writing a mail", cause))?;
    Ok(Attachment::new("event.ics".to_owned()).body(calendar.text, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_with_umlauts_is_sent_to_in_ascii() {
        assert_eq!(address("ada@müller.example").unwrap().to_string(), "ada@xn--mller-kva.example");
        assert!(address("ada").is_err());
    }

    #[test]
    fn answers_go_to_the_organizer_in_ascii_whatever_it_is_called() {
        let organizer = Organizer {
            name: Some("Bühne, \"Brücke\"".to_owned()),
            support_email: Some("hilfe@bühne.example".to_owned()),
            ..Organizer::default()
        };
        let mailbox = reply_to(&organizer).unwrap();
        assert_eq!(mailbox.email.to_string(), "hilfe@xn--bhne-0ra.example");
        assert_eq!(mailbox.name.as_deref(), Some("Bühne, \"Brücke\""));
        assert!(reply_to(&Organizer::default()).is_none());
    }

    #[test]
    fn refusals_of_a_recipient_are_told_from_those_of_a_mail() {
        for (code, said) in [
            (550, "5.1.1 no such user"),
            (550, "No such user here"),
            (553, "5.1.3 bad address"),
            (550, "5.2.1 mailbox disabled"),
            (553, "5.6.7 SMTPUTF8 is needed"),
            (501, "Syntax error in parameters"),
        ] {
            assert!(is_about_the_address(code, said), "{code} {said}");
        }
        for (code, said) in [
            (550, "5.7.1 relaying denied"),
            (553, "5.1.8 sender's domain does not exist"),
            (552, "5.2.2 mailbox full"),
            (554, "Transaction failed"),
        ] {
            assert!(!is_about_the_address(code, said), "{code} {said}");
        }
    }
}
