//! Payments through Stripe's API by async-stripe, whose types stay in the adapters.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use breaker::{Breaker, Outage};
use kernel::Fault;
use stripe::{ApiErrorsCode, ApiErrorsType, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_core::{
    payment_intent::{
        CancelPaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent,
        CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
        CreatePaymentIntentTransferData, RetrievePaymentIntent,
    },
    refund::{CreateRefund, ListRefund},
};
use stripe_types::Currency;

use super::{
    stripe_line::StripeLine,
    stripe_shapes::{
        OPENING, ORDER_ID, ORDER_NUMBER, PAYMENT_ID, REFUND_ID, REFUND_NUMBER, decline_of, intent_of,
        refund_of,
    },
};
use crate::domain::{
    entities::{Means, ProviderAmount},
    ports::{
        Confirmed, FromAccount, GivenBack, Intent, IntentStatus, NewIntent, NewPage, NewRefund, Offered,
        Opened, PageSeen, PaymentGateway, ProviderRefund,
    },
};

/// How often a call is made at once, before it is left to be made again later.
const AT_ONCE: usize = 3;

/// What Stripe is to tell of a payment beside it: how it was paid is told by its charge.
const WITH_ITS_CHARGE: &str = "latest_charge";

/// How many refunds of a payment are read at once: as many as Stripe lets.
const REFUNDS_READ: i64 = 100;

/// How to reach Stripe.
#[derive(Clone, Debug)]
pub struct StripeSettings {
    /// Where its API is.
    pub url: String,
    /// The account's secret key.
    pub secret_key: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// When it is left alone for a while.
    pub breaker: breaker::Settings,
    /// Where the bank sends buyers back to, if anywhere.
    pub return_url: Option<String>,
}

/// Stripe.
#[derive(Clone)]
pub struct StripeGateway {
    line: StripeLine,
    return_url: Option<String>,
    breaker: Breaker,
    limit: Duration,
}

impl StripeGateway {
    /// A client with these settings. It connects when it is first used.
    pub fn new(settings: StripeSettings) -> Result<Self, StripeError> {
        let line = StripeLine::new(&settings.url, &settings.secret_key, settings.timeout)?;
        let breaker = Breaker::new("Stripe", settings.breaker);
        Ok(Self { line, return_url: settings.return_url, breaker, limit: settings.timeout })
    }

    pub(super) fn is_left_alone(&self) -> bool {
        self.breaker.rest().is_some()
    }

    pub(super) fn line(&self) -> &StripeLine {
        &self.line
    }

    /// Makes a call, and again soon if it failed quickly in a way that may pass. Its key stays the same. A
    /// call that ran out of time is left for later: its answer may be on the way.
    pub(super) async fn again<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, NoAnswer>
    where
        F: Future<Output = Result<T, StripeError>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_times(AT_ONCE - 1)
            .with_jitter();
        let once = || {
            let call = call();
            self.breaker.call(self.limit, async { call.await.map_err(NoAnswer::Stripe) })
        };
        once.retry(pauses).when(NoAnswer::is_worth_another_try).await
    }

    /// The payment as it stands, which Stripe adds when it refuses a call that no longer fits it. It leaves out how the payment
    /// was paid, which is asked for; that it is paid counts without that as well.
    async fn standing(&self, error: NoAnswer, doing: &'static str) -> Result<Intent, Fault> {
        let stands = match &error {
            NoAnswer::Stripe(StripeError::Stripe(error, 400))
                if matches!(error.code, Some(ApiErrorsCode::PaymentIntentUnexpectedState)) =>
            {
                error.payment_intent.as_ref().map(intent_of)
            }
            _ => None,
        };
        let Some(stands) = stands else { return Err(error.fault(doing)) };
        if stands.status != IntentStatus::Succeeded {
            return Ok(stands);
        }
        let seen = self.look(&stands.id).await.ok().flatten();
        Ok(seen.unwrap_or(stands))
    }
}

#[async_trait]
impl PaymentGateway for StripeGateway {
    fn rests(&self) -> bool {
        self.is_left_alone()
    }

    async fn open(&self, ask: &NewIntent) -> Result<Opened, Fault> {
        let key = idempotent(&ask.key)?;
        // Cards and wallets: methods that lead the buyer away are not offered.
        let mut methods = CreatePaymentIntentAutomaticPaymentMethods::new(true);
        methods.allow_redirects = Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never);
        let mut metadata = HashMap::from([
            (PAYMENT_ID.to_owned(), ask.payment_id.to_string()),
            (ORDER_ID.to_owned(), ask.order_id.to_string()),
            (ORDER_NUMBER.to_owned(), ask.number.clone()),
        ]);
        if ask.opening > 0 {
            metadata.insert(OPENING.to_owned(), ask.opening.to_string());
        }
        let mut request = CreatePaymentIntent::new(ask.amount.units, currency(ask.amount))
            .automatic_payment_methods(methods)
            .description(ask.description.clone())
            .metadata(metadata);
        if let Some(to) = &ask.to {
            request = request.transfer_data(CreatePaymentIntentTransferData::new(to.account.clone()));
            if to.fee.units > 0 {
                request = request.application_fee_amount(to.fee.units);
            }
        }
        match self.again(|| request.customize().request_strategy(key.clone()).send(&self.line)).await {
            Ok(intent) => Ok(Opened::Intent(Box::new(intent_of(&intent)))),
            Err(NoAnswer::Stripe(StripeError::Stripe(error, _)))
                if ask.to.is_some() && is_about_account(&error) =>
            {
                Ok(Opened::AccountRefused { message: error.message.unwrap_or_default() })
            }
            Err(error) => Err(error.fault("opening a payment at Stripe")),
        }
    }

    async fn confirm(&self, intent: &str, means: &Means, key: &str) -> Result<Confirmed, Fault> {
        let key = idempotent(key)?;
        let request = ConfirmPaymentIntent::new(intent).expand(vec![WITH_ITS_CHARGE.to_owned()]);
        let (mut request, return_url) = match means {
            Means::Method { name, return_url } => (request.payment_method(name.clone()), return_url),
            Means::Token { name, return_url } => (request.confirmation_token(name.clone()), return_url),
            Means::Checkout(_) => {
                return Err(Fault::broken_rule("what is paid on a page is not confirmed here"));
            }
        };
        if let Some(url) = return_url.as_ref().or(self.return_url.as_ref()) {
            request = request.return_url(url.clone());
        }
        match self.again(|| request.customize().request_strategy(key.clone()).send(&self.line)).await {
            Ok(intent) => Ok(Confirmed::Answer(intent_of(&intent))),
            Err(NoAnswer::Stripe(StripeError::Stripe(error, _)))
                if error.type_ == ApiErrorsType::CardError =>
            {
                Ok(Confirmed::Declined(decline_of(&error)))
            }
            Err(NoAnswer::Stripe(StripeError::Stripe(error, _))) if is_about_account(&error) => {
                Ok(Confirmed::AccountRefused { message: error.message.unwrap_or_default() })
            }
            Err(NoAnswer::Stripe(StripeError::Stripe(error, _))) if is_about_input(&error) => {
                let field = (error.param.as_deref() == Some("return_url")).then(|| "returnUrl".to_owned());
                Ok(Confirmed::Rejected { message: error.message.unwrap_or_default(), field })
            }
            // A version of ours that asks in other words has tried this before, so that it is only looked at.
            Err(NoAnswer::Stripe(StripeError::Stripe(error, 400)))
                if error.type_ == ApiErrorsType::IdempotencyError =>
            {
                let unknown = || Fault::broken_rule("Stripe knows a try of a payment that it does not know");
                Ok(Confirmed::Answer(self.look(intent).await?.ok_or_else(unknown)?))
            }
            Err(error) => Ok(Confirmed::Answer(self.standing(error, "taking money at Stripe").await?)),
        }
    }

    async fn look(&self, intent: &str) -> Result<Option<Intent>, Fault> {
        let request = RetrievePaymentIntent::new(intent).expand(vec![WITH_ITS_CHARGE.to_owned()]);
        match self.again(|| request.customize().send(&self.line)).await {
            Ok(seen) => Ok(Some(intent_of(&seen))),
            Err(NoAnswer::Stripe(StripeError::Stripe(_, 404))) => Ok(None),
            Err(error) => Err(error.fault("looking at a payment at Stripe")),
        }
    }

    async fn cancel(&self, intent: &str) -> Result<Intent, Fault> {
        // No key: what is cancelled already is answered with the payment as it stands.
        let request = CancelPaymentIntent::new(intent);
        match self.again(|| request.customize().send(&self.line)).await {
            Ok(intent) => Ok(intent_of(&intent)),
            Err(error) => self.standing(error, "cancelling a payment at Stripe").await,
        }
    }

    async fn offer(&self, ask: &NewPage) -> Result<Offered, Fault> {
        self.make_page(ask).await
    }

    async fn close(&self, page: &str) -> Result<PageSeen, Fault> {
        self.close_page(page).await
    }

    async fn look_at_page(&self, page: &str) -> Result<Option<PageSeen>, Fault> {
        self.page(page).await
    }

    async fn card_of(&self, means: &Means) -> Result<Option<String>, Fault> {
        self.card(means).await
    }

    async fn refund(&self, ask: &NewRefund) -> Result<GivenBack, Fault> {
        let key = idempotent(&ask.key)?;
        let mut request = CreateRefund::new()
            .payment_intent(ask.intent.clone())
            .amount(ask.amount.units)
            .metadata(HashMap::from([
                (PAYMENT_ID.to_owned(), ask.payment_id.to_string()),
                (REFUND_ID.to_owned(), ask.refund_id.to_string()),
                (REFUND_NUMBER.to_owned(), ask.refund_number.to_string()),
            ]));
        if ask.from != FromAccount::Nothing {
            request =
                request.reverse_transfer(true).refund_application_fee(ask.from == FromAccount::AllButTheFee);
        }
        match self.again(|| request.customize().request_strategy(key.clone()).send(&self.line)).await {
            Ok(refund) => Ok(GivenBack::Answer(refund_of(&refund))),
            // Why Stripe takes nothing from the account it says in many ways. What is wrong besides it says again without.
            Err(NoAnswer::Stripe(StripeError::Stripe(error, 400)))
                if ask.from != FromAccount::Nothing
                    && error.type_ == ApiErrorsType::InvalidRequestError
                    && (error.code.is_none() || !is_nothing_to_give_back(&error)) =>
            {
                Ok(GivenBack::AccountRefused { message: error.message.unwrap_or_default() })
            }
            Err(NoAnswer::Stripe(StripeError::Stripe(error, 400))) if is_nothing_to_give_back(&error) => {
                Ok(GivenBack::Refused { message: error.message.unwrap_or_default() })
            }
            Err(error) => Err(error.fault("giving money back at Stripe")),
        }
    }

    async fn refunds(&self, intent: &str) -> Result<Vec<ProviderRefund>, Fault> {
        let request = ListRefund::new().payment_intent(intent).limit(REFUNDS_READ);
        let read = self.again(|| request.customize().send(&self.line)).await;
        let read = read.map_err(|error| error.fault("looking at refunds at Stripe"))?;
        Ok(read.data.iter().rev().map(refund_of).collect())
    }
}

/// Why there is nothing to go on with.
pub(super) enum NoAnswer {
    /// Stripe said so, or nothing.
    Stripe(StripeError),
    /// It took too long, or was not asked.
    Broken(Fault),
}

impl From<Fault> for NoAnswer {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl Outage for NoAnswer {
    /// Declines and refusals are answers. So is what we cannot read: it is about one payment.
    fn is_outage(&self) -> bool {
        match self {
            Self::Stripe(StripeError::Stripe(_, status)) => matches!(status, 424 | 429 | 500..),
            Self::Stripe(StripeError::ClientError(_) | StripeError::Timeout) | Self::Broken(_) => true,
            Self::Stripe(StripeError::JSONDeserialize(_) | StripeError::ConfigError(_)) => false,
        }
    }
}

impl NoAnswer {
    fn is_worth_another_try(&self) -> bool {
        matches!(self, Self::Stripe(error) if may_pass(error) && !matches!(error, StripeError::Timeout))
    }

    pub(super) fn fault(self, doing: &'static str) -> Fault {
        match self {
            Self::Stripe(error) => broken(doing, &error),
            Self::Broken(fault) => Fault { doing: format!("{doing}: {}", fault.doing).into(), ..fault },
        }
    }
}

pub(super) fn may_pass(error: &StripeError) -> bool {
    match error {
        StripeError::Stripe(_, status) => matches!(status, 409 | 424 | 429 | 500..),
        StripeError::ClientError(_) | StripeError::Timeout | StripeError::JSONDeserialize(_) => true,
        StripeError::ConfigError(_) => false,
    }
}

fn is_about_input(error: &stripe::ApiErrors) -> bool {
    let inputs = ["payment_method", "confirmation_token", "return_url"];
    error.type_ == ApiErrorsType::InvalidRequestError
        && error.param.as_deref().is_some_and(|param| inputs.contains(&param))
}

/// True when Stripe sends nothing to the account to which a payment's money is to go.
pub(super) fn is_about_account(error: &stripe::ApiErrors) -> bool {
    let is_unable = match &error.code {
        Some(
            ApiErrorsCode::AccountInvalid
            | ApiErrorsCode::ApplicationFeesNotAllowed
            | ApiErrorsCode::TransfersNotAllowed,
        ) => true,
        Some(code) => code.to_string() == "insufficient_capabilities_for_transfer",
        None => false,
    };
    let names = |param: &str| param.contains("transfer_data") || param.contains("application_fee_amount");
    error.type_ == ApiErrorsType::InvalidRequestError
        && (is_unable || error.param.as_deref().is_some_and(names))
}

/// True when Stripe refuses a refund for good: less is left than that, or the buyer's bank has the money. (For what is more
/// than is left it has no code.)
fn is_nothing_to_give_back(error: &stripe::ApiErrors) -> bool {
    error.type_ == ApiErrorsType::InvalidRequestError
        && match &error.code {
            Some(code) => matches!(
                code,
                ApiErrorsCode::ChargeAlreadyRefunded
                    | ApiErrorsCode::ChargeDisputed
                    | ApiErrorsCode::ChargeNotRefundable
                    | ApiErrorsCode::RefundDisputedPayment
            ),
            None => error.param.as_deref() == Some("amount"),
        }
}

pub(super) fn idempotent(key: &str) -> Result<RequestStrategy, Fault> {
    IdempotencyKey::new(key)
        .map(RequestStrategy::Idempotent)
        .map_err(|cause| Fault::new("making an idempotency key for Stripe", cause))
}

pub(super) fn currency(amount: ProviderAmount) -> Currency {
    let code = amount.currency.code().to_ascii_lowercase();
    code.parse().unwrap_or(Currency::Unknown(code))
}

/// What went wrong, without the payment's secrets.
fn broken(doing: &'static str, error: &StripeError) -> Fault {
    let cause = match error {
        StripeError::Stripe(error, status) => format!(
            "status {status}, {}, {}: {}",
            error.type_,
            error.code.as_ref().map_or_else(|| "no code".to_owned(), ToString::to_string),
            error.message.as_deref().unwrap_or("no message")
        ),
        other => other.to_string(),
    };
    if may_pass(error) { Fault::passing(doing, cause) } else { Fault::new(doing, cause) }
}
