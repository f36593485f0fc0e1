//! Stripe's Connect: the accounts of organizations, what comes to them and goes from them, and what is paid out of them.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, OrganizationId};
use miniserde::Deserialize;
use serde::Serialize;
use stripe::{ApiErrorsCode, ApiErrorsType, StripeError};
use stripe_client_core::{AccountId, CustomizableStripeRequest, RequestBuilder, StripeMethod};
use stripe_types::List;

use super::{
    stripe_gateway::{NoAnswer, StripeGateway, idempotent},
    stripe_shapes::money_of,
};
use crate::domain::{
    entities::payout::{AccountSeen, PayoutId},
    ports::{Moved, NewPayout, PayoutGateway, ProviderPayout, ProviderPayoutStatus, ProviderTransfer},
};

/// The name under which Stripe keeps our payout's id for us.
const PAYOUT_ID: &str = "payout_id";
/// The same for an organization's id.
const ORGANIZATION_ID: &str = "organization_id";
/// How many of a list are read.
const READ: u32 = 100;
/// How many pages of transfers are read to find one of which something is left.
const MOST_PAGES: usize = 20;

/// A new account. Stripe asks its owner for everything, answers for nothing, and never pays out by itself: we do.
#[derive(Serialize)]
struct Account<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    capabilities: Capabilities,
    settings: Settings<'a>,
    metadata: HashMap<&'a str, String>,
}

#[derive(Serialize)]
struct Capabilities {
    card_payments: Requested,
    transfers: Requested,
}

#[derive(Serialize)]
struct Requested {
    requested: bool,
}

#[derive(Serialize)]
struct Settings<'a> {
    payouts: Payouts<'a>,
}

#[derive(Serialize)]
struct Payouts<'a> {
    schedule: Schedule<'a>,
}

#[derive(Serialize)]
struct Schedule<'a> {
    interval: &'a str,
}

#[derive(Serialize)]
struct AccountLink<'a> {
    account: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    return_url: &'a str,
    refresh_url: &'a str,
}

/// Money to be moved. Where to, and in which currency, says who needs it.
#[derive(Serialize)]
struct Movement<'a> {
    amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<&'a str>,
    metadata: HashMap<&'a str, String>,
}

#[derive(Serialize)]
struct Listed<'a> {
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Since>,
}

impl Default for Listed<'_> {
    fn default() -> Self {
        Self { limit: READ, destination: None, starting_after: None, created: None }
    }
}

#[derive(Serialize)]
struct Since {
    gte: i64,
}

/// What is read of an account.
#[derive(Deserialize)]
struct AccountRead {
    id: String,
    details_submitted: Option<bool>,
    charges_enabled: Option<bool>,
    payouts_enabled: Option<bool>,
    requirements: Option<Requirements>,
}

#[derive(Deserialize)]
struct Requirements {
    disabled_reason: Option<String>,
}

#[derive(Deserialize)]
struct LinkRead {
    url: String,
}

/// What is read of what was moved.
#[derive(Deserialize)]
struct MovedRead {
    id: String,
    metadata: Option<HashMap<String, String>>,
}

impl From<AccountRead> for AccountSeen {
    fn from(read: AccountRead) -> Self {
        Self {
            id: read.id,
            details_submitted: read.details_submitted.unwrap_or_default(),
            charges_enabled: read.charges_enabled.unwrap_or_default(),
            payouts_enabled: read.payouts_enabled.unwrap_or_default(),
            disabled_reason: read.requirements.and_then(|read| read.disabled_reason),
        }
    }
}

#[async_trait]
impl PayoutGateway for StripeGateway {
    fn rests(&self) -> bool {
        self.is_left_alone()
    }

    async fn make_account(&self, organization: OrganizationId) -> Result<AccountSeen, Fault> {
        let key = idempotent(&format!("account-{organization}"))?;
        let ask = Account {
            kind: "express",
            capabilities: Capabilities {
                card_payments: Requested { requested: true },
                transfers: Requested { requested: true },
            },
            settings: Settings { payouts: Payouts { schedule: Schedule { interval: "manual" } } },
            metadata: HashMap::from([(ORGANIZATION_ID, organization.to_string())]),
        };
        let made = self.again(|| {
            let request = post("/accounts".to_owned(), &ask).customize::<AccountRead>();
            request.request_strategy(key.clone()).send(self.line())
        });
        made.await.map(Into::into).map_err(|error| error.fault("making an account at Stripe"))
    }

    async fn account(&self, account: &str) -> Result<Option<AccountSeen>, Fault> {
        let get = || get(format!("/accounts/{account}")).customize::<AccountRead>().send(self.line());
        match self.again(get).await {
            Ok(seen) => Ok(Some(seen.into())),
            // Of an account that is closed, or not ours, Stripe says that we may not see it.
            Err(NoAnswer::Stripe(StripeError::Stripe(_, 403 | 404))) => Ok(None),
            Err(error) => Err(error.fault("looking at an account at Stripe")),
        }
    }

    async fn onboarding(&self, account: &str, done: &str, again: &str) -> Result<String, Fault> {
        let ask = AccountLink { account, kind: "account_onboarding", return_url: done, refresh_url: again };
        // No key: each is good once.
        let made = self.again(|| {
            let request = post("/account_links".to_owned(), &ask).customize::<LinkRead>();
            request.send(self.line())
        });
        let made = made.await.map_err(|error| error.fault("asking Stripe for a link to its pages"))?;
        Ok(made.url)
    }

    async fn pay_out(&self, ask: &NewPayout) -> Result<Moved<ProviderPayout>, Fault> {
        let key = idempotent(&ask.key)?;
        let form = Movement { currency: Some(currency(ask)), ..movement(ask) };
        let made = self.again(|| {
            let request = of(&ask.account, post("/payouts".to_owned(), &form));
            request.request_strategy(key.clone()).send(self.line())
        });
        moved(made.await.map(|payout| payout_of(&payout)), "paying out at Stripe")
    }

    async fn payout(&self, account: &str, payout: &str) -> Result<Option<ProviderPayout>, Fault> {
        let seen = self.again(|| of(account, get(format!("/payouts/{payout}"))).send(self.line()));
        match seen.await {
            Ok(seen) => Ok(Some(payout_of(&seen))),
            Err(NoAnswer::Stripe(StripeError::Stripe(_, 404))) => Ok(None),
            Err(error) => Err(error.fault("looking at a payout at Stripe")),
        }
    }

    async fn payouts_since(&self, account: &str, since: DateTime<Utc>) -> Result<Vec<ProviderPayout>, Fault> {
        let created = Some(Since { gte: since.timestamp() });
        let ask = Listed { created, ..Listed::default() };
        let read = self.again(|| {
            let request = get("/payouts".to_owned()).query(&ask);
            of::<List<stripe_shared::Payout>>(account, request).send(self.line())
        });
        let read = read.await.map_err(|error| error.fault("looking at payouts at Stripe"))?;
        Ok(read.data.iter().map(payout_of).collect())
    }

    async fn top_up(&self, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        let key = idempotent(&ask.key)?;
        let form =
            Movement { currency: Some(currency(ask)), destination: Some(&ask.account), ..movement(ask) };
        let made = self.again(|| {
            let request = post("/transfers".to_owned(), &form).customize::<MovedRead>();
            request.request_strategy(key.clone()).send(self.line())
        });
        moved(made.await.map(|read| read.id), "bringing money to an account at Stripe")
    }

    async fn take_back(&self, transfer: &str, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        let key = idempotent(&ask.key)?;
        let form = movement(ask);
        let made = self.again(|| {
            let path = format!("/transfers/{transfer}/reversals");
            let request = post(path, &form).customize::<MovedRead>();
            request.request_strategy(key.clone()).send(self.line())
        });
        moved(made.await.map(|read| read.id), "taking money back from an account at Stripe")
    }

    async fn transfers(&self, account: &str) -> Result<Vec<ProviderTransfer>, Fault> {
        let mut after = None::<String>;
        for _ in 0..MOST_PAGES {
            let read = self.again(|| {
                let starting_after = after.as_deref();
                let ask = Listed { destination: Some(account), starting_after, ..Listed::default() };
                let request = get("/transfers".to_owned()).query(&ask);
                request.customize::<List<stripe_shared::Transfer>>().send(self.line())
            });
            let read = read.await.map_err(|error| error.fault("looking at transfers at Stripe"))?;
            let left = read.data.iter().filter_map(left_of);
            let left: Vec<_> = left.filter(|transfer| transfer.left.minor > 0).collect();
            after = read.data.last().map(|last| last.id.as_str().to_owned());
            if !left.is_empty() || !read.has_more || after.is_none() {
                return Ok(left);
            }
        }
        Ok(Vec::new())
    }

    async fn moved_as(&self, ask: &NewPayout, transfer: Option<&str>) -> Result<Option<String>, Fault> {
        let (path, destination) = match transfer {
            Some(transfer) => (format!("/transfers/{transfer}/reversals"), None),
            None => ("/transfers".to_owned(), Some(ask.account.as_str())),
        };
        let read = self.again(|| {
            let listed = Listed { destination, ..Listed::default() };
            get(path.clone()).query(&listed).customize::<List<MovedRead>>().send(self.line())
        });
        let read = read.await.map_err(|error| error.fault("looking for a transfer at Stripe"))?;
        let ours = ask.payout.to_string();
        let is_ours = |moved: &MovedRead| {
            moved.metadata.as_ref().and_then(|said| said.get(PAYOUT_ID)).is_some_and(|id| *id == ours)
        };
        Ok(read.data.into_iter().find(is_ours).map(|moved| moved.id))
    }
}

/// A payout as Stripe sees it.
pub(crate) fn payout_of(payout: &stripe_shared::Payout) -> ProviderPayout {
    let said = payout.metadata.as_ref().and_then(|metadata| metadata.get(PAYOUT_ID));
    ProviderPayout {
        id: payout.id.as_str().to_owned(),
        payout: said.and_then(|id| id.parse::<PayoutId>().ok()),
        status: match payout.status.as_str() {
            "paid" => ProviderPayoutStatus::Paid,
            "failed" | "canceled" => ProviderPayoutStatus::Failed,
            _ => ProviderPayoutStatus::OnItsWay,
        },
        failure: payout.failure_message.clone().or_else(|| payout.failure_code.clone()),
    }
}

/// What can still be taken back of a transfer, where it can be counted.
fn left_of(transfer: &stripe_shared::Transfer) -> Option<ProviderTransfer> {
    let left = money_of(transfer.amount - transfer.amount_reversed, &transfer.currency)?;
    Some(ProviderTransfer { id: transfer.id.as_str().to_owned(), left })
}

fn movement(ask: &NewPayout) -> Movement<'static> {
    Movement {
        amount: ask.amount.units,
        currency: None,
        destination: None,
        metadata: HashMap::from([
            (PAYOUT_ID, ask.payout.to_string()),
            (ORGANIZATION_ID, ask.organization.to_string()),
        ]),
    }
}

fn currency(ask: &NewPayout) -> String {
    ask.amount.currency.code().to_ascii_lowercase()
}

fn get(path: String) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Get, path)
}

fn post(path: String, form: &impl Serialize) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, path).form(form)
}

/// The same asked for an account.
fn of<T>(account: &str, request: RequestBuilder) -> CustomizableStripeRequest<T> {
    request.customize().account_id(AccountId::from(account.to_owned()))
}

/// What came of moving money. What Stripe says against the request stays so for this key.
fn moved<T>(answer: Result<T, NoAnswer>, doing: &'static str) -> Result<Moved<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Moved::Answer(answer)),
        Err(NoAnswer::Stripe(StripeError::Stripe(error, 400 | 402 | 403 | 404)))
            if error.type_ == ApiErrorsType::InvalidRequestError =>
        {
            let is_too_little = matches!(
                error.code,
                Some(ApiErrorsCode::BalanceInsufficient | ApiErrorsCode::InsufficientFunds)
            );
            let message = error.message.unwrap_or_default();
            Ok(if is_too_little { Moved::TooLittle { message } } else { Moved::Refused { message } })
        }
        Err(error) => Err(error.fault(doing)),
    }
}
