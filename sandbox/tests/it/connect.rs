//! Connected accounts, and the way to become one.

use serde_json::{Value, json};
use stripe_shared::{Account, ApiErrorsCode};
use stripe_types::Currency;
use stripe_webhook::{EventObject, Webhook};

use crate::desk::{Desk, Endpoint, SECRET, refusal};
use crate::platform::{As, NEW, acting};

async fn made(desk: &Desk) -> Account {
    desk.ask(As::default(), "/accounts", NEW).await.unwrap()
}

async fn seen(desk: &Desk, id: &str) -> Account {
    desk.look(As::default(), &format!("/accounts/{id}")).await.unwrap()
}

async fn link(desk: &Desk, account: &str) -> String {
    let form = format!(
        "account={account}&type=account_onboarding&refresh_url=https://shop.example/again&return_url=https://shop.example/done"
    );
    let (status, link) = desk.raw("account_links", &form).await;
    assert_eq!((status, &link["object"]), (200, &json!("account_link")), "{link}");
    link["url"].as_str().unwrap().to_owned()
}

/// Where somebody is sent who follows an address, or presses a button.
async fn goes(ask: reqwest::RequestBuilder) -> String {
    let answer = ask.send().await.unwrap();
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// What an account may do: take money, be paid out.
fn may(account: &Account) -> (Option<bool>, Option<bool>) {
    (account.charges_enabled, account.payouts_enabled)
}

#[tokio::test]
async fn an_owner_answers_stripes_questions_behind_a_link_that_can_be_followed_once() {
    let desk = Desk::open().await;
    let account = made(&desk).await;
    assert_eq!((account.details_submitted, may(&account)), (Some(false), (Some(false), Some(false))));
    let asked = account.requirements.unwrap().currently_due.unwrap();
    assert!(asked.contains(&"external_account".to_owned()), "{asked:?}");
    let schedule = account.settings.unwrap().payouts.unwrap().schedule;
    assert_eq!(schedule.interval, "manual");

    let url = link(&desk, account.id.as_str()).await;
    let form = goes(desk.http.get(&url)).await;
    let form = format!("{}{form}", desk.sandbox.http_url());
    let page = desk.http.get(&form).send().await.unwrap().text().await.unwrap();
    for part in ["Answer all, and finish", "Finish later", "external_account", account.id.as_str()] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    assert_eq!(goes(desk.http.get(&url)).await, "https://shop.example/again", "it can be followed once");
    assert_eq!(goes(desk.http.post(format!("{url}/finish"))).await, "https://shop.example/done");
    assert_eq!(goes(desk.http.get(&form)).await, "https://shop.example/again", "it is done");

    let account = seen(&desk, account.id.as_str()).await;
    assert_eq!((account.details_submitted, may(&account)), (Some(true), (Some(true), Some(true))));
    let requirements = account.requirements.unwrap();
    assert!(requirements.currently_due.unwrap().is_empty() && requirements.disabled_reason.is_none());
}

#[tokio::test]
async fn who_finishes_later_may_do_nothing_yet_and_follows_another_link() {
    let desk = Desk::open().await;
    let account = made(&desk).await;
    let later = link(&desk, account.id.as_str()).await;
    goes(desk.http.get(&later)).await;
    assert_eq!(goes(desk.http.post(format!("{later}/later"))).await, "https://shop.example/done");
    assert_eq!(may(&seen(&desk, account.id.as_str()).await), (Some(false), Some(false)));
    assert_eq!(desk.post(&format!("/sandbox/accounts/{}/restrict", account.id), "").await, 409);

    let again = link(&desk, account.id.as_str()).await;
    goes(desk.http.get(&again)).await;
    goes(desk.http.post(format!("{again}/finish"))).await;
    assert_eq!(may(&seen(&desk, account.id.as_str()).await), (Some(true), Some(true)));
}

#[tokio::test]
async fn stripe_restricts_an_account_and_tells_each_change_of_it() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let account = desk.account().await;
    for judgement in ["restrict", "lift", "pause-payouts"] {
        desk.judge(&account, judgement).await;
    }
    assert_eq!(desk.post(&format!("/sandbox/accounts/{account}/pause-payouts"), "").await, 409);
    assert_eq!(desk.post("/sandbox/accounts/acct_nobody/restrict", "").await, 404);
    let told: Vec<_> = endpoint
        .heard(4)
        .await
        .into_iter()
        .map(|event| match event.data.object {
            EventObject::AccountUpdated(told) => {
                assert_eq!(event.account.as_deref(), Some(account.as_str()));
                let reason = told.requirements.as_ref().unwrap().disabled_reason.as_ref();
                (may(&told), reason.map(|reason| reason.as_str().to_owned()))
            }
            _ => panic!("an account was expected"),
        })
        .collect();
    let past_due = Some("requirements.past_due".to_owned());
    assert_eq!(
        told,
        [
            ((Some(true), Some(true)), None),
            ((Some(false), Some(false)), past_due),
            ((Some(true), Some(true)), None),
            ((Some(true), Some(false)), None),
        ]
    );
}

#[tokio::test]
async fn what_happens_in_accounts_is_listed_for_them_and_may_be_signed_with_a_secret_of_its_own() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen_quietly(&[]).await;
    let secrets = json!({"url": endpoint.address().url, "secret": SECRET, "connectSecret": "whsec_connect"});
    let url = format!("{}/sandbox/webhook-endpoint", desk.sandbox.http_url());
    assert_eq!(desk.http.put(&url).json(&secrets).send().await.unwrap().status(), 200);
    desk.account().await;
    let (body, signature) = endpoint.deliveries(1).await.remove(0);
    assert!(Webhook::construct_event(&body, &signature, SECRET).is_err());
    let event = Webhook::construct_event(&body, &signature, "whsec_connect").unwrap();

    desk.pay("pm_card_visa").await.unwrap();
    let listed = async |account: Option<&str>| {
        let url = format!("{}/v1/events", desk.sandbox.stripe_url());
        let mut ask = desk.http.get(url).bearer_auth("sk_test_sandbox");
        if let Some(account) = account {
            ask = ask.header("stripe-account", account);
        }
        let events: Value = ask.send().await.unwrap().json().await.unwrap();
        let events = events["data"].as_array().unwrap();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(event.account.as_deref()).await, ["account.updated"]);
    assert_eq!(listed(None).await, ["payment_intent.succeeded", "payment_intent.created"]);
}

#[tokio::test]
async fn accounts_that_stripe_would_not_make_are_refused() {
    let desk = Desk::open().await;
    let account = made(&desk).await;
    let id = account.id.as_str();
    let link = "&refresh_url=https://a.example&return_url=https://a.example";
    for (path, form, param) in [
        ("accounts", "type=generous".to_owned(), "type"),
        ("accounts", "type=express&controller[fees][payer]=application".to_owned(), "type"),
        ("accounts", "type=express&country=Germany".to_owned(), "country"),
        (
            "accounts",
            "type=express&capabilities[transfers][requested]=perhaps".to_owned(),
            "capabilities[transfers][requested]",
        ),
        ("accounts", "type=express&shoe_size=44".to_owned(), "shoe_size"),
        (
            "account_links",
            format!("account={id}&type=account_onboarding&return_url=https://a.example"),
            "refresh_url",
        ),
        (
            "account_links",
            format!(
                "account={id}&type=account_onboarding&refresh_url=https://a.example&return_url=ftp://a.example"
            ),
            "return_url",
        ),
        ("account_links", format!("account={id}{link}"), "type"),
    ] {
        let (status, error) = desk.raw(path, &form).await;
        assert_eq!((status, error["error"]["param"].as_str()), (400, Some(param)), "{form}: {error}");
    }
    let nobody = desk.look::<Account>(As::default(), "/accounts/acct_nobody").await;
    let (error, status) = refusal(nobody.map(|account| account.id));
    assert_eq!((status, error.code), (403, Some(ApiErrorsCode::AccountInvalid)));
    let nobodys = desk.look::<Account>(acting("acct_nobody"), &format!("/accounts/{id}")).await;
    assert_eq!(refusal(nobodys.map(|account| account.id)).1, 403);
    // Nobody charges an account directly here.
    let direct = desk.ask::<stripe_shared::PaymentIntent>(acting(id), "/payment_intents", "amount=100").await;
    assert_eq!(refusal(direct.map(|intent| intent.id)).1, 400);
}

#[tokio::test]
async fn an_account_described_by_its_controller_is_of_no_type_and_can_be_changed() {
    let desk = Desk::open().await;
    let form = "controller[fees][payer]=application&controller[losses][payments]=application\
                &controller[stripe_dashboard][type]=express&country=JP&business_profile[name]=Jazz%20Club";
    let account: Account = desk.ask(As::default(), "/accounts", form).await.unwrap();
    assert_eq!(account.type_.unwrap().as_str(), "none");
    assert_eq!(account.default_currency, Some(Currency::JPY));
    let path = format!("/accounts/{}", account.id);
    let change =
        "capabilities[transfers][requested]=true&metadata[organization_id]=o8&email=new@club.example";
    let changed: Account = desk.ask(As::default(), &path, change).await.unwrap();
    assert_eq!(changed.email.as_deref(), Some("new@club.example"));
    assert_eq!(changed.metadata.unwrap()["organization_id"], "o8");
    assert_eq!(changed.business_profile.unwrap().name.as_deref(), Some("Jazz Club"));
}
