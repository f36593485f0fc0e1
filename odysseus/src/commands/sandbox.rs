use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::bail;
use sandbox::{BounceEndpoint, Sandbox, SandboxOptions, SmsAccount, WebhookEndpoint};
use serde::{Deserialize, Serialize};
use service::settings;

use super::signals::Signals;
use crate::out;

/// Settings of the sandbox when it runs alone: `SANDBOX__HTTP`, `SANDBOX__WEBHOOK_URL` and so on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SandboxSettings {
    /// Where Stripe, Twilio and the page are served.
    http: SocketAddr,
    /// Where mail is taken.
    smtp: SocketAddr,
    /// The folder in which everything is kept; without it, nothing survives the process.
    data: Option<PathBuf>,
    /// Where Stripe's webhooks go.
    webhook_url: Option<String>,
    /// What signs them.
    webhook_secret: Option<String>,
    /// Where mails are reported that did not arrive.
    bounces_url: Option<String>,
    /// What is shown there.
    bounces_secret: Option<String>,
    /// Where people reach `/sandbox`, if that is not the address itself.
    public_url: Option<String>,
    /// The only address that people who sign in by OpenID Connect are sent back to; any without it.
    sign_in_back: Option<String>,
    /// The only secret key that Stripe's API takes; every test key without it.
    api_key: Option<String>,
    /// The only account that may send SMS, with its token; every account without them.
    sms_account: Option<String>,
    /// The token of that account.
    sms_token: Option<String>,
    /// How many mails, payments and so on are kept; the oldest go first.
    keeps: usize,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, 4010)),
            smtp: SocketAddr::from((Ipv4Addr::LOCALHOST, 4025)),
            data: None,
            webhook_url: None,
            webhook_secret: None,
            bounces_url: None,
            bounces_secret: None,
            public_url: None,
            sign_in_back: None,
            api_key: None,
            sms_account: None,
            sms_token: None,
            keeps: SandboxOptions::default().keeps,
        }
    }
}

impl SandboxSettings {
    fn options(self) -> anyhow::Result<SandboxOptions> {
        let webhook = match (self.webhook_url, self.webhook_secret) {
            (Some(url), Some(secret)) => Some(WebhookEndpoint { url, secret }),
            (None, None) => None,
            _ => bail!("webhooks need both SANDBOX__WEBHOOK_URL and SANDBOX__WEBHOOK_SECRET"),
        };
        let bounces = match (self.bounces_url, self.bounces_secret.filter(|secret| !secret.is_empty())) {
            (Some(url), Some(secret)) => Some(BounceEndpoint { url, secret }),
            // A deployment that has chosen no secret takes no reports.
            (_, None) => None,
            (None, Some(_)) => bail!("SANDBOX__BOUNCES_SECRET needs SANDBOX__BOUNCES_URL"),
        };
        let sms_account = match (self.sms_account, self.sms_token) {
            (Some(sid), Some(token)) => Some(SmsAccount { sid, token }),
            (None, None) => None,
            _ => bail!("SMS need both SANDBOX__SMS_ACCOUNT and SANDBOX__SMS_TOKEN, or neither"),
        };
        Ok(SandboxOptions {
            http: self.http,
            smtp: self.smtp,
            data: self.data,
            webhook,
            bounces,
            api_key: self.api_key,
            sms_account,
            public_url: self.public_url,
            sign_in_back: self.sign_in_back,
            keeps: self.keeps,
        })
    }
}

pub(super) async fn sandbox() -> anyhow::Result<ExitCode> {
    let settings: SandboxSettings = settings::load("SANDBOX")?;
    let mail_at = settings.smtp.ip();
    let mut signals = Signals::listen()?;
    let sandbox = Sandbox::start(settings.options()?).await?;
    out::line(format!("mail is taken at smtp://{}", SocketAddr::from((mail_at, sandbox.smtp_port()))));
    out::line(format!("listening on {}", sandbox.http_url()));
    signals.next().await;
    out::complain("stopping; once more to stop at once");
    signals.next_one_ends();
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}
