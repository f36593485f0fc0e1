//! The service on a database of its own, between a bus and the sandbox's Stripe, with somebody who
//! writes down what it tells.

mod asking;
mod buying;
mod stripe;
mod tables;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use contracts::purchase::TakePayment;
use kernel::{Clock, Currency, EventId, Money, OrderId, StoppedClock, SystemClock, UserId};
use messaging::{Consumer, DeadLetters, Handler, InProcessBus, Message};
use payments::{Config, Migrator, Pay, Payments, WEBHOOK_PATH, domain::entities::Means};
use sandbox::{Sandbox, SandboxOptions, WebhookEndpoint};
use service::{Database, Foundation, Running};
use testbed::{OwnDatabase, Place, Signer, own_database};
use tokio::{net::TcpListener, sync::watch};

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
        Box::pin(Self::at(Arc::new(SystemClock), config)).await
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
        organization_id: None,
        fees: None,
        contact: None,
    }
}
