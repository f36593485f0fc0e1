//! Lost answers, and processes that die.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::purchase::{IfPaid, Outcome, TakePayment, Way};
use kernel::Fault;
use messaging::Outbox;
use payments::{
    Config, Payments,
    adapters::outbound::persistence::{News, SeaStore},
    domain::{
        entities::{Declines, Means, PaymentStatus},
        ports::{
            Confirmed, GivenBack, Intent, NewIntent, NewPage, NewRefund, Offered, Opened, PageSeen,
            PaymentGateway, ProviderRefund,
        },
        use_cases::{Patience, Terms},
    },
};
use sandbox::Times;

use crate::{
    refunds::{a_refund, answers},
    stage::{Stage, wish},
};

fn quick() -> Config {
    Config { stripe_timeout_ms: 400, undecided_after_ms: 200, ..Config::default() }
}

#[tokio::test]
async fn a_lost_answer_to_the_opening_leads_to_one_charge() {
    let stage = Stage::with(quick()).await;
    let order = stage.order().await;
    stage.lose_the_next_answer();
    hears_nothing_yet(&stage, &order, "pm_card_visa", "a").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    // The key of the first call tells how it ended.
    assert_eq!(stage.pay(&order, "pm_card_visa", "a").await.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

/// The answer to the one who pays is lost; or, on a busy machine, that to the worker who asks again meanwhile.
async fn hears_nothing_yet(stage: &Stage, order: &TakePayment, card: &str, key: &str) {
    match stage.pay(order, card, key).await {
        Ok(payment) => assert!(matches!(payment.status(), PaymentStatus::Pending | PaymentStatus::Succeeded)),
        Err(error) => match error.refusal().map(|refusal| refusal.code.as_str()) {
            Some("SERVICE_UNAVAILABLE" | "PAYMENT_DECLINED") => {}
            other => panic!("{other:?}: {error:?}"),
        },
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_card_leads_to_one_charge_also_without_webhooks() {
    let stage = Stage::with(quick()).await;
    let order = stage.order().await;
    stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
    stage.hold_webhooks_back();
    stage.lose_the_next_answer();
    hears_nothing_yet(&stage, &order, "pm_card_visa", "b").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    stage.let_webhooks_go();
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

#[tokio::test]
async fn a_lost_decline_is_found_out() {
    let stage = Stage::with(quick()).await;
    let order = stage.order().await;
    stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
    stage.hold_webhooks_back();
    stage.lose_the_next_answer();
    let card = "pm_card_chargeDeclinedInsufficientFunds";
    hears_nothing_yet(&stage, &order, card, "b").await;
    let failed = stage.becomes(&order, PaymentStatus::Failed).await;
    assert_eq!(failed.decline_code(), Some("insufficient_funds"));
    let declined = ("PAYMENT_DECLINED".to_owned(), "insufficient_funds".to_owned());
    assert_eq!(stage.refusal(&order, card, "b").await, declined);
}

#[tokio::test]
async fn a_provider_that_fails_for_a_moment_is_not_noticed() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.faults(|switches| switches.api_fail = Times::Next(2));
    assert_eq!(stage.pay(&order, "pm_card_visa", "a").await.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
}

#[tokio::test]
async fn a_restart_in_the_middle_goes_on_where_it_was() {
    let mut stage = Stage::with(quick()).await;
    let order = stage.order().await;
    stage.faults(|switches| switches.api_fail = Times::Always);
    assert_eq!(stage.refusal(&order, "pm_card_visa", "a").await.0, "SERVICE_UNAVAILABLE");
    stage.stop().await;
    stage.faults(|switches| switches.api_fail = Times::Never);
    stage.start().await;
    assert_eq!(stage.pay(&order, "pm_card_visa", "a").await.unwrap().snapshot().order_id, order.order_id);
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone_and_what_was_begun_ends_once_it_is_back() {
    let stripe_breaker = breaker::Settings { failures: 3, pause_millis: 300, longest_pause_millis: 600 };
    let mut stage = Stage::with(Config { stripe_breaker, ..quick() }).await;
    stage.stop().await; // so that nobody asks but the buyer
    let begun = stage.order().await;
    stage.faults(|switches| switches.api_fail = Times::Always);
    assert_eq!(stage.refusal(&begun, "pm_card_visa", "a").await.0, "SERVICE_UNAVAILABLE");
    let not_begun = stage.order().await;
    // Refused unasked: there is no attempt that could be carried out later, behind the buyer's back.
    assert_eq!(stage.refusal(&not_begun, "pm_card_visa", "b").await.0, "SERVICE_UNAVAILABLE");
    stage.faults(|switches| switches.api_fail = Times::Never);
    stage.start().await;
    stage.becomes(&begun, PaymentStatus::Succeeded).await;
    assert_eq!(stage.booked(&begun).await, (4200, 0));
    assert!(stage.at_stripe(&not_begun).await.is_empty(), "nothing was charged");
    let patience = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while stage.pay(&not_begun, "pm_card_visa", "b").await.is_err() {
        assert!(tokio::time::Instant::now() < patience, "it is asked again by itself");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(stage.booked(&not_begun).await, (4200, 0));
}

const DECLINES: Declines = Declines { by_buyer: 20, by_client: 30, by_card: 10 };

/// A provider that is asked and never heard of again, as by a process that is killed: it dies while
/// opening, or only after the bank was asked.
struct Dying {
    real: Arc<dyn PaymentGateway>,
    opens: bool,
}

#[async_trait]
impl PaymentGateway for Dying {
    fn rests(&self) -> bool {
        self.real.rests()
    }
    async fn open(&self, ask: &NewIntent) -> Result<Opened, Fault> {
        let opened = self.real.open(ask).await;
        if self.opens { opened } else { std::future::pending().await }
    }
    async fn confirm(&self, intent: &str, means: &Means, key: &str) -> Result<Confirmed, Fault> {
        self.real.confirm(intent, means, key).await.unwrap();
        std::future::pending().await
    }
    async fn look(&self, _: &str) -> Result<Option<Intent>, Fault> {
        std::future::pending().await
    }
    async fn cancel(&self, intent: &str) -> Result<Intent, Fault> {
        self.real.cancel(intent).await.unwrap();
        std::future::pending().await
    }
    async fn offer(&self, ask: &NewPage) -> Result<Offered, Fault> {
        let offered = self.real.offer(ask).await;
        if self.opens { offered } else { std::future::pending().await }
    }
    async fn close(&self, page: &str) -> Result<PageSeen, Fault> {
        self.real.close(page).await.unwrap();
        std::future::pending().await
    }
    async fn look_at_page(&self, _: &str) -> Result<Option<PageSeen>, Fault> {
        std::future::pending().await
    }
    async fn card_of(&self, means: &Means) -> Result<Option<String>, Fault> {
        self.real.card_of(means).await
    }
    async fn refund(&self, ask: &NewRefund) -> Result<GivenBack, Fault> {
        self.real.refund(ask).await.unwrap();
        std::future::pending().await
    }
    async fn refunds(&self, _: &str) -> Result<Vec<ProviderRefund>, Fault> {
        std::future::pending().await
    }
}

/// The use cases of a process that is killed while the provider is being asked.
fn dying(stage: &Stage, opens: bool) -> Payments {
    let news = News::new(stage.foundation.bus.clone());
    let store = SeaStore::new(stage.database.clone(), Outbox::default(), news);
    let gateway = Dying { real: stage.gateway(), opens };
    let ms = std::time::Duration::from_millis;
    let patience = Patience { answer: ms(300), undecided: ms(200) };
    let terms = Terms { patience, attempts_per_order: 10, declines: DECLINES, publishable_key: None };
    Payments::new(Arc::new(store), Arc::new(gateway), terms)
}

#[tokio::test]
async fn a_payment_whose_process_was_killed_is_made_once() {
    for opens in [false, true] {
        let mut stage = Stage::with(quick()).await;
        let order = stage.order().await;
        stage.stop().await;
        stage.hold_webhooks_back();
        let pay = wish(&order, Means::method("pm_card_visa"), "a");
        let refused = dying(&stage, opens).pay(pay).await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().code.as_str(), "SERVICE_UNAVAILABLE");
        stage.start().await;
        stage.becomes(&order, PaymentStatus::Succeeded).await;
        stage.let_webhooks_go();
        stage.webhooks_arrived().await;
        stage.all_is_told().await;
        assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)], "opens {opens}");
        assert_eq!(stage.at_stripe(&order).await.len(), 1, "opens {opens}");
        assert_eq!(stage.booked(&order).await, (4200, 0), "opens {opens}");
    }
}

#[tokio::test]
async fn refunds_whose_process_was_killed_are_made_once_each() {
    let mut stage = Stage::with(quick()).await;
    let order = stage.order().await;
    stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    stage.webhooks_arrived().await;
    stage.stop().await;
    let dying = dying(&stage, true);
    let asks = [a_refund(&order, Some(1200)), a_refund(&order, Some(700)), a_refund(&order, None)];
    for ask in &asks {
        dying.refund_payment(ask.refund_id.uuid(), ask).await.unwrap();
    }
    let killed = tokio::time::timeout(std::time::Duration::from_millis(500), dying.settle_due()).await;
    assert!(killed.is_err(), "the provider was asked, and the answer never came");
    assert_eq!(stage.at_stripe(&order).await[0]["refunds"].as_array().unwrap().len(), 1);
    stage.start().await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    for ask in &asks {
        assert_eq!(answers(&stage, ask, 1).await, [Outcome::Done]);
    }
    assert_eq!(stage.at_stripe(&order).await[0]["refunds"].as_array().unwrap().len(), 3);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn a_return_whose_process_was_killed_is_made_once() {
    for paid in [false, true] {
        let mut stage = Stage::with(quick()).await;
        let order = stage.order().await;
        let method = if paid { "pm_card_visa" } else { "pm_card_authenticationRequired" };
        stage.pay(&order, method, "a").await.unwrap();
        stage.webhooks_arrived().await;
        stage.stop().await;
        let dying = dying(&stage, true);
        let ask = contracts::purchase::ReturnPayment {
            order_id: order.order_id,
            if_paid: IfPaid::Refund,
            reason: "the event was cancelled".to_owned(),
        };
        dying.return_payment(order.order_id.uuid(), &ask).await.unwrap();
        let killed = tokio::time::timeout(std::time::Duration::from_millis(500), dying.settle_due()).await;
        assert!(killed.is_err(), "the provider was asked, and the answer never came");
        stage.start().await;
        let end = if paid { PaymentStatus::Refunded } else { PaymentStatus::Cancelled };
        stage.becomes(&order, end).await;
        stage.webhooks_arrived().await;
        stage.all_is_told().await;
        let replies = stage.replies(&order, 1).await;
        assert_eq!(replies.last(), Some(&(Way::Undo, Outcome::Done)));
        let refunds = stage.at_stripe(&order).await[0]["refunds"].as_array().unwrap().len();
        assert_eq!(refunds, usize::from(paid));
        assert_eq!(stage.booked(&order).await, if paid { (4200, 4200) } else { (0, 0) });
    }
}
