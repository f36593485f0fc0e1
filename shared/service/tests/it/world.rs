//! A service with a small schema, on a free port.

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, EmptyMutation, Object, Schema, Subscription};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use chrono::{DateTime, Utc};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use futures::{Stream, StreamExt, stream};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::JwkSet};
use kernel::{Clock, Fault, SessionId, SystemClock, UserId};
use messaging::{InProcessBus, Outbox};
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait, prelude::*};
use serde_json::json;
use service::{
    Assembled, Database, Foundation, Running, TokenVerifier,
    database::fault,
    graphql::{self, IntoGraph, require_user},
    tokens::{AUDIENCE, Claims, ISSUER},
};
use tokio::{net::TcpListener, sync::Semaphore};

/// Waits for something that must come.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it comes in time")
}

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(First)]
    }
}

#[derive(DeriveMigrationName)]
struct First;

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves them out, and async_trait tells the difference"
)]
#[async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        messaging::tables::create_all(manager).await?;
        manager
            .get_connection()
            .execute_unprepared("CREATE TABLE things (name TEXT PRIMARY KEY)")
            .await
            .map(|_| ())
    }
}

/// Signs tokens as `users` does.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) key: SigningKey,
    pub(crate) kid: &'static str,
}

impl Signer {
    pub(crate) fn new(seed: u8, kid: &'static str) -> Self {
        Self { key: SigningKey::from_bytes(&[seed; 32]), kid }
    }

    pub(crate) fn published(&self) -> JwkSet {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        let key =
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": x });
        serde_json::from_value(json!({ "keys": [key] })).unwrap()
    }

    pub(crate) fn sign(&self, claims: &impl serde::Serialize) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let der = self.key.to_pkcs8_der().unwrap();
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(der.as_bytes())).unwrap()
    }
}

pub(crate) fn claims(user: UserId, until: DateTime<Utc>) -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user,
        sid: SessionId::new(),
        iat: until.timestamp() - 900,
        exp: until.timestamp(),
        operator: false,
    }
}

/// What the schema of the tests shares with them.
#[derive(Clone)]
pub(crate) struct Gate {
    /// How many slow answers have begun.
    pub(crate) begun: Arc<Semaphore>,
    /// How many may end.
    pub(crate) open: Arc<Semaphore>,
}

pub(crate) struct Query;

#[Object]
impl Query {
    /// Says hello.
    async fn hello(&self, #[graphql(default = 1)] times: u32) -> String {
        "hello ".repeat(times as usize)
    }

    /// Greets somebody.
    async fn greeting(&self, name: String) -> String {
        format!("hello {name}")
    }

    /// From where it is asked, as a resolver and a loader know it.
    async fn client(&self) -> Vec<String> {
        let named = || service::request::client().map_or("nobody".to_owned(), |client| client.to_string());
        let loader = service::request::spawn(async move { named() });
        vec![named(), loader.await.expect("it does not panic")]
    }

    /// Who asks.
    async fn me(&self, context: &Context<'_>) -> async_graphql::Result<String> {
        require_user(context).map(|user| user.to_string())
    }

    /// Answers when the gate opens.
    async fn slow(&self, context: &Context<'_>) -> async_graphql::Result<&str> {
        let gate = context.data::<Gate>()?;
        gate.begun.add_permits(1);
        gate.open.acquire().await?.forget();
        Ok("done")
    }

    /// Breaks.
    async fn broken(&self) -> async_graphql::Result<bool> {
        Err(kernel::Error::from(Fault::new("reading row 7", "secret detail"))).graph()
    }

    /// Breaks for now.
    async fn busy(&self) -> async_graphql::Result<bool> {
        Err(kernel::Error::from(Fault::passing("reading row 7", "secret detail"))).graph()
    }

    /// Panics.
    async fn panics(&self) -> bool {
        let secrets: [&str; 0] = [];
        secrets.first().expect("a secret panic").is_empty()
    }

    /// Deeper.
    async fn query(&self) -> Query {
        Query
    }
}

pub(crate) struct Subscription_;

#[Subscription(name = "Subscription")]
impl Subscription_ {
    /// Tells who listens, and goes on for ever.
    async fn me(&self, context: &Context<'_>) -> async_graphql::Result<impl Stream<Item = String> + use<>> {
        let user = require_user(context)?;
        Ok(stream::iter([user.to_string()]).chain(stream::pending()))
    }

    /// Greets somebody once.
    async fn greetings(&self, name: String) -> impl Stream<Item = String> + use<> {
        stream::iter([format!("hello {name}")])
    }
}

/// A page that writes and reads.
fn things(database: Database) -> Router {
    let page = async |State(database): State<Database>| match write(&database).await {
        Ok(count) => (StatusCode::OK, count.to_string()),
        Err(fault) if fault.passing => (StatusCode::BAD_GATEWAY, fault.chain()),
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, fault.chain()),
    };
    Router::new().route("/api/sample/things", get(page)).with_state(database)
}

/// Writes a thing, and counts them all.
pub(crate) async fn write(database: &Database) -> Result<i64, Fault> {
    let fault = fault("writing a thing");
    let transaction = database.begin().await.map_err(&fault)?;
    let thing = format!("INSERT INTO things VALUES ('{}')", UserId::new());
    transaction.execute_unprepared(&thing).await.map_err(&fault)?;
    let count = Statement::from_string(
        transaction.get_database_backend(),
        "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM things",
    );
    let count = transaction.query_one_raw(count).await.map_err(&fault)?;
    let count = count.expect("a count is a row").try_get("", "n").map_err(&fault)?;
    transaction.commit().await.map_err(&fault)?;
    Ok(count)
}

pub(crate) type Sample = Schema<Query, EmptyMutation, Subscription_>;

pub(crate) fn schema() -> (Sample, Gate) {
    let gate = Gate { begun: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) };
    let schema = graphql::limited(Schema::build(Query, EmptyMutation, Subscription_)).data(gate.clone());
    (schema.finish(), gate)
}

/// A service that listens.
pub(crate) struct World {
    pub(crate) running: Running,
    pub(crate) database: Database,
    pub(crate) bus: Arc<InProcessBus>,
    pub(crate) gate: Gate,
    pub(crate) signer: Signer,
    pub(crate) client: reqwest::Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::on(Database::in_memory::<Migrator>().await.unwrap()).await
    }

    /// On this database, which has the schema.
    pub(crate) async fn on(database: Database) -> Self {
        let signer = Signer::new(7, "k1");
        let (clock, bus) = (Arc::new(SystemClock), Arc::new(InProcessBus::new()));
        let foundation = Foundation {
            bus: bus.clone(),
            tokens: TokenVerifier::with_keys(signer.published(), clock.clone()),
            clock,
        };
        let (schema, gate) = schema();
        let panics =
            Router::new().route("/api/sample/panic", get(async || -> &'static str { panic!("a secret") }));
        let assembled = Assembled {
            name: "sample",
            sdl: graphql::sdl(&schema),
            routes: graphql::endpoint(schema, &foundation).merge(panics).merge(things(database.clone())),
            database: database.clone(),
            outbox: Outbox::default(),
            subjects: Vec::new(),
            handler: None,
            workers: Vec::new(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = assembled.start(listener, &foundation).await.unwrap();
        Self { running, database, bus, gate, signer, client: reqwest::Client::new() }
    }

    pub(crate) fn token(&self, user: UserId) -> String {
        self.signer.sign(&claims(user, SystemClock.now() + chrono::Duration::minutes(15)))
    }

    pub(crate) fn ask(&self, query: &str) -> reqwest::RequestBuilder {
        self.client.post(format!("{}/graphql", self.running.url())).json(&json!({ "query": query }))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let response = self.client.get(format!("{}{path}", self.running.url())).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}
