//! The schema over a database of its own, an organization with its people, and verbs to act with.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use contracts::users::{MembershipChanged, Role};
use events::{
    Config, Events, Migrator,
    adapters::inbound::graphql::{Schema, schema},
    use_cases,
};
use kernel::{Clock, OrganizationId, SessionId, SystemClock, UserId};
use messaging::InProcessBus;
use serde_json::{Value, json};
use service::{Caller, Database, Foundation, TokenVerifier};
use testbed::{OwnDatabase, Place, own_database};
use uuid::Uuid;

pub(crate) struct Graph {
    pub(crate) schema: Schema,
    pub(crate) events: Events,
    pub(crate) database: Database,
    pub(crate) organization: OrganizationId,
    pub(crate) organizer: UserId,
    pub(crate) scanner: UserId,
    pub(crate) stranger: UserId,
    _place: Place,
}

/// Fields of an event that most tests look at.
pub(crate) const EVENT: &str = "id slug title status tags category timezone currency cancelReason \
    startsAt endsAt doorsAt imageUrl showsStock description layout { id } venue { id name } organization { id }";

impl Graph {
    pub(crate) async fn start() -> Self {
        let OwnDatabase { database, place } = own_database::<Migrator>("events").await;
        let events = use_cases(&Config::default(), database.clone(), &foundation());
        let organization = OrganizationId::new();
        let [organizer, scanner, stranger] = [(); 3].map(|()| UserId::new());
        let graph = Self {
            schema: schema(events.clone(), "https://tickets.example"),
            events,
            database,
            organization,
            organizer,
            scanner,
            stranger,
            _place: place,
        };
        graph.join(organization, organizer, Role::Manager).await;
        graph.join(organization, scanner, Role::Scanner).await;
        graph.join(OrganizationId::new(), graph.stranger, Role::Owner).await;
        graph
    }

    /// A person gets a role.
    pub(crate) async fn join(&self, organization_id: OrganizationId, user_id: UserId, role: Role) {
        let change = MembershipChanged { organization_id, user_id, version: 1, role: Some(role) };
        self.events.note_membership(Uuid::new_v4(), &change).await.unwrap();
    }

    /// The whole answer: `data` and `errors`.
    pub(crate) async fn ask(&self, who: Option<UserId>, query: &str, variables: Value) -> Value {
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        if let Some(user) = who {
            let until = SystemClock.now() + TimeDelta::hours(1);
            request = request.data(Caller { user, session: SessionId::new(), until, operator: false });
        }
        serde_json::to_value(self.schema.execute(request).await).unwrap()
    }

    /// The data of an answer without errors.
    pub(crate) async fn data(&self, who: Option<UserId>, query: &str, variables: Value) -> Value {
        let answer = self.ask(who, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].clone()
    }

    /// The code and field of the first error.
    pub(crate) async fn refused(
        &self,
        who: Option<UserId>,
        query: &str,
        variables: Value,
    ) -> (String, String) {
        let answer = self.ask(who, query, variables).await;
        let error = &answer["errors"][0]["extensions"];
        assert!(error["code"].is_string(), "this was to be refused: {answer:#}");
        (error["code"].as_str().unwrap().to_owned(), error["field"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn venue_input(&self) -> Value {
        json!({
            "organizationId": self.organization.to_string(),
            "name": "Volkstheater",
            "address": { "street": "Arthur-Schnitzler-Platz 1", "postalCode": "1070", "city": "Vienna", "countryCode": "AT" },
            "location": { "lat": 48.205, "lon": 16.357 },
            "timezone": "Europe/Vienna",
        })
    }

    pub(crate) async fn venue(&self, change: Value) -> String {
        let input = merged(self.venue_input(), change);
        let data = self.data(Some(self.organizer), CREATE_VENUE, json!({ "input": input })).await;
        data["createVenue"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn layout(&self, venue: &str) -> String {
        let input = layout_input(venue);
        let data = self.data(Some(self.organizer), CREATE_LAYOUT, json!({ "input": input })).await;
        data["createVenueLayout"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn event_input(&self, venue: &str) -> Value {
        json!({
            "organizationId": self.organization.to_string(),
            "venueId": venue,
            "title": "Die Fledermaus",
            "description": "Operetta in three acts.",
            "category": "CLASSICAL",
            "tags": ["Operetta"],
            "startsAt": in_days(30),
            "endsAt": in_days(31),
            "currency": "EUR",
        })
    }

    pub(crate) async fn event(&self, venue: &str, change: Value) -> Value {
        let input = merged(self.event_input(venue), change);
        let data = self.data(Some(self.organizer), &create_event(), json!({ "input": input })).await;
        data["createEvent"].clone()
    }

    /// An event that everybody sees.
    pub(crate) async fn published(&self, venue: &str, layout: &str, change: Value) -> Value {
        let event = self.event(venue, merged(json!({ "layoutId": layout }), change)).await;
        let publish = format!("mutation($id: ID!) {{ publishEvent(id: $id) {{ {EVENT} }} }}");
        let data = self.data(Some(self.organizer), &publish, json!({ "id": event["id"] })).await;
        data["publishEvent"].clone()
    }
}

pub(crate) fn foundation() -> Foundation {
    let clock = Arc::new(SystemClock);
    Foundation {
        bus: Arc::new(InProcessBus::new()),
        clock: clock.clone(),
        tokens: TokenVerifier::with_keys(jsonwebtoken::jwk::JwkSet { keys: Vec::new() }, clock),
    }
}

pub(crate) const CREATE_VENUE: &str = "mutation($input: CreateVenueInput!) { createVenue(input: $input) { id name timezone \
    location { lat lon } address { street postalCode city region countryCode } layouts { id } } }";

pub(crate) const CREATE_LAYOUT: &str = "mutation($input: CreateVenueLayoutInput!) { createVenueLayout(input: $input) { \
    id name capacity sections { key name kind capacity rows { label seats { key label x y accessible restrictedView } } } } }";

pub(crate) const CANCEL: &str =
    "mutation($input: CancelEventInput!) { cancelEvent(input: $input) { id status cancelReason } }";

pub(crate) fn create_event() -> String {
    format!("mutation($input: CreateEventInput!) {{ createEvent(input: $input) {{ {EVENT} }} }}")
}

pub(crate) fn layout_input(venue: &str) -> Value {
    json!({
        "venueId": venue,
        "name": "Seated",
        "sections": [
            {
                "key": "ST", "name": "Stalls", "kind": "SEATED",
                "rows": [{ "label": "A", "seats": [
                    { "label": "1", "x": 1.5, "y": 2, "accessible": true },
                    { "label": "2", "x": 2.5, "y": 2, "restrictedView": true, "key": "special" },
                ] }],
            },
            { "key": "FL", "name": "Floor", "kind": "GENERAL_ADMISSION", "capacity": 300 },
        ],
    })
}

/// `days` from now, as clients write it.
pub(crate) fn in_days(days: i64) -> String {
    at(SystemClock.now() + TimeDelta::days(days))
}

pub(crate) fn at(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The object with fields of another put in or replaced; null takes a field away.
pub(crate) fn merged(mut into: Value, change: Value) -> Value {
    if let (Some(into), Value::Object(change)) = (into.as_object_mut(), change) {
        for (key, value) in change {
            if value.is_null() {
                into.remove(&key);
            } else {
                into.insert(key, value);
            }
        }
    }
    into
}
