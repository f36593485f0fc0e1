//! The service on a database of its own, between a bus and the sandbox's Stripe, with somebody who
//! writes down what it tells.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use contracts::{
    Contract,
    purchase::{IfPaid, Outcome, PurchaseReply, PurchaseStep, ReturnPayment, TakePayment, Way},
};
use kernel::{Clock, Currency, EventId, Money, OrderId, StoppedClock, SystemClock, UserId};
use messaging::{Consumer, DeadLetters, Handler, InProcessBus, Message};
use payments::{
    Config, Migrator, Pay, Payments, WEBHOOK_PATH,
    adapters::outbound::{StripeGateway, StripeSettings},
    domain::{
        entities::{Means, Payment, PaymentStatus},
        ports::PaymentGateway,
    },
};
use sandbox::{Sandbox, SandboxOptions, Switches, Times, WebhookEndpoint};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::Value;
use service::{Database, Foundation, Running};
use testbed::{OwnDatabase, Place, Signer, own_database};
use tokio::{net::TcpListener, sync::watch};
use uuid::Uuid;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// What webhooks are signed with.
pub(crate) const SECRET: &str = "whsec_stage";

pub(crate) struct Stage {
    pub(crate) payments: Payments,
    signer: Signer,
    pub(crate) sandbox: Sandbox,
    pub(crate) database: Database,
    pub(crate) foundation: Foundation,
    pub(crate) http: reqwest::Client,
    pub(crate) told: Told,
    config: Config,
    running: Option<Running>,
    url: String,
    _place: Place,
}

/// What the service has told so far.
#[derive(Clone)]
pub(crate) struct Told {
    messages: Arc<Mutex<Vec<Message>>>,
    news: watch::Sender<()>,
}

#[async_trait]
impl Handler for Told {
    async fn handle(&self, message: &Message) -> kernel::Result<()> {
        let mut messages = self.messages.lock().unwrap();
        if !messages.iter().any(|known| known.id == message.id) {
            messages.push(message.clone());
        }
        drop(messages);
        self.news.send_replace(());
        Ok(())
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// A stage whose settings are these where they do not say how things are reached.
    pub(crate) async fn with(config: Config) -> Self {
        Self::at(Arc::new(SystemClock), config).await
    }

    /// A stage on a machine whose clock is off.
    pub(crate) async fn off_by(by: TimeDelta) -> Self {
        Self::at(Arc::new(StoppedClock::at(SystemClock.now() + by)), Config::default()).await
    }

    async fn at(clock: Arc<dyn Clock>, config: Config) -> Self {
        service::telemetry::log(&service::telemetry::LogSettings::default()).unwrap();
        rustls::crypto::ring::default_provider().install_default().ok();
        let OwnDatabase { database, place } = own_database::<Migrator>("payments").await;
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let signer = Signer::new(clock.clone());
        let tokens = signer.verifier();
        let bus = Arc::new(InProcessBus::new().delivering_twice());
        let foundation = Foundation { bus, clock, tokens };
        let told = Told { messages: Arc::default(), news: watch::Sender::new(()) };
        let dead_letters = DeadLetters::new(database.writes.clone(), foundation.clock.clone());
        let everything = Consumer {
            name: "stage",
            subjects: vec!["odysseus.reply.>", "odysseus.payments.>"],
            handler: Arc::new(told.clone()),
            dead_letters,
        };
        foundation.bus.subscribe(everything).await.unwrap();
        foundation.bus.open().await.unwrap();
        let config = Config {
            stripe_url: sandbox.stripe_url(),
            stripe_secret_key: "sk_test_stage".to_owned(),
            stripe_webhook_secret: SECRET.to_owned(),
            ..config
        };
        let payments = payments::use_cases(&config, database.clone(), &foundation).unwrap();
        let mut stage = Self {
            payments,
            signer,
            sandbox,
            database,
            foundation,
            http: reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap(),
            told,
            config,
            running: None,
            url: String::new(),
            _place: place,
        };
        stage.start().await;
        stage
    }

    /// Starts the service; webhooks find it from then on.
    pub(crate) async fn start(&mut self) {
        let assembled =
            payments::assemble(self.config.clone(), self.database.clone(), &self.foundation).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = assembled.start(listener, &self.foundation).await.unwrap();
        self.url = running.url();
        let endpoint =
            WebhookEndpoint { url: format!("{}{WEBHOOK_PATH}", self.url), secret: SECRET.to_owned() };
        self.sandbox.set_webhook_endpoint(endpoint).unwrap();
        self.running = Some(running);
    }

    /// Stops the service. (Its consumer stays on the bus: ask nothing meanwhile.)
    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Stripe, as the service reaches it.
    pub(crate) fn gateway(&self) -> Arc<dyn PaymentGateway> {
        Arc::new(self.stripe_gateway())
    }

    pub(crate) fn stripe_gateway(&self) -> StripeGateway {
        let settings = StripeSettings {
            url: self.sandbox.stripe_url(),
            secret_key: "sk_test_stage".to_owned(),
            timeout: Duration::from_secs(5),
            breaker: breaker::Settings::default(),
            return_url: None,
        };
        StripeGateway::new(settings).unwrap()
    }

    /// Changes what is kept.
    pub(crate) async fn change(&self, sql: &str) {
        self.database.writes.execute_unprepared(sql).await.unwrap();
    }

    /// Sets the sandbox's faults.
    pub(crate) fn faults(&self, set: impl FnOnce(&mut Switches)) {
        let mut switches = self.sandbox.switches();
        set(&mut switches);
        self.sandbox.set_switches(switches);
    }

    /// The next answer of the provider gets lost, though it does what it was asked.
    pub(crate) fn lose_the_next_answer(&self) {
        self.faults(|switches| switches.api_time_out = Times::Next(1));
    }

    /// No webhook arrives for now.
    pub(crate) fn hold_webhooks_back(&self) {
        self.faults(|switches| switches.webhook_delay_ms = 600_000);
    }

    /// What was held back arrives.
    pub(crate) fn let_webhooks_go(&self) {
        self.faults(|switches| switches.webhook_delay_ms = 0);
    }

    pub(crate) async fn ask<C: Contract>(&self, ask: &C) {
        let message = Message {
            id: OrderId::new().uuid(),
            subject: C::SUBJECT.to_owned(),
            about: ask.about(),
            version: 0,
            occurred_at: self.foundation.clock.now(),
            headers: std::collections::BTreeMap::default(),
            payload: serde_json::to_value(ask).unwrap(),
        };
        self.foundation.bus.publish(&message).await.unwrap();
    }

    /// An order of 42 euro that can be paid.
    pub(crate) async fn order(&self) -> TakePayment {
        let order = an_order(4200, "EUR");
        self.ask(&order).await;
        order
    }

    pub(crate) async fn end(&self, order: &TakePayment, if_paid: IfPaid) {
        let reason = "time ran out".to_owned();
        self.ask(&ReturnPayment { order_id: order.order_id, if_paid, reason }).await;
    }

    pub(crate) async fn pay(&self, order: &TakePayment, method: &str, key: &str) -> kernel::Result<Payment> {
        self.payments.pay(wish(order, Means::method(method), key)).await
    }

    /// The code with which paying is refused, and the bank's.
    pub(crate) async fn refusal(&self, order: &TakePayment, method: &str, key: &str) -> (String, String) {
        let refused = self.pay(order, method, key).await.unwrap_err();
        let refusal = refused.refusal().unwrap_or_else(|| panic!("{refused:?}"));
        let bank = refusal.details.get("declineCode").and_then(Value::as_str).unwrap_or_default();
        (refusal.code.to_string(), bank.to_owned())
    }

    /// The code and the words with which paying is refused.
    pub(crate) async fn refused(&self, order: &TakePayment, method: &str, key: &str) -> (String, String) {
        let refused = self.pay(order, method, key).await.unwrap_err();
        let refusal = refused.refusal().unwrap_or_else(|| panic!("{refused:?}"));
        (refusal.code.to_string(), refusal.message.clone())
    }

    pub(crate) async fn payment(&self, order: &TakePayment) -> Payment {
        self.payments.payment_of_order(order.order_id, Some(order.buyer_id)).await.unwrap().unwrap()
    }

    /// Waits until the payment is so far.
    pub(crate) async fn becomes(&self, order: &TakePayment, status: PaymentStatus) -> Payment {
        let reached = async {
            loop {
                let payment = self.payment(order).await;
                if payment.status() == status {
                    return payment;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if let Ok(payment) = tokio::time::timeout(PATIENCE, reached).await {
            return payment;
        }
        panic!("not {status:?}: {:?}", self.payment(order).await)
    }

    /// Waits until the purchase has this many replies, and returns all there are.
    pub(crate) async fn replies(&self, order: &TakePayment, at_least: usize) -> Vec<(Way, Outcome)> {
        let replies = self.facts::<PurchaseReply>(at_least, |reply| reply.order_id == order.order_id).await;
        assert!(replies.iter().all(|reply| reply.step == PurchaseStep::TakePayment));
        replies.into_iter().map(|reply| (reply.way, reply.outcome)).collect()
    }

    /// Waits until this many such facts were told, and returns all there are.
    pub(crate) async fn facts<C: Contract>(&self, at_least: usize, is: impl Fn(&C) -> bool) -> Vec<C> {
        let mut news = self.told.news.subscribe();
        let enough = async {
            loop {
                let found = self.told_already(&is);
                if found.len() >= at_least {
                    return found;
                }
                news.changed().await.unwrap();
            }
        };
        if let Ok(found) = tokio::time::timeout(PATIENCE, enough).await {
            return found;
        }
        panic!("{} was told {} times only", C::SUBJECT, self.told_already(&is).len())
    }

    /// Waits until everything that was committed was told.
    pub(crate) async fn all_is_told(&self) {
        let quiet = async {
            while self.number("SELECT COUNT(*) AS n FROM outbox WHERE sent_at IS NULL").await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, quiet).await.unwrap();
    }

    fn told_already<C: Contract>(&self, is: impl Fn(&C) -> bool) -> Vec<C> {
        // What one process has left in the outbox may arrive behind what another tells at once.
        let mut messages = self.told.messages.lock().unwrap().clone();
        messages.sort_by_key(|message| message.occurred_at);
        let read = messages.iter().filter_map(|message| message.read::<C>().unwrap());
        read.filter(|fact| is(fact)).collect()
    }

    /// What the sandbox knows of the order's payments.
    pub(crate) async fn at_stripe(&self, order: &TakePayment) -> Vec<Value> {
        let all: Vec<Value> = self.sandbox_json("/sandbox/payments.json").await;
        let of_order = |payment: &Value| payment["metadata"]["order_id"] == order.order_id.to_string();
        all.into_iter().filter(of_order).collect()
    }

    /// Waits until none of the order's payments is open any more at the sandbox.
    pub(crate) async fn ended_at_stripe(&self, order: &TakePayment) -> Vec<Value> {
        let ended = async {
            loop {
                let all = self.at_stripe(order).await;
                if all
                    .iter()
                    .all(|payment| ["succeeded", "canceled"].contains(&payment["status"].as_str().unwrap()))
                {
                    return all;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.unwrap()
    }

    /// Waits until every webhook that is due was delivered, and returns their kinds.
    pub(crate) async fn webhooks_arrived(&self) -> Vec<String> {
        let arrived = async {
            loop {
                let all: Vec<Value> = self.sandbox_json("/sandbox/webhooks.json").await;
                if all.iter().all(|event| event["state"] == "delivered") {
                    return all.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, arrived).await.unwrap()
    }

    async fn sandbox_json(&self, path: &str) -> Vec<Value> {
        let url = format!("{}{path}", self.sandbox.http_url());
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// The buyer answers the bank's question.
    pub(crate) async fn at_the_bank(&self, payment: &Payment, decision: &str) {
        let (url, _) = payment.next_action().unwrap();
        let url = format!("{}/{decision}", url.unwrap());
        self.http.post(url).send().await.unwrap();
    }

    /// Somebody does something in Stripe's dashboard.
    pub(crate) async fn at_the_dashboard(&self, path: &str, form: &'static str) {
        let url = format!("{}/sandbox/{path}", self.sandbox.http_url());
        let done = self.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
        assert!(done.send().await.unwrap().status().is_success(), "{path}");
    }

    /// What the graph answers a person.
    pub(crate) async fn asks_over_http(&self, by: UserId, query: &str, variables: Value) -> Value {
        let ask = self.http.post(format!("{}/graphql", self.url)).bearer_auth(self.signer.token(by));
        let body = serde_json::json!({ "query": query, "variables": variables });
        ask.json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// The same from an address, as the router names it.
    pub(crate) async fn asks_from(&self, address: &str, by: UserId, query: &str, variables: Value) -> Value {
        let ask = self.http.post(format!("{}/graphql", self.url)).bearer_auth(self.signer.token(by));
        let ask = ask.header(service::request::CLIENT_ADDRESS, address);
        let body = serde_json::json!({ "query": query, "variables": variables });
        ask.json(&body).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn pays_over_http(&self, order: &TakePayment, card: &str) -> Value {
        let query = "mutation($input: PayInput!) { pay(input: $input) { status } }";
        let key = order.order_id.to_string();
        let input =
            serde_json::json!({"orderId": order.order_id, "paymentMethod": card, "idempotencyKey": key});
        self.asks_over_http(order.buyer_id, query, serde_json::json!({ "input": input })).await
    }

    /// How many statements were sent for requests so far.
    pub(crate) fn foreground(&self) -> u64 {
        self.database.statements()
    }

    /// How many statements were sent so far, by whomever.
    pub(crate) fn statements(&self) -> u64 {
        self.database.statements() + self.database.background().statements()
    }

    /// Waits until everything that was committed is marked as told, and says how often it asked the database.
    pub(crate) async fn relay_is_through(&self) -> u64 {
        let mut asked = 1;
        while self.number("SELECT COUNT(*) AS n FROM outbox WHERE sent_at IS NULL").await > 0 {
            asked += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        asked
    }

    /// Calls Stripe's API as somebody with our keys would.
    pub(crate) async fn stripe(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self
            .http
            .post(format!("{}{path}", self.sandbox.stripe_url()))
            .bearer_auth("sk_test_stage")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// What REST answers to a person.
    pub(crate) async fn get(&self, by: Option<UserId>, path: &str) -> (u16, Value) {
        let ask = self.http.get(format!("{}/api/payments{path}", self.url));
        let ask = match by {
            Some(user) => ask.bearer_auth(self.signer.token(user)),
            None => ask,
        };
        let response = ask.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// What REST answers to a person, as it is sent.
    pub(crate) async fn file(&self, by: UserId, path: &str) -> reqwest::Response {
        let ask = self.http.get(format!("{}/api/payments{path}", self.url));
        ask.bearer_auth(self.signer.token(by)).send().await.unwrap()
    }

    /// What is at a path of REST's.
    pub(crate) async fn text(&self, path: &str) -> String {
        let ask = self.http.get(format!("{}/api/payments{path}", self.url));
        ask.send().await.unwrap().text().await.unwrap()
    }

    /// Sends a webhook, and returns the status it is answered with.
    pub(crate) async fn webhook(&self, body: &str, signature: Option<&str>) -> u16 {
        self.webhook_answer(body, signature).await.status().as_u16()
    }

    pub(crate) async fn webhook_answer(&self, body: &str, signature: Option<&str>) -> reqwest::Response {
        let mut request = self.http.post(format!("{}{WEBHOOK_PATH}", self.url)).body(body.to_owned());
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        request.send().await.unwrap()
    }

    /// What was captured for the order and what went back, by the ledger, which must sum to zero.
    pub(crate) async fn booked(&self, order: &TakePayment) -> (i64, i64) {
        let rows = self.rows("SELECT order_id, account, amount_minor FROM ledger_entries").await;
        let of = |account: &str| {
            let here = rows.iter().filter(|row| {
                row.try_get::<Uuid>("", "order_id").unwrap() == order.order_id.uuid()
                    && row.try_get::<String>("", "account").unwrap() == account
            });
            here.map(|row| row.try_get::<i64>("", "amount_minor").unwrap()).sum::<i64>()
        };
        assert_eq!(of("PROVIDER") + of("CAPTURED") + of("REFUNDED"), 0, "the ledger does not sum to zero");
        (-of("CAPTURED"), of("REFUNDED"))
    }

    /// All attempts began earlier than they did.
    pub(crate) async fn attempts_age_by(&self, time: TimeDelta) {
        let time = time.num_milliseconds();
        self.change(&format!("UPDATE attempts SET started_at = started_at - {time}")).await;
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) AS n FROM {table}")).await
    }

    async fn number(&self, query: &str) -> i64 {
        self.rows(query).await[0].try_get("", "n").unwrap()
    }

    pub(crate) async fn rows(&self, query: &str) -> Vec<QueryResult> {
        let backend = self.database.reads.get_database_backend();
        self.database.reads.query_all_raw(Statement::from_string(backend, query)).await.unwrap()
    }
}

/// How a buyer pays an order.
pub(crate) fn wish(order: &TakePayment, means: Means, key: &str) -> Pay {
    Pay { buyer: order.buyer_id, order: order.order_id, means, key: key.to_owned(), client: None }
}

/// What the purchase asks for an order.
pub(crate) fn an_order(minor: i64, currency: &str) -> TakePayment {
    TakePayment {
        order_id: OrderId::new(),
        number: "ODY-7K2M".to_owned(),
        event_id: EventId::new(),
        buyer_id: UserId::new(),
        amount: Money::new(minor, Currency::parse("currency", currency).unwrap()),
        description: "2 tickets, The Odyssey".to_owned(),
        expires_at: SystemClock.now() + TimeDelta::minutes(10),
    }
}
