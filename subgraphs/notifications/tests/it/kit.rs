//! What the tests share: a service on SQLite in memory, people, and the sandbox's mailbox.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use contracts::{
    Contract,
    events::{EventChange, EventChanged, EventFacts, EventStatus},
    purchase::TakePayment,
    users::AccountChanged,
};
use jsonwebtoken::jwk::JwkSet;
use kernel::{
    Clock, Currency, EventId, Id, Money, OrderId, OrganizationId, SessionId, StoppedClock, SystemClock,
    UserId, VenueId,
};
use messaging::{Handler, InProcessBus, Message};
use notifications::{Config, Migrator, Notifications};
use sandbox::{Sandbox, SandboxOptions};
use serde_json::Value;
use service::{Assembled, Caller, Database, Foundation, Running, TokenVerifier};
pub(crate) use testbed::until;
use testbed::{OwnDatabase, Place, own_database};
use tokio::net::TcpListener;

pub(crate) use crate::samples::{order, refund, ticket};

/// How long a test waits for what must happen, on a machine that is busy with others: mails are written with low priority.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The service, without its worker unless it is started.
pub(crate) struct Kit {
    pub(crate) config: Config,
    pub(crate) database: Database,
    pub(crate) foundation: Foundation,
    pub(crate) notifications: Notifications,
    pub(crate) handler: Arc<dyn Handler>,
    /// Where the database is.
    pub(crate) place: Place,
}

impl Kit {
    /// On a database of its own; the mail server of the settings need not be there.
    pub(crate) async fn new(smtp_port: u16) -> Self {
        Self::on(own_database::<Migrator>("notifications").await, smtp_port).await
    }

    /// On this database.
    pub(crate) async fn on(OwnDatabase { database, place }: OwnDatabase, smtp_port: u16) -> Self {
        let config = Config {
            smtp_url: format!("smtp://127.0.0.1:{smtp_port}"),
            smtp_timeout_seconds: 5,
            ..Config::default()
        };
        Self::with(OwnDatabase { database, place }, config).await
    }

    /// On a database of its own, with SMS going to that address; mails go nowhere.
    pub(crate) async fn with_sms(sms_url: String) -> Self {
        let config = Config {
            smtp_url: "smtp://127.0.0.1:9".to_owned(),
            sms_url,
            sms_account: "ACtest".to_owned(),
            sms_token: "secret".to_owned(),
            sms_from: "+4315550100".to_owned(),
            sms_timeout_seconds: 1,
            ..Config::default()
        };
        Self::with(own_database::<Migrator>("notifications").await, config).await
    }

    /// Another process of the same service, on a machine whose clock is off, with a mail server of its own.
    pub(crate) async fn replica(&self, off_by: chrono::Duration, smtp_port: u16) -> Self {
        let own = OwnDatabase { database: self.place.connect().await, place: self.place.clone() };
        let config = Config { smtp_url: format!("smtp://127.0.0.1:{smtp_port}"), ..self.config.clone() };
        Self::at(Arc::new(StoppedClock::at(SystemClock.now() + off_by)), own, config).await
    }

    async fn with(own: OwnDatabase, config: Config) -> Self {
        Self::at(Arc::new(SystemClock), own, config).await
    }

    async fn at(clock: Arc<dyn Clock>, OwnDatabase { database, place }: OwnDatabase, config: Config) -> Self {
        let foundation = Foundation {
            bus: Arc::new(InProcessBus::new()),
            clock: clock.clone(),
            tokens: TokenVerifier::with_keys(JwkSet { keys: Vec::new() }, clock),
        };
        let notifications = notifications::use_cases(&config, &database, &foundation).unwrap();
        let handler = notifications::assemble(config.clone(), database.clone(), &foundation)
            .await
            .unwrap()
            .handler
            .unwrap();
        Self { config, database, foundation, notifications, handler, place }
    }

    /// Starts everything, its worker too.
    pub(crate) async fn start(&self) -> Running {
        let assembled: Assembled =
            notifications::assemble(self.config.clone(), self.database.clone(), &self.foundation)
                .await
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = assembled.start(listener, &self.foundation).await.unwrap();
        self.foundation.bus.open().await.unwrap();
        running
    }

    /// A message from the bus, delivered twice as it may be.
    pub(crate) async fn hears<C: Contract>(&self, contract: &C) {
        let message = message(contract);
        self.handler.handle(&message).await.unwrap();
        self.handler.handle(&message).await.unwrap();
    }

    /// A message from the bus, once.
    pub(crate) async fn handle<C: Contract>(&self, contract: &C) -> kernel::Result<()> {
        self.handler.handle(&message(contract)).await
    }

    /// An account that is known.
    pub(crate) async fn account(&self, name: &str) -> (UserId, String) {
        self.account_with(name, None).await
    }

    /// What users tell of somebody.
    pub(crate) fn change_of(user_id: UserId, version: i64) -> AccountChanged {
        AccountChanged {
            user_id,
            version,
            email: "somebody@example.org".to_owned(),
            name: "Somebody".to_owned(),
            locale: "en".to_owned(),
            timezone: "Europe/Vienna".to_owned(),
            phone: None,
            email_verified: false,
            guest: false,
            erased: false,
        }
    }

    /// An account that is known, with a telephone number or without.
    pub(crate) async fn account_with(&self, name: &str, phone: Option<&str>) -> (UserId, String) {
        let user_id = UserId::new();
        let email = format!("{}-{user_id}@Example.org", name.to_lowercase());
        let mut change = Self::change_of(user_id, 1);
        (change.email, change.name, change.phone) =
            (email.clone(), name.to_owned(), phone.map(str::to_owned));
        self.hears(&change).await;
        (user_id, email)
    }

    /// What is committed to be told, by subject.
    pub(crate) async fn told(&self, subject: &str) -> Vec<Value> {
        use sea_orm::{ConnectionTrait, Statement};
        let reads = &self.database.reads;
        let query = Statement::from_sql_and_values(
            reads.get_database_backend(),
            "SELECT payload FROM outbox WHERE subject = $1 ORDER BY seq",
            [subject.into()],
        );
        let rows = reads.query_all_raw(query).await.unwrap();
        rows.iter()
            .map(|row| serde_json::from_str(&row.try_get::<String>("", "payload").unwrap()).unwrap())
            .collect()
    }

    /// Runs an operation as a person, or as nobody.
    pub(crate) async fn graph(&self, user: Option<UserId>, operation: &str) -> Value {
        let mut request = async_graphql::Request::new(operation);
        if let Some(user) = user {
            request = request.data(caller(user));
        }
        let schema = notifications::adapters::inbound::graphql::schema(self.notifications.clone());
        serde_json::to_value(schema.execute(request).await).unwrap()
    }
}

pub(crate) fn caller(user: UserId) -> Caller {
    Caller { user, session: SessionId::new(), until: DateTime::<Utc>::MAX_UTC, operator: false }
}

pub(crate) fn message<C: Contract>(contract: &C) -> Message {
    Message {
        id: Id::<()>::new().uuid(),
        subject: C::SUBJECT.to_owned(),
        about: contract.about(),
        version: contract.version(),
        occurred_at: at("2027-01-01T00:00:00Z"),
        headers: std::collections::BTreeMap::new(),
        payload: serde_json::to_value(contract).unwrap(),
    }
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn event_changed(event_id: EventId, version: i64, title: &str) -> EventChanged {
    EventChanged {
        event_id,
        version,
        change: EventChange::Updated,
        reason: None,
        refundable_until: None,
        terms: None,
        event: EventFacts {
            organization_id: OrganizationId::new(),
            slug: "slug".to_owned(),
            title: title.to_owned(),
            status: EventStatus::Published,
            public: Some(true),
            venue_id: VenueId::new(),
            venue_name: "Venue".to_owned(),
            venue_address: "Street 1".to_owned(),
            city: "Vienna".to_owned(),
            layout_id: None,
            starts_at: at("2027-03-13T19:00:00Z"),
            ends_at: at("2027-03-13T22:00:00Z"),
            doors_at: None,
            timezone: "Europe/Vienna".parse().unwrap(),
            currency: Currency::EUR,
            shows_stock: true,
        },
    }
}

/// The mails that came in, as the sandbox tells them.
pub(crate) struct Mailbox {
    pub(crate) sandbox: Sandbox,
    client: reqwest::Client,
}

impl Mailbox {
    pub(crate) async fn open() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    pub(crate) async fn with(options: SandboxOptions) -> Self {
        Self { sandbox: Sandbox::start(options).await.unwrap(), client: reqwest::Client::new() }
    }

    /// Waits until so many mails are there for an address, and gives them.
    pub(crate) async fn mails(&self, to: &str, at_least: usize) -> Vec<Value> {
        let wait = PATIENCE.as_millis();
        let url = format!(
            "{}/sandbox/mails.json?to={}&at_least={at_least}&wait_ms={wait}",
            self.sandbox.http_url(),
            to.replace('+', "%2B")
        );
        let end = tokio::time::Instant::now() + PATIENCE;
        // The sandbox answers after half a minute, whatever has come.
        loop {
            let mails: Vec<Value> = self.client.get(&url).send().await.unwrap().json().await.unwrap();
            if mails.len() >= at_least {
                return mails;
            }
            assert!(tokio::time::Instant::now() < end, "{} of {at_least} mails to {to}", mails.len());
        }
    }

    /// How many mails have come in at all.
    pub(crate) async fn count(&self) -> usize {
        let url = format!("{}/sandbox/mails.json", self.sandbox.http_url());
        self.client.get(url).send().await.unwrap().json::<Vec<Value>>().await.unwrap().len()
    }

    /// A mail's attachment.
    pub(crate) async fn attachment(&self, mail: &Value, name: &str) -> Vec<u8> {
        let attachments = mail["attachments"].as_array().unwrap();
        let found = attachments.iter().find(|one| one["name"] == name).expect(name);
        let url = format!("{}{}", self.sandbox.http_url(), found["url"].as_str().unwrap());
        self.client.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
    }
}

/// What is asked of who is to take the money for an order: it can be paid until an evening in March.
pub(crate) fn to_pay(order_id: OrderId, event_id: EventId, buyer_id: UserId, amount: Money) -> TakePayment {
    TakePayment {
        order_id,
        number: "ODY-7F3K2M".to_owned(),
        event_id,
        buyer_id,
        amount,
        description: "Die Zauberflöte".to_owned(),
        expires_at: "2037-03-13T19:00:00Z".parse().unwrap(),
        organization_id: None,
        fees: None,
        contact: None,
    }
}
