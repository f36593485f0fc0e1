//! Mails go out by SMTP.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use async_trait::async_trait;
use kernel::Fault;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::PoolConfig,
};

use super::letters::{self, Written};
use crate::{
    config::Config,
    domain::ports::{Mail, Mailer, NotSent},
};

/// How many connections to the mail server are kept.
const CONNECTIONS: u32 = 4;
/// How long an idle one is kept.
const IDLE: Duration = Duration::from_secs(30);

/// A mail server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: String,
}

impl SmtpMailer {
    /// The one of the settings. It is not asked anything yet: it may be down.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let from: Mailbox = config.mail_from.parse().context(
            "the setting NOTIFICATIONS__MAIL_FROM is wrong: it must be like `Odysseus <tickets@example.org>`",
        )?;
        // The URL may hold a password, so it is not shown.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.smtp_url)
            .context("the setting NOTIFICATIONS__SMTP_URL is wrong: it must be like smtp://127.0.0.1:2525")?
            .timeout(Some(Duration::from_secs(config.smtp_timeout_seconds.max(1))))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE))
            .build();
        Ok(Self { transport, from, public_url: config.public_url.trim_end_matches('/').to_owned() })
    }

    /// The mail as it goes over the wire. Its Message-ID is the same in each try.
    fn message(&self, mail: &Mail, written: Written) -> Result<Message, Fault> {
        let wrong = |cause: lettre::error::Error| Fault::new("writing a mail", cause);
        let address: Address = mail
            .address
            .parse()
            .map_err(|cause| Fault::new("reading a mail address", address_error(cause)))?;
        let bodies = MultiPart::alternative_plain_html(mail.letter.text(&self.public_url), written.html);
        let mut parts = MultiPart::mixed().multipart(bodies);
        if let Some(pdf) = written.tickets {
            let pdf_type =
                ContentType::parse("application/pdf").map_err(|cause| Fault::new("writing a mail", cause))?;
            parts = parts.singlepart(Attachment::new("tickets.pdf".to_owned()).body(pdf, pdf_type));
        }
        if let Some(calendar) = written.calendar {
            parts = parts.singlepart(calendar_part(calendar)?);
        }
        Message::builder()
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .date(SystemTime::from(mail.written_at))
            .from(self.from.clone())
            .to(Mailbox::new(Some(mail.name.clone()).filter(|name| !name.is_empty()), address))
            // So that no out-of-office note comes back.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .subject(mail.letter.subject())
            .multipart(parts)
            .map_err(wrong)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        // Printing takes long for an executor's thread.
        let (copy, from, public_url) = (mail.clone(), self.from.email.to_string(), self.public_url.clone());
        let written = tokio::task::spawn_blocking(move || letters::write(&copy, &from, &public_url)).await;
        let message = written
            .map_err(|cause| Fault::new("writing a mail", cause))
            .and_then(|written| self.message(mail, written?));
        // What we cannot write today may be written by tomorrow's version.
        let message = message.map_err(|fault| NotSent { fault, rejected: true })?;
        self.transport.send(message).await.map(|_| ()).map_err(|cause| {
            let rejected = cause.is_permanent();
            NotSent { fault: Fault::passing("sending a mail", cause), rejected }
        })
    }
}

fn calendar_part(calendar: String) -> Result<SinglePart, Fault> {
    let kind = ContentType::parse("text/calendar; charset=utf-8; method=PUBLISH")
        .map_err(|cause| Fault::new("writing a mail", cause))?;
    Ok(Attachment::new("event.ics".to_owned()).body(calendar, kind))
}

/// Without the address itself, which does not belong into a log.
fn address_error(cause: lettre::address::AddressError) -> String {
    cause.to_string()
}
