//! SMS go out by Twilio's API.

use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use breaker::{Breaker, Outage};
use kernel::Fault;
use reqwest::{Client, Response, StatusCode, header::CONTENT_TYPE, redirect::Policy};
use serde::Deserialize;

use crate::{
    config::Config,
    domain::{
        entities::Hindrance,
        ports::{NotSent, Sms, SmsGateway},
    },
};

/// An account at Twilio.
pub struct Twilio {
    client: Client,
    breaker: Breaker,
    limit: Duration,
    url: String,
    account: String,
    token: String,
    from: String,
}

impl Twilio {
    /// The one of the settings; none where they name no account. It is not asked anything yet.
    pub fn new(config: &Config) -> anyhow::Result<Option<Self>> {
        if config.sms_account.is_empty() {
            return Ok(None);
        }
        let base = config.sms_url.trim_end_matches('/');
        let url = format!("{base}/2010-04-01/Accounts/{}/Messages.json", config.sms_account);
        reqwest::Url::parse(&url).context(
            "the setting NOTIFICATIONS__SMS_URL is wrong: it must be like https://api.twilio.com/",
        )?;
        let limit = Duration::from_secs(config.sms_timeout_seconds.max(1));
        Ok(Some(Self {
            client: Client::builder().timeout(limit).redirect(Policy::none()).build()?,
            breaker: Breaker::new("SMS", config.sms_breaker),
            limit,
            url,
            account: config.sms_account.clone(),
            token: config.sms_token.clone(),
            from: config.sms_from.clone(),
        }))
    }

    async fn ask(&self, sms: &Sms) -> Result<(), Failed> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", &sms.number)
            .append_pair("From", &self.from)
            .append_pair("Body", &sms.text)
            .finish();
        let request = self
            .client
            .post(&self.url)
            .basic_auth(&self.account, Some(&self.token))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        // The address holds the account.
        let answer = request
            .send()
            .await
            .map_err(|cause| Failed::Down(Fault::passing("sending an SMS", cause.without_url())))?;
        if answer.status().is_success() { Ok(()) } else { Err(refused(answer).await) }
    }
}

#[async_trait]
impl SmsGateway for Twilio {
    fn rests(&self) -> bool {
        self.breaker.rest().is_some()
    }

    async fn send(&self, sms: &Sms) -> Result<(), NotSent> {
        self.breaker.call(self.limit, self.ask(sms)).await.map_err(|failed| match failed {
            Failed::Down(fault) => NotSent { fault, why: Hindrance::Passing },
            // The reason is the number.
            Failed::TurnedAway(fault) => NotSent { fault, why: Hindrance::Undeliverable },
        })
    }
}

/// What Twilio says of an SMS that it does not take. Its words name the number, so they are not kept.
#[derive(Deserialize)]
struct Refusal {
    code: u32,
}

/// Why an SMS was not taken.
enum Failed {
    /// None is taken just now.
    Down(Fault),
    /// This one is not, and never will be.
    TurnedAway(Fault),
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

async fn refused(answer: Response) -> Failed {
    let status = answer.status();
    let code = answer.json::<Refusal>().await.map_or(0, |refusal| refusal.code);
    let why = format!("it was answered {status}, code {code}");
    match status {
        // It does not know us, or we ask too much: that is about no SMS in particular.
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_MANY_REQUESTS => Failed::Down(Fault::passing("sending an SMS", why)),
        status if status.is_client_error() => Failed::TurnedAway(Fault::new("sending an SMS", why)),
        _ => Failed::Down(Fault::passing("sending an SMS", why)),
    }
}
