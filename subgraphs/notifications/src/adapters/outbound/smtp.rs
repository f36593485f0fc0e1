//! Mails go out by SMTP.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use async_trait::async_trait;
use breaker::{Breaker, Outage};
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
/// How many steps of a conversation may each take as long as one may.
const STEPS: u32 = 3;
/// How long an idle one is kept.
const IDLE: Duration = Duration::from_secs(30);

/// A mail server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
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
        Ok(Self { transport, breaker, limit: step * STEPS, from, public_url })
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
    fn rests(&self) -> bool {
        self.breaker.rest().is_some()
    }

    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        // Printing takes long for an executor's thread.
        let (copy, from, public_url) = (mail.clone(), self.from.email.to_string(), self.public_url.clone());
        let written = tokio::task::spawn_blocking(move || letters::write(&copy, &from, &public_url)).await;
        let message = written
            .map_err(|cause| Fault::new("writing a mail", cause))
            .and_then(|written| self.message(mail, written?));
        // What we cannot write today may be written by tomorrow's version.
        let message = message.map_err(|fault| NotSent { fault, rejected: true })?;
        let sending = async { self.transport.send(message).await.map_err(Failed::from) };
        self.breaker.call(self.limit, sending).await.map(|_| ()).map_err(|failed| match failed {
            Failed::Down(fault) => NotSent { fault, rejected: false },
            Failed::TurnedAway { fault, for_good } => NotSent { fault, rejected: for_good },
        })
    }
}

/// Why a mail was not taken.
enum Failed {
    /// No mail is taken just now.
    Down(Fault),
    /// This one is not.
    TurnedAway { fault: Fault, for_good: bool },
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Down(fault)
    }
}

impl From<lettre::transport::smtp::Error> for Failed {
    fn from(cause: lettre::transport::smtp::Error) -> Self {
        let code = cause.status().map(u16::from);
        let for_good = cause.is_permanent();
        let fault = Fault::passing("sending a mail", cause);
        match code {
            // The server goes down, or does not know us: that is about no mail in particular.
            None | Some(421 | 454 | 500 | 502 | 503 | 530 | 534 | 535 | 538) => Self::Down(fault),
            Some(_) => Self::TurnedAway { fault, for_good },
        }
    }
}

impl Outage for Failed {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Down(_))
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
