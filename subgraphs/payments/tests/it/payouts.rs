//! What organizations are owed comes to their banks: once, and never more than that.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::payments::{DisputeState, PaymentDisputed};
use kernel::{Clock, Fault, OrganizationId, PaymentId, SystemClock};
use payments::{
    Payouts,
    adapters::outbound::persistence::{SeaLedger, SeaPayouts},
    domain::{
        entities::payout::{AccountSeen, AddressKey},
        ports::{Moved, NewPayout, PayoutGateway, ProviderPayout, ProviderTransfer},
        use_cases::PayoutTerms,
    },
};
use sandbox::Times;
use serde_json::{Value, json};
use service::Memberships;

use crate::{
    connected::stage,
    health,
    organizer::{Organizer, eur, until},
    refunds::{a_refund, answers},
    stage::Stage,
};

impl Organizer {
    /// Its event was over before its delay, so that all it is owed can be paid out.
    async fn is_over(&self, stage: &Stage, version: i64) {
        self.ends(stage, version, SystemClock.now() - TimeDelta::days(30)).await;
    }

    /// Pending, payable and paid out, in euro.
    async fn money(&self, stage: &Stage) -> [String; 3] {
        let fields = "balances { pending { amount } payable { amount } paidOut { amount } }";
        let seen = self.asked(stage, self.owner, fields).await;
        ["pending", "payable", "paidOut"]
            .map(|name| seen["balances"][0][name]["amount"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until so much is pending, payable and paid out, and then whether everything agrees.
    async fn has(&self, stage: &Stage, pending: &str, payable: &str, paid_out: &str) {
        let expected = [pending, payable, paid_out].map(str::to_owned);
        until(async || self.money(stage).await == expected).await;
        agrees(stage).await;
    }
}

/// Lines sum to zero, and what is paid out, or on its way, is booked.
async fn agrees(stage: &Stage) {
    let sums = "SELECT organization_id, currency FROM postings GROUP BY organization_id, currency HAVING SUM(amount_minor) <> 0";
    assert!(stage.rows(sums).await.is_empty(), "the books do not sum to zero");
    // At one moment: what is refused is decided anew meanwhile.
    let twice = "SELECT (SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM payouts \
                 WHERE kind = 'PAY_OUT' AND state IN ('ASKED', 'SENT', 'PAID')) - \
                 (SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM postings WHERE account = 'PAID_OUT') AS n";
    assert_eq!(stage.number(twice).await, 0, "what is paid out, or on its way, is booked");
}

/// The payouts of the one account there is, as Stripe has them: their states, and how much in all that did not fail.
async fn at_stripe(stage: &Stage) -> (Vec<String>, i64) {
    let accounts = stage.accounts().await;
    let payouts = accounts[0]["payouts"].as_array().unwrap().clone();
    let status = |payout: &Value| payout["status"].as_str().unwrap().to_owned();
    let there = payouts.iter().filter(|payout| status(payout) != "failed");
    let sum = there.map(|payout| payout["amount"].as_i64().unwrap()).sum();
    (payouts.iter().map(status).collect(), sum)
}

/// Waits until exactly so much is in the bank or on its way there, and nothing is left in the account.
async fn comes_to_the_bank(stage: &Stage, minor: i64) {
    until(async || at_stripe(stage).await.1 >= minor).await;
    assert_eq!((at_stripe(stage).await.1, stage.at_account().await), (minor, 0));
}

#[tokio::test]
async fn what_is_payable_comes_to_the_bank_and_what_is_not_does_not() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    organizer.sells(&stage).await;
    organizer.has(&stage, "53.00", "0.00", "0.00").await;
    assert!(at_stripe(&stage).await.0.is_empty());
    organizer.is_over(&stage, 2).await;
    organizer.has(&stage, "0.00", "0.00", "53.00").await;
    until(async || at_stripe(&stage).await.0 == ["paid"]).await;
    comes_to_the_bank(&stage, 5_300).await;
    until(async || stage.number("SELECT COUNT(*) AS n FROM payouts WHERE state = 'PAID'").await == 1).await;
    let lines = "ledger(first: 100) { nodes { kind amount { amount } order { id } } }";
    let seen = organizer.asked(&stage, organizer.owner, lines).await;
    let newest = &seen["ledger"]["nodes"][0];
    assert_eq!(
        (newest["kind"].as_str(), newest["amount"]["amount"].as_str()),
        (Some("PAYOUT"), Some("-53.00"))
    );
    assert_eq!(newest["order"], Value::Null);
}

#[tokio::test]
async fn what_was_sold_before_there_was_an_account_is_paid_out_too() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.sells(&stage).await;
    organizer.onboards(&stage).await;
    organizer.sells(&stage).await;
    organizer.is_over(&stage, 2).await;
    organizer.has(&stage, "0.00", "0.00", "106.00").await;
    comes_to_the_bank(&stage, 10_600).await;
}

#[tokio::test]
async fn what_the_organization_is_not_owed_of_what_came_to_its_account_is_taken_back() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    organizer.sells(&stage).await;
    let disputed = organizer.sells(&stage).await;
    organizer.has(&stage, "106.00", "0.00", "0.00").await;
    let lost = PaymentDisputed {
        payment_id: PaymentId::new(),
        order_id: disputed.order_id,
        event_id: organizer.event,
        buyer_id: disputed.buyer_id,
        dispute: "dp_1".to_owned(),
        version: 1,
        amount: eur(5_950),
        reason: "fraudulent".to_owned(),
        state: DisputeState::Lost,
        whole: true,
        withheld: true,
        at: SystemClock.now(),
    };
    stage.ask(&lost).await;
    // The platform keeps its fees, and Stripe took the money from the platform.
    organizer.has(&stage, "46.50", "0.00", "0.00").await;
    organizer.is_over(&stage, 2).await;
    organizer.has(&stage, "0.00", "0.00", "46.50").await;
    comes_to_the_bank(&stage, 4_650).await;
}

#[tokio::test]
async fn what_goes_back_is_not_paid_out_and_the_fees_that_go_back_are_the_organizations() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    let order = organizer.sells(&stage).await;
    let told = organizer.refund(order.order_id);
    let ask =
        contracts::payments::RefundPayment { refund_id: told.refund_id, ..a_refund(&order, Some(2_975)) };
    stage.ask(&ask).await;
    answers(&stage, &ask, 1).await;
    stage.ask(&told).await;
    organizer.has(&stage, "26.50", "0.00", "0.00").await;
    organizer.is_over(&stage, 2).await;
    organizer.has(&stage, "0.00", "0.00", "26.50").await;
    comes_to_the_bank(&stage, 2_650).await;
}

#[tokio::test]
async fn a_payout_that_fails_is_owed_again_and_tried_again() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    organizer.sells(&stage).await;
    stage.faults(|switches| switches.payout_fail = Times::Next(1));
    organizer.is_over(&stage, 2).await;
    until(async || stage.number("SELECT COUNT(*) AS n FROM payouts WHERE state = 'FAILED'").await == 1).await;
    organizer.has(&stage, "0.00", "0.00", "53.00").await;
    comes_to_the_bank(&stage, 5_300).await;
}

#[tokio::test]
async fn what_the_account_has_not_yet_is_paid_out_once_it_has() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    stage.faults(|switches| switches.funds_pending_ms = 6_000);
    organizer.sells(&stage).await;
    organizer.is_over(&stage, 2).await;
    until(async || stage.number("SELECT COUNT(*) AS n FROM payouts WHERE state = 'REFUSED'").await >= 1)
        .await;
    organizer.has(&stage, "0.00", "0.00", "53.00").await;
    comes_to_the_bank(&stage, 5_300).await;
}

#[tokio::test]
async fn nothing_is_paid_out_of_an_account_that_is_restricted() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    organizer.sells(&stage).await;
    stage.account_is("restrict").await;
    until(async || organizer.status(&stage).await == "RESTRICTED").await;
    organizer.is_over(&stage, 2).await;
    organizer.has(&stage, "0.00", "53.00", "0.00").await;
    assert_eq!(stage.count("payouts").await, 0);
    stage.account_is("lift").await;
    organizer.has(&stage, "0.00", "0.00", "53.00").await;
}

/// A process that is killed while Stripe is asked to move money: before it has heard, or after.
struct Dying {
    real: Arc<dyn PayoutGateway>,
    hears: bool,
}

impl Dying {
    async fn die<T>(&self, call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        if self.hears {
            drop(call.await.unwrap());
        }
        std::future::pending().await
    }
}

#[async_trait]
impl PayoutGateway for Dying {
    fn rests(&self) -> bool {
        false
    }
    async fn make_account(&self, organization: OrganizationId) -> Result<AccountSeen, Fault> {
        self.die(self.real.make_account(organization)).await
    }
    async fn account(&self, account: &str) -> Result<Option<AccountSeen>, Fault> {
        self.real.account(account).await
    }
    async fn onboarding(&self, account: &str, done: &str, again: &str) -> Result<String, Fault> {
        self.real.onboarding(account, done, again).await
    }
    async fn pay_out(&self, ask: &NewPayout) -> Result<Moved<ProviderPayout>, Fault> {
        self.die(self.real.pay_out(ask)).await
    }
    async fn payout(&self, account: &str, payout: &str) -> Result<Option<ProviderPayout>, Fault> {
        self.real.payout(account, payout).await
    }
    async fn payouts_since(&self, account: &str, since: DateTime<Utc>) -> Result<Vec<ProviderPayout>, Fault> {
        self.real.payouts_since(account, since).await
    }
    async fn top_up(&self, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        self.die(self.real.top_up(ask)).await
    }
    async fn take_back(&self, transfer: &str, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        self.die(self.real.take_back(transfer, ask)).await
    }
    async fn transfers(&self, account: &str) -> Result<Vec<ProviderTransfer>, Fault> {
        self.real.transfers(account).await
    }
    async fn moved_as(&self, ask: &NewPayout, transfer: Option<&str>) -> Result<Option<String>, Fault> {
        self.real.moved_as(ask, transfer).await
    }
}

/// The use cases of one more process, which asks Stripe so.
fn process(stage: &Stage, gateway: Arc<dyn PayoutGateway>) -> Payouts {
    let terms = PayoutTerms {
        key: AddressKey::of("sk_test_stage"),
        public_url: String::new(),
        return_url: String::new(),
        look: Duration::from_millis(200),
    };
    Payouts::new(
        Arc::new(SeaPayouts::new(stage.database.clone())),
        gateway,
        Arc::new(Memberships::new(stage.database.clone())),
        Arc::new(SeaLedger::new(stage.database.clone())),
        Arc::new(SystemClock),
        terms,
    )
}

fn stripe(stage: &Stage) -> Arc<dyn PayoutGateway> {
    Arc::new(stage.stripe_gateway())
}

/// An organization with something payable: of it half came to its account, and half to the platform. The service does not run.
async fn with_something_payable(stage: &mut Stage) -> Organizer {
    let organizer = Organizer::of(stage).await;
    organizer.sells(stage).await;
    organizer.onboards(stage).await;
    organizer.sells(stage).await;
    organizer.has(stage, "106.00", "0.00", "0.00").await;
    stage.webhooks_arrived().await;
    stage.stop().await;
    stage.hold_webhooks_back();
    let over = (SystemClock.now() - TimeDelta::days(30)).timestamp_millis();
    stage.change(&format!("UPDATE events SET ends_at = {over}")).await;
    stage.change("UPDATE payout_accounts SET look_at = 0").await;
    organizer
}

#[tokio::test]
async fn what_a_killed_process_had_begun_is_done_once() {
    for hears in [false, true] {
        let mut stage = stage().await;
        let organizer = with_something_payable(&mut stage).await;
        // Three times: while the account is levelled, while it is paid out, and once more.
        for _ in 0..3 {
            let dying = process(&stage, Arc::new(Dying { real: stripe(&stage), hears }));
            drop(tokio::time::timeout(Duration::from_millis(700), dying.settle_due()).await);
            stage.change("UPDATE payouts SET due_at = 0 WHERE due_at IS NOT NULL").await;
            stage.change("UPDATE payout_accounts SET look_at = 0").await;
            let alive = process(&stage, stripe(&stage));
            alive.settle_due().await.unwrap();
        }
        stage.let_webhooks_go();
        stage.start().await;
        organizer.has(&stage, "0.00", "0.00", "106.00").await;
        comes_to_the_bank(&stage, 10_600).await;
    }
}

#[tokio::test]
async fn what_was_asked_before_the_key_was_forgotten_is_found_and_not_paid_twice() {
    for hears in [false, true] {
        let mut stage = stage().await;
        let organizer = with_something_payable(&mut stage).await;
        for _ in 0..2 {
            let dying = process(&stage, Arc::new(Dying { real: stripe(&stage), hears }));
            drop(tokio::time::timeout(Duration::from_millis(700), dying.settle_due()).await);
            let day = TimeDelta::days(1).num_milliseconds();
            let long_ago = format!(
                "UPDATE payouts SET created_at = created_at - {day}, due_at = 0 WHERE due_at IS NOT NULL"
            );
            stage.change(&long_ago).await;
            let alive = process(&stage, stripe(&stage));
            alive.settle_due().await.unwrap();
            stage.change("UPDATE payout_accounts SET look_at = 0").await;
        }
        stage.let_webhooks_go();
        stage.start().await;
        organizer.has(&stage, "0.00", "0.00", "106.00").await;
        comes_to_the_bank(&stage, 10_600).await;
    }
}

#[tokio::test]
async fn replicas_pay_out_once() {
    let mut stage = stage().await;
    let organizer = with_something_payable(&mut stage).await;
    let replicas: Vec<_> = (0..4).map(|_| process(&stage, stripe(&stage))).collect();
    for _ in 0..4 {
        // Each believes that it is its turn.
        stage.change("UPDATE payout_accounts SET look_at = 0").await;
        let all = replicas.iter().map(Payouts::settle_due);
        for settled in futures::future::join_all(all).await {
            settled.unwrap();
        }
    }
    stage.let_webhooks_go();
    stage.start().await;
    organizer.has(&stage, "0.00", "0.00", "106.00").await;
    comes_to_the_bank(&stage, 10_600).await;
    assert_eq!(at_stripe(&stage).await.0.len(), 1);
}

#[tokio::test]
async fn lost_answers_of_stripe_pay_nothing_twice() {
    let stage =
        crate::connected::with(payments::Config { stripe_timeout_ms: 400, ..payments::Config::default() })
            .await;
    let organizer = Organizer::of(&stage).await;
    organizer.sells(&stage).await;
    organizer.onboards(&stage).await;
    organizer.sells(&stage).await;
    organizer.has(&stage, "106.00", "0.00", "0.00").await;
    stage.webhooks_arrived().await;
    stage.faults(|switches| switches.api_time_out = Times::Next(2));
    organizer.is_over(&stage, 2).await;
    organizer.has(&stage, "0.00", "0.00", "106.00").await;
    comes_to_the_bank(&stage, 10_600).await;
}

#[tokio::test]
async fn operators_see_what_is_on_its_way_and_what_failed() {
    let stage = stage().await;
    let organizer = Organizer::of(&stage).await;
    organizer.onboards(&stage).await;
    organizer.sells(&stage).await;
    stage.faults(|switches| switches.payout_hold = true);
    organizer.is_over(&stage, 2).await;
    organizer.has(&stage, "0.00", "0.00", "53.00").await;
    let seen = async || {
        let query = "{ moneyHealth { payouts { state count amount { amount currency } oldest } } }";
        let answer = health::asked(&stage, Some(true), query, json!({})).await;
        let payouts = answer["data"]["moneyHealth"]["payouts"].as_array().unwrap().clone();
        let told = |one: &Value| format!("{} {} {}", one["state"], one["count"], one["amount"]["amount"]);
        payouts.iter().map(told).collect::<Vec<_>>()
    };
    until(async || seen().await == [r#""SENT" 1 "53.00""#]).await;
    let accounts = stage.accounts().await;
    let payout = accounts[0]["payouts"][0]["id"].as_str().unwrap();
    stage.at_the_dashboard(&format!("payouts/{payout}/fail"), "").await;
    until(async || seen().await.contains(&r#""FAILED" 1 "53.00""#.to_owned())).await;
}
