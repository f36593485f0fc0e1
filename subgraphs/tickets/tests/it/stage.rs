//! The service on a database of its own, with a hall of two rows and a standing area, an event on sale, and
//! whoever is asked by the purchase.

mod invariants;

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Variables};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    Announcement, Contract,
    events::{
        EventChange, EventChanged, EventFacts, EventStatus, LayoutDefined, Places, RowPlan, SeatPlan,
        SectionPlan,
    },
    purchase::{
        IfPaid, Outcome, PurchaseReply, PurchaseStep, ReturnPayment, SendConfirmation, TakePayment, Way,
    },
    users::{MembershipChanged, Role},
};
use kernel::{
    Currency, EventId, Id, LayoutId, Money, OrganizationId, SessionId, StoppedClock, SystemClock, TimeZone,
    UserId, VenueId,
};
use messaging::{Handler, InProcessBus, Message};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use service::{Caller, Database, Foundation};
use testbed::{OwnDatabase, Place, Signer, own_database};
use tickets::{
    Config, Migrator,
    adapters::inbound::graphql::{Surroundings, TicketsSchema, schema},
    domain::{
        entities::{Attendee, NewTier, Order, OrderStatus, Reservation, Wish, Wishes},
        use_cases::{BlockSeats, Checkout, CreateTicketType, HoldSeats, Tickets},
    },
};

pub(crate) const STALLS: &str = "STALLS";
pub(crate) const FLOOR: &str = "FLOOR";
/// Seats 0 to 19 are the stalls, in two rows of ten.
pub(crate) const SEATS: u32 = 20;
pub(crate) const STANDING: u32 = 30;

/// How `payments` behaves in a test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payments {
    /// The money comes at once.
    Pay,
    /// Nobody pays; what is to be returned was never there.
    Wait,
    /// Nobody hears that the money came until it is to be returned.
    PaidUnnoticed,
}

pub(crate) struct Stage {
    pub(crate) tickets: Tickets,
    pub(crate) schema: TicketsSchema,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) routes: axum::Router,
    pub(crate) signer: Signer,
    /// What the service takes the time to be; its database has its own.
    pub(crate) clock: Arc<StoppedClock>,
    pub(crate) database: Database,
    pub(crate) event: EventId,
    pub(crate) organizer: UserId,
    pub(crate) layout: LayoutId,
    pub(crate) organization: OrganizationId,
    _place: Place,
}

impl Stage {
    /// An event on sale, with everything as in production.
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// An event on sale, with these settings. Nothing is tidied up by itself.
    pub(crate) async fn with(config: Config) -> Self {
        let stage = Self::empty(config).await;
        stage.hear(&stage.layout_defined()).await;
        stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
        stage
    }

    /// Nothing but an organization.
    pub(crate) async fn empty(config: Config) -> Self {
        let OwnDatabase { database, place } = own_database::<Migrator>("tickets").await;
        let clock = Arc::new(StoppedClock::at(now()));
        let signer = Signer::new(clock.clone());
        let tokens = signer.verifier();
        let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock: clock.clone(), tokens };
        let (tickets, _) = tickets::use_cases(&config, &database, &foundation).await.unwrap();
        let wallet = config.wallet.as_ref().map(|wallet| tickets::GoogleWallet::of(wallet).unwrap());
        let surroundings = Surroundings::new(&tickets, foundation.bus.clone(), config.public_url.clone());
        let surroundings = surroundings.with_wallet(wallet);
        let assembled = tickets::assemble(config, database.clone(), &foundation).await.unwrap();
        let stage = Self {
            schema: schema(Some((tickets.clone(), surroundings))),
            tickets,
            handler: assembled.handler.unwrap(),
            routes: assembled.routes,
            signer,
            clock,
            database,
            event: EventId::new(),
            organizer: UserId::new(),
            layout: LayoutId::new(),
            organization: OrganizationId::new(),
            _place: place,
        };
        stage
            .hear(&MembershipChanged {
                organization_id: stage.organization,
                user_id: stage.organizer,
                version: 1,
                role: Some(Role::Owner),
            })
            .await;
        stage
    }

    pub(crate) fn layout_defined(&self) -> LayoutDefined {
        let row = |label: &str, y: f32| RowPlan {
            label: label.to_owned(),
            seats: (1..=10_u8)
                .map(|place| SeatPlan {
                    key: format!("{STALLS}-{label}-{place}"),
                    label: place.to_string(),
                    x: f32::from(place),
                    y,
                    accessible: place == 1,
                    restricted_view: false,
                })
                .collect(),
        };
        LayoutDefined {
            layout_id: self.layout,
            venue_id: VenueId::new(),
            organization_id: self.organization,
            name: "Hall".to_owned(),
            sections: vec![
                SectionPlan {
                    key: STALLS.to_owned(),
                    name: "Stalls".to_owned(),
                    places: Places::Seated { rows: vec![row("A", 1.0), row("B", 2.0)] },
                },
                SectionPlan {
                    key: FLOOR.to_owned(),
                    name: "Floor".to_owned(),
                    places: Places::GeneralAdmission { capacity: STANDING },
                },
            ],
            focal_point: None,
        }
    }

    pub(crate) fn event_changed(
        &self,
        version: i64,
        change: EventChange,
        status: EventStatus,
    ) -> EventChanged {
        let starts_at: DateTime<Utc> = now() + TimeDelta::days(30);
        EventChanged {
            event_id: self.event,
            version,
            change,
            reason: None,
            refundable_until: None,
            terms: None,
            event: EventFacts {
                organization_id: self.organization,
                slug: "an-evening".to_owned(),
                title: "An evening".to_owned(),
                status,
                public: None,
                venue_id: VenueId::new(),
                venue_name: "Hall".to_owned(),
                venue_address: "1 Road\nTown".to_owned(),
                city: "Town".to_owned(),
                layout_id: Some(self.layout),
                starts_at,
                ends_at: starts_at + TimeDelta::hours(3),
                doors_at: None,
                timezone: TimeZone::UTC,
                currency: Currency::EUR,
                shows_stock: true,
            },
        }
    }

    /// Somebody with a role in the organization.
    pub(crate) async fn member(&self, role: Role) -> UserId {
        let user_id = UserId::new();
        let organization_id = self.organization;
        self.hear(&MembershipChanged { organization_id, user_id, version: 1, role: Some(role) }).await;
        user_id
    }

    /// Delivers a contract as the bus does: twice.
    pub(crate) async fn hear<C: Contract>(&self, contract: &C) {
        let told = Announcement::of(contract);
        self.deliver(&message(told.subject, told.about, told.version, told.payload)).await.unwrap();
    }

    pub(crate) async fn deliver(&self, message: &Message) -> kernel::Result<()> {
        self.handler.handle(message).await?;
        self.handler.handle(message).await
    }

    /// A ticket type at 10 euros for these sections.
    pub(crate) async fn sells(&self, name: &str, sections: &[&str]) -> kernel::TicketTypeId {
        self.sells_at(name, sections, 1000).await
    }

    pub(crate) async fn sells_at(&self, name: &str, sections: &[&str], cents: i64) -> kernel::TicketTypeId {
        let made = self.tickets.create_ticket_type(self.ticket_type(name, sections, cents)).await.unwrap();
        made.state().id
    }

    pub(crate) fn ticket_type(&self, name: &str, sections: &[&str], cents: i64) -> CreateTicketType {
        CreateTicketType {
            by: self.organizer,
            event: self.event,
            name: name.to_owned(),
            description: String::new(),
            sections: sections.iter().map(|key| (*key).to_owned()).collect(),
            tiers: vec![NewTier {
                name: "Normal".to_owned(),
                price: Money::new(cents, Currency::EUR),
                from: None,
                until: None,
                quota: None,
            }],
            quota: None,
            sales_start: None,
            sales_end: None,
            min_per_order: 1,
            max_per_order: 50,
            limit_per_buyer: None,
            restrictions: Vec::new(),
            access_code: None,
            tax: None,
            idempotency_key: None,
        }
    }

    pub(crate) fn seats(&self, buyer: UserId, seats: &[u32]) -> HoldSeats {
        let wishes = seats.iter().map(|number| Wish::Seat { number: *number, ticket_type: None }).collect();
        self.wishes(buyer, wishes)
    }

    pub(crate) fn standing(
        &self,
        buyer: UserId,
        ticket_type: kernel::TicketTypeId,
        quantity: u32,
    ) -> HoldSeats {
        self.wishes(buyer, vec![Wish::Standing { ticket_type, quantity }])
    }

    pub(crate) fn wishes(&self, buyer: UserId, wishes: Vec<Wish>) -> HoldSeats {
        HoldSeats {
            buyer,
            event: self.event,
            wishes: Wishes { wishes, access_code: None },
            idempotency_key: Id::<()>::new().to_string(),
        }
    }

    /// The organizer keeps seats back.
    pub(crate) async fn blocks(&self, seats: &[u32], reason: Option<&str>) {
        let reason = reason.map(ToOwned::to_owned);
        let (by, event, seats) = (self.organizer, self.event, seats.to_vec());
        self.tickets.block_seats(BlockSeats { by, event, seats, blocked: true, reason }).await.unwrap();
    }

    pub(crate) async fn holds(&self, buyer: UserId, seats: &[u32]) -> kernel::Result<Reservation> {
        self.tickets.hold_seats(self.seats(buyer, seats)).await
    }

    pub(crate) async fn checks_out(&self, reservation: &Reservation) -> Order {
        self.tickets.checkout(Self::checkout(reservation)).await.unwrap().0
    }

    pub(crate) fn checkout(reservation: &Reservation) -> Checkout {
        Checkout {
            buyer: reservation.state().buyer,
            reservation: reservation.state().id,
            attendees: vec![Attendee { name: "Ada".to_owned(), email: "ada@example.org".to_owned() }],
            items: Vec::new(),
            contact: None,
            accepted_terms: None,
            idempotency_key: Id::<()>::new().to_string(),
        }
    }

    /// The clock of sagas looks once: how long until something is due.
    pub(crate) async fn ticks(&self) -> Duration {
        saga::clock::tick(&self.database, &self.tickets).await.unwrap()
    }

    /// Carries what was told until nothing is told any more; every message twice. What is asked of others is
    /// answered. The confirmations that were asked for.
    pub(crate) async fn carry(&self, payments: Payments) -> Vec<SendConfirmation> {
        let mut confirmations = Vec::new();
        loop {
            let waiting = self.waiting().await;
            if waiting.is_empty() {
                return confirmations;
            }
            for message in waiting {
                self.deliver(&message).await.unwrap();
                confirmations.extend(self.answers(&message, payments).await);
            }
        }
    }

    /// Delivers a message as the bus mostly does.
    pub(crate) async fn deliver_once(&self, message: &Message) {
        self.handler.handle(message).await.unwrap();
    }

    /// Answers what is asked of others; the confirmation that is asked for, if it is one.
    pub(crate) async fn answers(&self, message: &Message, payments: Payments) -> Option<SendConfirmation> {
        if let Some(ask) = message.read::<TakePayment>().unwrap() {
            if payments == Payments::Pay {
                self.answer(ask.order_id, PurchaseStep::TakePayment, Way::Do, Outcome::Done).await;
            }
        } else if let Some(ask) = message.read::<ReturnPayment>().unwrap() {
            let stands = payments == Payments::PaidUnnoticed && ask.if_paid == IfPaid::Keep;
            let outcome = if stands { Outcome::Stands } else { Outcome::Done };
            self.answer(ask.order_id, PurchaseStep::TakePayment, Way::Undo, outcome).await;
        } else if let Some(ask) = message.read::<SendConfirmation>().unwrap() {
            self.answer(ask.order_id, PurchaseStep::SendConfirmation, Way::Do, Outcome::Done).await;
            return Some(ask);
        }
        None
    }

    async fn answer(&self, order_id: kernel::OrderId, step: PurchaseStep, way: Way, outcome: Outcome) {
        self.hear(&PurchaseReply { order_id, step, way, outcome }).await;
    }

    /// Takes what is in the outbox.
    pub(crate) async fn waiting(&self) -> Vec<Message> {
        let backend = self.database.writes.get_database_backend();
        let select =
            "SELECT seq, id, subject, about, version, payload FROM outbox WHERE sent_at IS NULL ORDER BY seq";
        let rows = self.database.writes.query_all_raw(Statement::from_string(backend, select)).await.unwrap();
        let mut messages = Vec::new();
        for row in rows {
            let payload: String = row.try_get("", "payload").unwrap();
            let mut waiting = message(
                &row.try_get::<String>("", "subject").unwrap(),
                row.try_get("", "about").unwrap(),
                row.try_get("", "version").unwrap(),
                serde_json::from_str(&payload).unwrap(),
            );
            waiting.id = row.try_get("", "id").unwrap();
            messages.push(waiting);
        }
        self.database
            .writes
            .execute_unprepared("UPDATE outbox SET sent_at = 1 WHERE sent_at IS NULL")
            .await
            .unwrap();
        messages
    }

    pub(crate) async fn status(&self, order: &Order) -> OrderStatus {
        self.tickets.reads().order(order.state().id).await.unwrap().unwrap().order.status
    }

    /// Forgets what its age says.
    pub(crate) async fn forgets(&self) {
        let now = service::database::now(&self.database.reads).await.unwrap();
        service::retention::forget_once("tickets", &self.database, &tickets::AGES, now).await.unwrap();
    }

    /// All idempotency keys are older than they were.
    pub(crate) async fn keys_age_by(&self, time: TimeDelta) {
        let age = format!("UPDATE idempotency_keys SET at = at - {}", time.num_milliseconds());
        self.database.writes.execute_unprepared(&age).await.unwrap();
    }

    /// All lines of the seat map's log are older than they were.
    pub(crate) async fn log_ages_by(&self, time: TimeDelta) {
        let age = format!("UPDATE seat_changes SET at = at - {}", time.num_milliseconds());
        self.database.writes.execute_unprepared(&age).await.unwrap();
    }

    /// Waits until `done`, for at most ten seconds.
    pub(crate) async fn until<T>(&self, what: &str, mut done: impl AsyncFnMut() -> Option<T>) -> T {
        let patience = tokio::time::Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(found) = done().await {
                return found;
            }
            assert!(tokio::time::Instant::now() < patience, "{what} never happened");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What the graph answers, as JSON.
    pub(crate) async fn ask(&self, caller: Option<UserId>, operation: &str, variables: Value) -> Value {
        self.ask_as(caller.map(person), operation, variables).await
    }

    /// The same, of anybody.
    pub(crate) async fn ask_as(&self, caller: Option<Caller>, operation: &str, variables: Value) -> Value {
        let mut request = Request::new(operation).variables(Variables::from_json(variables));
        if let Some(caller) = caller {
            request = request.data(caller);
        }
        serde_json::to_value(self.schema.execute(request).await).unwrap()
    }

    /// The data, of an operation that must succeed.
    pub(crate) async fn data(&self, caller: Option<UserId>, operation: &str, variables: Value) -> Value {
        let mut answer = self.ask(caller, operation, variables).await;
        assert!(answer.get("errors").is_none(), "{operation}: {answer}");
        answer["data"].take()
    }
}

/// A person as access tokens name them.
pub(crate) fn person(user: UserId) -> Caller {
    Caller { user, session: SessionId::new(), until: DateTime::<Utc>::MAX_UTC, operator: false }
}

/// A person who gives support.
pub(crate) fn operator(user: UserId) -> Caller {
    Caller { operator: true, ..person(user) }
}

pub(crate) fn now() -> DateTime<Utc> {
    kernel::Clock::now(&SystemClock)
}

pub(crate) fn message(subject: &str, about: uuid::Uuid, version: i64, payload: Value) -> Message {
    Message {
        id: Id::<()>::new().uuid(),
        subject: subject.to_owned(),
        about,
        version,
        occurred_at: now(),
        headers: std::collections::BTreeMap::new(),
        payload,
    }
}

/// The refusal's code.
pub(crate) fn code<T: std::fmt::Debug>(outcome: kernel::Result<T>) -> &'static str {
    outcome.unwrap_err().refusal().expect("a refusal").code.as_str()
}
