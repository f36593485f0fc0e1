//! Organizations with accounts at Stripe: how they come to them, and what comes to them.

use std::time::Duration;

use contracts::{purchase::TakePayment, users::Role};
use kernel::UserId;
use payments::{Config, Connect, domain::entities::PaymentStatus};
use serde_json::{Value, json};

use crate::{
    checkout::{does, opens},
    organizer::{Organizer, eur, until},
    refunds::{a_refund, answers},
    stage::Stage,
};

const ACCOUNT: &str = "payoutAccount { status onboardingUrl }";
const BACK: &str = "http://tickets.example.test/organizer";

/// A stage where organizations can have accounts.
pub(crate) async fn stage() -> Stage {
    with(Config::default()).await
}

/// The same with other settings.
pub(crate) async fn with(config: Config) -> Stage {
    let connect = Connect {
        enabled: true,
        public_url: "http://tickets.example.test/".to_owned(),
        return_url: BACK.to_owned(),
        look_ms: 200,
        ..Connect::default()
    };
    Stage::with(Config { connect, ..config }).await
}

impl Stage {
    /// The accounts at Stripe.
    pub(crate) async fn accounts(&self) -> Vec<Value> {
        self.sandbox_json("/sandbox/accounts.json").await
    }

    /// What the one account there is has, in euro.
    pub(crate) async fn at_account(&self) -> i64 {
        let accounts = self.accounts().await;
        let euro = |balance: &&Value| {
            balance["currency"].as_str().is_some_and(|code| code.eq_ignore_ascii_case("eur"))
        };
        let balances = accounts[0]["balances"].as_array().unwrap();
        let of = |balance: &Value, name: &str| balance[name].as_i64().unwrap();
        balances.iter().find(euro).map_or(0, |euro| of(euro, "available") + of(euro, "pending"))
    }

    /// Something is done with the one account there is, at the sandbox.
    pub(crate) async fn account_is(&self, done: &str) {
        let id = self.accounts().await[0]["id"].as_str().unwrap().to_owned();
        self.at_the_dashboard(&format!("accounts/{id}/{done}"), "").await;
    }
}

impl Organizer {
    async fn account(&self, stage: &Stage, by: UserId) -> Value {
        self.asked(stage, by, ACCOUNT).await["payoutAccount"].clone()
    }

    pub(crate) async fn status(&self, stage: &Stage) -> String {
        self.account(stage, self.owner).await["status"].as_str().unwrap_or_default().to_owned()
    }

    /// The path of the address that an owner is given.
    async fn path(&self, stage: &Stage) -> String {
        let url = self.account(stage, self.owner).await["onboardingUrl"].as_str().unwrap().to_owned();
        url.strip_prefix("http://tickets.example.test/api/payments").unwrap().to_owned()
    }

    /// Its owner opens an account and tells everything.
    pub(crate) async fn onboards(&self, stage: &Stage) {
        stage.sent_on(&self.path(stage).await).await;
        stage.account_is("finish").await;
        until(async || self.status(stage).await == "ACTIVE").await;
    }

    /// An order that tells whose it is: 59.50 euro, of which 6.50 are the platform's.
    pub(crate) async fn order(&self, stage: &Stage) -> TakePayment {
        let order = TakePayment {
            event_id: self.event,
            organization_id: Some(self.organization),
            fees: Some(eur(650)),
            ..crate::stage::an_order(5_950, "EUR")
        };
        let before = stage.count("payments").await;
        stage.ask(&order).await;
        until(async || stage.count("payments").await > before).await;
        order
    }

    /// The same, paid and with tickets.
    pub(crate) async fn sells(&self, stage: &Stage) -> TakePayment {
        let order = self.order(stage).await;
        stage.pay(&order, "pm_card_visa", "a").await.unwrap();
        stage.ask(&self.sale(order.order_id)).await;
        order
    }
}

#[tokio::test]
async fn an_owner_opens_an_account_and_is_as_far_as_stripe_says() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    assert_eq!(organizer.status(&stage).await, "NOT_STARTED");
    let path = organizer.path(&stage).await;
    assert!(stage.accounts().await.is_empty(), "to read where is not to go there");

    let first = stage.sent_on(&path).await;
    let second = stage.sent_on(&path).await;
    assert_eq!(stage.accounts().await.len(), 1, "one account, however often it is opened");
    assert_ne!(first, second, "each link is good once");
    assert_eq!(organizer.status(&stage).await, "INCOMPLETE");
    let asks = stage.http.get(stage.rest(&path)).header("accept", "application/json");
    let told: Value = asks.send().await.unwrap().json().await.unwrap();
    assert!(told["url"].as_str().unwrap().contains("/sandbox/onboarding/"), "{told}");

    stage.account_is("finish").await;
    until(async || organizer.status(&stage).await == "ACTIVE").await;
    assert_eq!(organizer.account(&stage, organizer.owner).await["onboardingUrl"], Value::Null);
    assert_eq!(stage.sent_on(&path).await, BACK, "nothing is left to be told");
    stage.account_is("restrict").await;
    until(async || organizer.status(&stage).await == "RESTRICTED").await;
    stage.account_is("lift").await;
    until(async || organizer.status(&stage).await == "ACTIVE").await;
}

#[tokio::test]
async fn what_stripe_told_while_nobody_heard_it_is_learnt_when_the_owner_comes_again() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    let path = organizer.path(&stage).await;
    stage.sent_on(&path).await;
    stage.hold_webhooks_back();
    stage.account_is("finish").await;
    assert_eq!(organizer.status(&stage).await, "INCOMPLETE");
    assert_eq!(stage.sent_on(&path).await, BACK);
    assert_eq!(organizer.status(&stage).await, "ACTIVE");
}

#[tokio::test]
async fn managers_see_how_far_an_account_is_and_strangers_nothing() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    let (manager, scanner, stranger) = (UserId::new(), UserId::new(), UserId::new());
    organizer.joined(&stage, manager, Role::Manager).await;
    organizer.joined(&stage, scanner, Role::Scanner).await;
    let seen = organizer.account(&stage, manager).await;
    assert_eq!(seen, json!({"status": "NOT_STARTED", "onboardingUrl": null}));
    for other in [scanner, stranger] {
        assert_eq!(organizer.account(&stage, other).await, Value::Null);
    }
}

#[tokio::test]
async fn an_address_that_was_not_given_out_leads_nowhere() {
    let stage = stage().await;
    let (one, other) = (Organizer::of(&stage).await, Organizer::of(&stage).await);
    let path = one.path(&stage).await;
    let ids = |of: &Organizer| of.organization.public().to_string();
    let wrong = [
        path.replace(&ids(&one), &ids(&other)),
        path.replace("until=", "until=1"),
        path.split('?').next().unwrap().to_owned(),
    ];
    for path in wrong {
        let (status, problem) = stage.get(None, &path).await;
        assert_eq!((status, problem["code"].as_str()), (404, Some("NOT_FOUND")), "{path}");
    }
    assert!(stage.accounts().await.is_empty());
}

#[tokio::test]
async fn where_nobody_has_accounts_nothing_is_to_be_seen_of_them() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    assert_eq!(organizer.account(&stage, organizer.owner).await, Value::Null);
    let path =
        format!("/v1/organizations/{}/payout-account?until=1&signature=00", organizer.organization.public());
    assert_eq!(stage.get(None, &path).await.0, 404);
    let order = organizer.sells(&stage).await;
    assert_eq!(stage.at_stripe(&order).await[0]["transfer_data"], Value::Null);
}

#[tokio::test]
async fn sales_go_to_the_account_but_for_the_platforms_fees_and_come_back_from_there() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    let (whole, part) = (organizer.sells(&stage).await, organizer.sells(&stage).await);
    assert_eq!(stage.at_account().await, 2 * 5_300);
    for (order, minor, left) in [(&whole, None, 5_300), (&part, Some(1_000), 4_300)] {
        let ask = a_refund(order, minor);
        stage.ask(&ask).await;
        answers(&stage, &ask, 1).await;
        assert_eq!(stage.at_account().await, left, "of all that was paid the fee goes back as well");
    }
}

#[tokio::test]
async fn an_account_that_is_refused_meanwhile_costs_no_sale() {
    for was_opened in [false, true] {
        let stage = stage().await;
        let organizer = Organizer::of(&stage).await;
        organizer.onboards(&stage).await;
        let order = organizer.order(&stage).await;
        if was_opened {
            stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
        }
        stage.webhooks_arrived().await;
        stage.hold_webhooks_back();
        stage.account_is("restrict").await;
        let paid = stage.pay(&order, "pm_card_visa", "b").await.unwrap();
        assert_eq!(paid.status(), PaymentStatus::Succeeded, "opened before: {was_opened}");
        assert_eq!(stage.at_account().await, 0);
        let at_stripe = stage.at_stripe(&order).await;
        let succeeded: Vec<_> = at_stripe.iter().filter(|payment| payment["status"] == "succeeded").collect();
        assert_eq!(succeeded.len(), 1, "{at_stripe:?}");
        let ask = a_refund(&order, None);
        stage.ask(&ask).await;
        answers(&stage, &ask, 1).await;
        assert_eq!(
            stage.booked(&order).await,
            (5_950, 5_950),
            "nothing is asked of an account that got nothing"
        );
    }
}

#[tokio::test]
async fn what_is_paid_on_stripes_page_goes_to_the_account_too_unless_it_is_refused() {
    for (is_refused, minor) in [(false, 5_300), (true, 0)] {
        let stage = stage().await;
        let organizer = Organizer::of(&stage).await;
        organizer.onboards(&stage).await;
        let order = organizer.order(&stage).await;
        if is_refused {
            stage.account_is("restrict").await;
        }
        let page = opens(&stage, &order, "a").await.unwrap();
        assert_eq!(does(&stage, &page, "pay").await, 200);
        stage.becomes(&order, PaymentStatus::Succeeded).await;
        assert_eq!(stage.at_account().await, minor, "refused: {is_refused}");
        assert_eq!(stage.booked(&order).await, (5_950, 0));
    }
}

#[tokio::test]
async fn a_page_on_which_nobody_can_pay_any_more_is_another_when_it_is_asked_for_again() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    let order = organizer.order(&stage).await;
    let page = opens(&stage, &order, "a").await.unwrap();
    assert_eq!(opens(&stage, &order, "b").await.unwrap(), page);
    stage.account_is("restrict").await;
    until(async || organizer.status(&stage).await == "RESTRICTED").await;
    let other = opens(&stage, &order, "c").await.unwrap();
    assert_ne!(other.url, page.url);
    assert_eq!(does(&stage, &other, "pay").await, 200);
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    stage.webhooks_arrived().await;
    assert_eq!((stage.at_account().await, stage.booked(&order).await), (0, (5_950, 0)));
    stage.account_is("lift").await;
    assert_ne!(does(&stage, &page, "pay").await, 200, "the first page is closed");
}

#[tokio::test]
async fn a_refund_does_not_wait_for_the_account() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    let order = organizer.sells(&stage).await;
    // Somebody has taken all of it back at Stripe.
    let transfers = stage.accounts().await[0]["transfers"].clone();
    let transfer = transfers[0]["id"].as_str().unwrap().to_owned();
    stage.stripe(&format!("/v1/transfers/{transfer}/reversals"), &[("amount", "5950")]).await;
    let ask = a_refund(&order, None);
    stage.ask(&ask).await;
    answers(&stage, &ask, 1).await;
    assert_eq!(stage.booked(&order).await, (5_950, 5_950));
    tokio::time::timeout(Duration::from_secs(20), stage.becomes(&order, PaymentStatus::Refunded))
        .await
        .unwrap();
}
