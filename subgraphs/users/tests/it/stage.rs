//! The service on a database of its own, with a clock that the test moves.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use chrono::{DateTime, Duration, Utc};
use kernel::{SessionId, StoppedClock, UserId};
use messaging::InProcessBus;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::{Caller, Database, Foundation, TokenVerifier};
use testbed::{OwnDatabase, Place, own_database};
use users::{
    Config, ContinueAsGuest, Migrator, Users,
    adapters::inbound::graphql::{UsersSchema, schema},
};

/// A password that is good enough.
pub(crate) const PASSWORD: &str = "odysseus-demo";

pub(crate) struct Stage {
    pub(crate) users: Users,
    pub(crate) schema: UsersSchema,
    pub(crate) database: Database,
    pub(crate) clock: Arc<StoppedClock>,
    _place: Place,
}

pub(crate) const ACCEPT: &str = "mutation($token: String!) { acceptInvitation(token: $token) { id } }";

/// A mail that was asked for.
pub(crate) struct Mailed(pub(crate) Value);

impl Mailed {
    /// What stands behind `#token=` in its link.
    pub(crate) fn token(&self) -> String {
        let link = self.0["kind"]["link"].as_str().unwrap();
        link.split_once("#token=").unwrap().1.to_owned()
    }

    pub(crate) fn kind(&self) -> &str {
        self.0["kind"]["kind"].as_str().unwrap()
    }
}

/// A person who has registered, or is a guest.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) refresh_token: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(&Config::quick()).await
    }

    /// With these settings.
    pub(crate) async fn with(config: &Config) -> Self {
        service::telemetry::log(&service::telemetry::LogSettings::default()).unwrap();
        let OwnDatabase { database, place } = own_database::<Migrator>("users").await;
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Arc::new(StoppedClock::at(now));
        let tokens = TokenVerifier::with_keys(jsonwebtoken::jwk::JwkSet::default(), clock.clone());
        let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock: clock.clone(), tokens };
        let users = users::use_cases(config, database.clone(), &foundation).unwrap();
        Self { schema: schema(users.clone()), users, database, clock, _place: place }
    }

    /// What the graph answers, as JSON.
    pub(crate) async fn ask(&self, caller: Option<UserId>, operation: &str, variables: Value) -> Value {
        self.ask_in(caller.map(|user| (user, SessionId::new())), operation, variables).await
    }

    /// The same, for who calls by this session.
    pub(crate) async fn ask_in(
        &self,
        caller: Option<(UserId, SessionId)>,
        operation: &str,
        variables: Value,
    ) -> Value {
        let mut request = Request::new(operation).variables(Variables::from_json(variables));
        if let Some((user, session)) = caller {
            let until = DateTime::<Utc>::MAX_UTC;
            request = request.data(Caller { user, session, until, operator: false });
        }
        serde_json::to_value(self.schema.execute(request).await).unwrap()
    }

    /// The data, of an operation that must succeed.
    pub(crate) async fn data(&self, caller: Option<UserId>, operation: &str, variables: Value) -> Value {
        let mut answer = self.ask(caller, operation, variables).await;
        assert!(answer.get("errors").is_none(), "{operation}: {answer}");
        answer["data"].take()
    }

    /// The session that the account began last.
    pub(crate) async fn latest_session(&self, of: &Person) -> SessionId {
        let rows = self.rows("SELECT id, account_id FROM sessions ORDER BY created_at DESC, id DESC").await;
        let uuid = |row: &sea_orm::QueryResult, column: &str| row.try_get::<uuid::Uuid>("", column).unwrap();
        let row = rows.iter().find(|row| uuid(row, "account_id") == of.id.uuid()).unwrap();
        SessionId::from_uuid(uuid(row, "id"))
    }

    /// Code and field, of an operation that must be refused.
    pub(crate) async fn refusal(
        &self,
        caller: Option<UserId>,
        operation: &str,
        variables: Value,
    ) -> (String, String) {
        let answer = self.ask(caller, operation, variables).await;
        let extensions = &answer["errors"][0]["extensions"];
        let text = |key: &str| extensions[key].as_str().unwrap_or_default().to_owned();
        assert!(!text("code").is_empty(), "was not refused: {operation}: {answer}");
        (text("code"), text("field"))
    }

    /// The error of an operation that must be refused for this reason: its extensions.
    pub(crate) async fn refused(
        &self,
        caller: Option<UserId>,
        operation: &str,
        variables: Value,
        reason: &str,
    ) -> Value {
        let mut answer = self.ask(caller, operation, variables).await;
        let extensions = answer["errors"][0]["extensions"].take();
        assert_eq!(extensions["reason"], reason, "{operation}: {answer} {extensions}");
        extensions
    }

    pub(crate) async fn register(&self, email: &str) -> Person {
        let operation =
            "mutation($input: RegisterInput!) { register(input: $input) { refreshToken user { id } } }";
        let name = email.split('@').next().unwrap();
        let input = json!({ "input": { "email": email, "password": PASSWORD, "name": name } });
        let data = self.data(None, operation, input).await;
        let payload = &data["register"];
        Person {
            email: email.to_owned(),
            id: payload["user"]["id"].as_str().unwrap().parse().unwrap(),
            refresh_token: payload["refreshToken"].as_str().unwrap().to_owned(),
        }
    }

    /// A guest with this address, who says nothing else.
    pub(crate) async fn guest(&self, email: &str) -> Person {
        let ask = ContinueAsGuest { email: email.to_owned(), ..ContinueAsGuest::default() };
        let guest = self.users.continue_as_guest(ask).await.unwrap();
        Person { email: email.to_owned(), id: guest.profile.id, refresh_token: guest.refresh_token }
    }

    /// Founds an organization and returns its id.
    pub(crate) async fn found(&self, founder: &Person, name: &str) -> String {
        let operation =
            "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { id } }";
        let data = self.data(Some(founder.id), operation, json!({ "input": { "name": name } })).await;
        data["createOrganization"]["id"].as_str().unwrap().to_owned()
    }

    /// Invites a person, who opens the link of the mail.
    pub(crate) async fn enlists(&self, owner: &Person, organization: &str, person: &Person, role: &str) {
        let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { id } }";
        let input = json!({ "organizationId": organization, "email": person.email, "role": role });
        self.data(Some(owner.id), invite, json!({ "input": input })).await;
        let token = self.mailed(&person.email).await.last().unwrap().token();
        self.data(Some(person.id), ACCEPT, json!({ "token": token })).await;
    }

    /// The mails that were asked for so far to this address, in order.
    pub(crate) async fn mailed(&self, to: &str) -> Vec<Mailed> {
        let mails = self.payloads("odysseus.ask.notifications.send_account_mail.v1").await;
        mails.into_iter().map(Mailed).filter(|mail| mail.0["to_email"] == to).collect()
    }

    /// What was told by this subject so far, in order.
    pub(crate) async fn payloads(&self, subject: &str) -> Vec<Value> {
        let query = format!(
            "SELECT CAST(payload AS TEXT) AS payload FROM outbox WHERE subject = '{subject}' ORDER BY seq"
        );
        let rows = self.rows(&query).await;
        let texts = rows.iter().map(|row| row.try_get::<String>("", "payload").unwrap());
        texts.map(|text| serde_json::from_str(&text).unwrap()).collect()
    }

    /// Subjects and versions of what was told so far, in order; mails are no news.
    pub(crate) async fn told(&self) -> Vec<(String, i64)> {
        let query = "SELECT subject, version FROM outbox WHERE subject LIKE 'odysseus.users.%' ORDER BY seq";
        let rows = self.rows(query).await;
        let read = |row: &sea_orm::QueryResult| {
            (row.try_get("", "subject").unwrap(), row.try_get("", "version").unwrap())
        };
        rows.iter().map(read).collect()
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let rows = self.rows(&format!("SELECT COUNT(*) AS rows FROM {table}")).await;
        rows[0].try_get("", "rows").unwrap()
    }

    pub(crate) fn later(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub(crate) async fn runs(&self, statement: &str) {
        self.database.writes.execute_unprepared(statement).await.unwrap();
    }

    pub(crate) async fn rows(&self, query: &str) -> Vec<sea_orm::QueryResult> {
        let backend = self.database.reads.get_database_backend();
        self.database.reads.query_all_raw(Statement::from_string(backend, query)).await.unwrap()
    }
}
