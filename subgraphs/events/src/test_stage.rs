//! A stage for tests of use cases: an organization with its people, a venue, a stopped clock.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    events::{Places, RowPlan, SeatPlan, SectionPlan},
    settings::EventTerms,
    users::{MembershipChanged, Role},
};
use kernel::{Currency, ErrorCode, LayoutId, OrganizationId, StoppedClock, TimeZone, UserId, VenueId};
use messaging::InProcessBus;
use sea_orm::{ConnectionTrait, Statement};
use service::{Database, Foundation, TokenVerifier};
use uuid::Uuid;

use crate::{
    Config, Migrator,
    domain::{
        Address, Category, CreateEvent, CreateVenue, DefineLayout, Drawing, EventAtVenue, EventDetails,
        Events, GeoPoint,
    },
    use_cases,
};

pub(crate) struct Stage {
    pub(crate) events: Events,
    pub(crate) database: Database,
    pub(crate) clock: Arc<StoppedClock>,
    pub(crate) organization: OrganizationId,
    pub(crate) venue: VenueId,
    pub(crate) organizer: UserId,
    pub(crate) colleague: UserId,
    pub(crate) doorman: UserId,
    pub(crate) stranger: UserId,
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(crate) fn details(title: &str) -> EventDetails {
    EventDetails {
        title: title.to_owned(),
        description: "An evening.".to_owned(),
        category: Category::Theatre,
        tags: vec!["Live".to_owned()],
        performers: Vec::new(),
        starts_at: now() + TimeDelta::days(30),
        ends_at: now() + TimeDelta::days(30) + TimeDelta::hours(3),
        doors_at: None,
        currency: Currency::EUR,
        image_url: None,
        shows_stock: true,
        terms: EventTerms::default(),
    }
}

pub(crate) fn code<T>(result: kernel::Result<T>) -> ErrorCode {
    let Err(error) = result else { panic!("this was to be refused") };
    error.refusal().unwrap_or_else(|| panic!("{error:?}")).code
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let database = Database::in_memory::<Migrator>().await.unwrap();
        let clock = Arc::new(StoppedClock::at(now()));
        let foundation = Foundation {
            bus: Arc::new(InProcessBus::new()),
            clock: clock.clone(),
            tokens: TokenVerifier::with_keys(jsonwebtoken::jwk::JwkSet { keys: Vec::new() }, clock.clone()),
        };
        let events = use_cases(&Config::default(), database.clone(), &foundation);
        let organization = OrganizationId::new();
        let [organizer, colleague, doorman, stranger] = [(); 4].map(|()| UserId::new());
        for (user_id, role) in
            [(organizer, Role::Owner), (colleague, Role::Manager), (doorman, Role::Scanner)]
        {
            let change =
                MembershipChanged { organization_id: organization, user_id, version: 1, role: Some(role) };
            events.note_membership(Uuid::new_v4(), &change).await.unwrap();
        }
        let venue = CreateVenue {
            organization_id: organization,
            name: "Volkstheater".to_owned(),
            address: Address {
                street: "Arthur-Schnitzler-Platz 1".to_owned(),
                postal_code: Some("1070".to_owned()),
                city: "Vienna".to_owned(),
                region: None,
                country: "AT".to_owned(),
            },
            location: Some(GeoPoint { lat: 48.205, lon: 16.357 }),
            timezone: TimeZone::parse("timezone", "Europe/Vienna").unwrap(),
            idempotency_key: None,
        };
        let venue = events.create_venue(organizer, venue).await.unwrap().id();
        Self { events, database, clock, organization, venue, organizer, colleague, doorman, stranger }
    }

    pub(crate) async fn layout(&self) -> LayoutId {
        let ask = DefineLayout {
            venue_id: self.venue,
            name: "All".to_owned(),
            sections: vec![SectionPlan {
                key: "S".to_owned(),
                name: "Stalls".to_owned(),
                places: Places::Seated {
                    rows: vec![RowPlan { label: "1".to_owned(), seats: vec![seat("1")] }],
                },
            }],
            drawing: Drawing::default(),
            idempotency_key: None,
        };
        self.events.define_layout(self.organizer, ask).await.unwrap().id
    }

    pub(crate) fn create_event(&self, title: &str, layout_id: Option<LayoutId>) -> CreateEvent {
        CreateEvent {
            organization_id: self.organization,
            venue_id: self.venue,
            layout_id,
            details: details(title),
            idempotency_key: None,
        }
    }

    pub(crate) async fn event(&self, title: &str, layout: Option<LayoutId>) -> EventAtVenue {
        self.events.create_event(self.organizer, self.create_event(title, layout)).await.unwrap()
    }

    /// What waits in the outbox under this subject.
    pub(crate) async fn announced(&self, subject: &str) -> Vec<serde_json::Value> {
        let query = Statement::from_sql_and_values(
            self.database.reads.get_database_backend(),
            "SELECT payload FROM outbox WHERE subject = $1 ORDER BY seq",
            [subject.into()],
        );
        let rows = self.database.reads.query_all_raw(query).await.unwrap();
        let payload = |row: &sea_orm::QueryResult| row.try_get::<String>("", "payload").unwrap();
        rows.iter().map(|row| serde_json::from_str(&payload(row)).unwrap()).collect()
    }
}

pub(crate) fn seat(label: &str) -> SeatPlan {
    SeatPlan {
        key: String::new(),
        label: label.to_owned(),
        x: 0.0,
        y: 0.0,
        accessible: false,
        restricted_view: false,
    }
}
