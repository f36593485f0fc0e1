//! A platform with accounts below it, and what it asks of Stripe for them, read by async-stripe.

use miniserde::Deserialize;
use serde_json::Value;
use stripe::{AccountId, StripeError};
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_shared::{Account, BalanceTransaction, Refund, Transfer};
use stripe_types::List;

use crate::desk::{Desk, once};

pub(crate) const NEW: &str = "type=express&country=DE&email=jazz@club.example&metadata[organization_id]=o7\
    &capabilities[transfers][requested]=true&capabilities[card_payments][requested]=true\
    &settings[payouts][schedule][interval]=manual";

/// For whom, and under which idempotency key, something is asked.
#[derive(Clone, Copy, Default)]
pub(crate) struct As<'a> {
    pub(crate) account: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
}

/// As this account.
pub(crate) fn acting(account: &str) -> As<'_> {
    As { account: Some(account), key: None }
}

impl Desk {
    /// Asks for something new.
    pub(crate) async fn ask<T: Deserialize>(
        &self,
        of: As<'_>,
        path: &str,
        form: &str,
    ) -> Result<T, StripeError> {
        let mut request = RequestBuilder::new(StripeMethod::Post, path);
        request.body = Some(form.to_owned());
        self.send(of, request).await
    }

    /// Looks something up.
    pub(crate) async fn look<T: Deserialize>(&self, of: As<'_>, path: &str) -> Result<T, StripeError> {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut request = RequestBuilder::new(StripeMethod::Get, path);
        request.query = query.map(str::to_owned);
        self.send(of, request).await
    }

    async fn send<T: Deserialize>(&self, of: As<'_>, request: RequestBuilder) -> Result<T, StripeError> {
        let mut request = request.customize::<T>();
        if let Some(account) = of.account {
            request = request.account_id(AccountId::from(account));
        }
        if let Some(key) = of.key {
            request = request.request_strategy(once(key));
        }
        request.send(&self.stripe).await
    }

    /// An account whose owner has answered everything.
    pub(crate) async fn account(&self) -> String {
        let account: Account = self.ask(As::default(), "/accounts", NEW).await.unwrap();
        self.judge(account.id.as_str(), "finish").await;
        account.id.as_str().to_owned()
    }

    /// Stripe decides something on an account.
    pub(crate) async fn judge(&self, account: &str, judgement: &str) {
        assert_eq!(self.post(&format!("/sandbox/accounts/{account}/{judgement}"), "").await, 303);
    }

    /// A payment of 42 euros of which the account gets all but 4.20; the charge as JSON.
    pub(crate) async fn sell(&self, account: &str) -> Value {
        let form = format!("{PAID}&transfer_data[destination]={account}&application_fee_amount=420");
        self.take(&form).await
    }

    /// A payment; the charge as JSON.
    pub(crate) async fn take(&self, form: &str) -> Value {
        let (status, paid) = self.raw("payment_intents", &format!("{form}&expand[]=latest_charge")).await;
        assert_eq!(status, 200, "{paid}");
        paid["latest_charge"].clone()
    }

    /// Asks the platform's Stripe, and takes the answer as it is.
    pub(crate) async fn raw(&self, path: &str, form: &str) -> (u16, Value) {
        let url = format!("{}/v1/{path}", self.sandbox.stripe_url());
        let ask = self.http.post(url).bearer_auth("sk_test_sandbox");
        let ask = ask.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        let answer = ask.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The books, the oldest first: kind, amount and fee.
    pub(crate) async fn books(&self, of: As<'_>) -> Vec<(String, i64, i64)> {
        let path = "/balance_transactions?limit=100&expand[]=data.source";
        let all: List<BalanceTransaction> = self.look(of, path).await.unwrap();
        for transaction in &all.data {
            assert!(transaction.source.as_ref().unwrap().is_object(), "{}", transaction.type_);
        }
        let oldest_first = all.data.iter().rev();
        oldest_first.map(|made| (made.type_.as_str().to_owned(), made.amount, made.fee)).collect()
    }

    /// What an account holds in euros: what can be used, and what is on its way.
    pub(crate) async fn holds(&self, account: &str) -> (i64, i64) {
        let url = format!("{}/v1/balance", self.sandbox.stripe_url());
        let ask = self.http.get(url).bearer_auth("sk_test_sandbox").header("stripe-account", account);
        let balance: Value = ask.send().await.unwrap().json().await.unwrap();
        let of = |name: &str| {
            let amounts = balance[name].as_array().unwrap();
            amounts
                .iter()
                .find(|amount| amount["currency"] == "eur")
                .map_or(0, |euros| euros["amount"].as_i64().unwrap())
        };
        (of("available"), of("pending"))
    }

    /// Gives a part of a charge back, and takes it back from the account.
    pub(crate) async fn refund(&self, charge: &Value, amount: i64) -> Result<Refund, StripeError> {
        let charge = charge["id"].as_str().unwrap();
        let form =
            format!("charge={charge}&amount={amount}&reverse_transfer=true&refund_application_fee=true");
        self.ask(As::default(), "/refunds", &form).await
    }

    pub(crate) async fn transfer_of(&self, charge: &Value) -> Transfer {
        let path = format!("/transfers/{}", charge["transfer"].as_str().unwrap());
        self.look(As::default(), &path).await.unwrap()
    }
}

pub(crate) const PAID: &str = "amount=4200&currency=eur&allowed_payment_method_types[]=card&confirm=true\
    &payment_method=pm_card_visa";
