//! An event with two ticket types, and everything that may be told of it.

use std::sync::Arc;

use analytics::{Analytics, Config, Migrator, adapters::inbound::Hearer};
use chrono::{DateTime, Duration, Utc};
use contracts::{
    Announcement, Contract,
    events::{EventChange, EventChanged, EventFacts, EventStatus},
    payments::{PaymentDeclined, PaymentRefunded, PaymentSucceeded},
    purchase::EventOnTicket,
    tickets::{
        InventoryOpened, OrderEnd, OrderEnded, OrderPlaced, OrderRefunded, PlacesHeld, ReservationEnded,
        SoldLine, TicketCheckedIn, TicketTypeChanged, TicketsIssued,
    },
    users::{MembershipChanged, Role},
};
use futures::future::join_all;
use kernel::{
    Currency, EventId, Money, OrderId, OrganizationId, PaymentId, RefundId, ReservationId, SessionId,
    SystemClock, TicketId, TicketTypeId, TimeZone, UserId, VenueId,
};
use messaging::{Handler, InProcessBus, Message};
use serde_json::{Value, json};
use service::{Caller, Database, Foundation};
use testbed::{OwnDatabase, Place, Signer, own_database};
use uuid::Uuid;

pub(crate) const EUR: Currency = Currency::EUR;
pub(crate) const CAPACITY: u32 = 500;

/// The service, without its endpoint.
pub(crate) struct World {
    pub(crate) analytics: Analytics,
    pub(crate) database: Database,
    hearer: Hearer,
    place: Place,
}

pub(crate) fn signer() -> Signer {
    Signer::new(Arc::new(SystemClock))
}

/// A bus of its own, and logins that this signer signs.
pub(crate) fn foundation(signer: &Signer) -> Foundation {
    let (bus, clock) = (Arc::new(InProcessBus::new()), Arc::new(SystemClock));
    Foundation { bus, clock, tokens: signer.verifier() }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::over(own_database::<Migrator>("analytics").await, &foundation(&signer()))
    }

    pub(crate) fn over(OwnDatabase { database, place }: OwnDatabase, foundation: &Foundation) -> Self {
        let analytics = analytics::use_cases(&Config::default(), &database, foundation);
        let hearer = Hearer::new(analytics.clone(), std::time::Duration::ZERO);
        Self { analytics, database, hearer, place }
    }

    /// Another replica over the same data, that hears no announcement of this one.
    pub(crate) fn deaf_replica(&self) -> Self {
        Self::over(
            OwnDatabase { database: self.database.clone(), place: self.place.clone() },
            &foundation(&signer()),
        )
    }

    pub(crate) async fn hear(&self, message: &Message) -> kernel::Result<()> {
        self.hearer.handle(message).await
    }

    pub(crate) async fn hear_all(&self, messages: &[Message]) {
        for message in messages {
            self.hear(message).await.unwrap();
        }
    }

    /// What becomes of messages that are heard at the same moment.
    pub(crate) async fn hear_at_once(&self, messages: &[Message]) -> Vec<kernel::Result<()>> {
        join_all(messages.iter().map(|message| self.hear(message))).await
    }

    /// What the graph answers to a person.
    pub(crate) async fn ask(&self, user: Option<UserId>, query: &str, variables: Value) -> Value {
        let request =
            async_graphql::Request::new(query).variables(async_graphql::Variables::from_json(variables));
        let request = with_caller(request, user);
        serde_json::to_value(analytics::graph(self.analytics.clone()).execute(request).await).unwrap()
    }

    /// The fields of an event's report, or the error's code.
    pub(crate) async fn sales(
        &self,
        user: Option<UserId>,
        event: &str,
        fields: &str,
    ) -> Result<Value, Value> {
        let query = format!(
            "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Event {{ id sales {{ {fields} }} }} }} }}"
        );
        let of = json!({ "of": [{ "__typename": "Event", "id": event }] });
        let mut answer = self.ask(user, &query, of).await;
        match answer.get_mut("errors") {
            Some(errors) => Err(errors[0]["extensions"].take()),
            None => Ok(answer["data"]["_entities"][0]["sales"].take()),
        }
    }
}

pub(crate) fn with_caller(request: async_graphql::Request, user: Option<UserId>) -> async_graphql::Request {
    let until = DateTime::<Utc>::MAX_UTC;
    match user {
        Some(user) => request.data(Caller { user, session: SessionId::new(), until, operator: false }),
        None => request,
    }
}

/// A contract as it comes from the bus.
pub(crate) fn message<C: Contract>(contract: &C) -> Message {
    let announcement = Announcement::of(contract);
    Message {
        id: Uuid::new_v4(),
        subject: announcement.subject.to_owned(),
        about: announcement.about,
        version: announcement.version,
        occurred_at: DateTime::UNIX_EPOCH,
        headers: std::collections::BTreeMap::new(),
        payload: announcement.payload,
    }
}

/// An event of which things are told.
pub(crate) struct Show {
    pub(crate) event: EventId,
    pub(crate) organization: OrganizationId,
    pub(crate) organizer: UserId,
    pub(crate) types: [TicketTypeId; 2],
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl Show {
    pub(crate) fn new() -> Self {
        Self {
            event: EventId::new(),
            organization: OrganizationId::new(),
            organizer: UserId::new(),
            types: [TicketTypeId::new(), TicketTypeId::new()],
        }
    }

    /// Everything but the sales: what came first is told first.
    pub(crate) fn prologue(&self) -> Vec<Message> {
        vec![
            self.member(self.organizer, 1, Some(Role::Scanner)),
            self.member(self.organizer, 2, Some(Role::Manager)),
            self.changed(1, EventChange::Created, EventStatus::Draft, "Europe/London"),
            self.named(0, 1, "Stalls"),
            self.named(1, 1, "Circle"),
            self.changed(2, EventChange::Published, EventStatus::Published, "Europe/Vienna"),
            message(&InventoryOpened {
                event_id: self.event,
                organization_id: self.organization,
                capacity: CAPACITY,
            }),
            self.named(1, 2, "Dress circle"),
        ]
    }

    pub(crate) fn member(&self, user: UserId, version: i64, role: Option<Role>) -> Message {
        message(&MembershipChanged { organization_id: self.organization, user_id: user, version, role })
    }

    pub(crate) fn changed(
        &self,
        version: i64,
        change: EventChange,
        status: EventStatus,
        zone: &str,
    ) -> Message {
        message(&self.change(version, change, status, zone))
    }

    /// The event is called off, which was shown to everybody before or was not.
    pub(crate) fn called_off(&self, version: i64, shown: Option<bool>) -> Message {
        let mut change = self.change(version, EventChange::Cancelled, EventStatus::Cancelled, "UTC");
        change.event.public = shown;
        message(&change)
    }

    fn change(&self, version: i64, change: EventChange, status: EventStatus, zone: &str) -> EventChanged {
        let starts_at = at("2026-12-24T19:00:00Z");
        EventChanged {
            event_id: self.event,
            version,
            change,
            reason: None,
            refundable_until: None,
            terms: None,
            event: EventFacts {
                organization_id: self.organization,
                slug: "the-tempest".to_owned(),
                title: "The Tempest".to_owned(),
                status,
                public: Some(status != EventStatus::Draft),
                venue_id: VenueId::from_uuid(self.event.uuid()),
                venue_name: "Old Theatre".to_owned(),
                venue_address: "1 Strand".to_owned(),
                city: "Vienna".to_owned(),
                layout_id: None,
                starts_at,
                ends_at: starts_at + Duration::hours(3),
                doors_at: None,
                timezone: TimeZone::parse("timezone", zone).unwrap(),
                currency: EUR,
                shows_stock: true,
            },
        }
    }

    pub(crate) fn named(&self, index: usize, version: i64, name: &str) -> Message {
        message(&TicketTypeChanged {
            ticket_type_id: self.types[index],
            event_id: self.event,
            version,
            name: name.to_owned(),
            lowest_price: Money::new(1000, EUR),
            highest_price: Money::new(4000, EUR),
            hidden: false,
        })
    }

    /// A reservation that ends without an order.
    pub(crate) fn given_up(&self, expired: bool) -> Vec<Message> {
        let (hold, reservation_id) = self.hold(at("2026-11-01T10:00:00Z"));
        let ended = ReservationEnded {
            reservation_id,
            event_id: self.event,
            expired,
            at: at("2026-11-01T10:15:00Z"),
        };
        vec![hold, message(&ended)]
    }

    fn hold(&self, at: DateTime<Utc>) -> (Message, ReservationId) {
        let reservation_id = ReservationId::new();
        let held = PlacesHeld {
            reservation_id,
            event_id: self.event,
            buyer_id: UserId::new(),
            quantity: 2,
            expires_at: at + Duration::minutes(15),
            at,
        };
        (message(&held), reservation_id)
    }

    pub(crate) fn purchase(&self, at: DateTime<Utc>, currency: Currency) -> Purchase<'_> {
        Purchase {
            show: self,
            order: OrderId::new(),
            buyer: UserId::new(),
            payment: PaymentId::new(),
            at,
            currency,
        }
    }

    /// A purchase of two tickets in the stalls at 40.00 with fees of 3.00, from hold to tickets.
    pub(crate) fn sold(&self, at: DateTime<Utc>) -> Vec<Message> {
        let purchase = self.purchase(at, EUR);
        let mut told = purchase.placed(8300);
        told.push(purchase.paid(8300));
        told.push(purchase.issued(8300, 300, &[(0, 2, 8000)]));
        told
    }
}

/// What is told of an order.
pub(crate) struct Purchase<'a> {
    show: &'a Show,
    pub(crate) order: OrderId,
    buyer: UserId,
    payment: PaymentId,
    at: DateTime<Utc>,
    currency: Currency,
}

impl Purchase<'_> {
    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    pub(crate) fn placed(&self, total: i64) -> Vec<Message> {
        let (hold, reservation_id) = self.show.hold(self.at);
        let placed = OrderPlaced {
            order_id: self.order,
            number: "ODY-1".to_owned(),
            reservation_id,
            event_id: self.show.event,
            buyer_id: self.buyer,
            quantity: 2,
            total: self.money(total),
            at: self.at,
        };
        vec![hold, message(&placed)]
    }

    pub(crate) fn declined(&self, attempt: u32) -> Message {
        message(&PaymentDeclined {
            payment_id: self.payment,
            order_id: self.order,
            event_id: self.show.event,
            buyer_id: self.buyer,
            attempt,
            decline_code: "insufficient_funds".to_owned(),
            at: self.at + Duration::seconds(attempt.into()),
        })
    }

    pub(crate) fn paid(&self, amount: i64) -> Message {
        message(&PaymentSucceeded {
            payment_id: self.payment,
            order_id: self.order,
            event_id: self.show.event,
            buyer_id: self.buyer,
            amount: self.money(amount),
            at: self.at + Duration::minutes(1),
        })
    }

    /// Lines are ticket type, number of tickets, their price together.
    pub(crate) fn issued(&self, total: i64, fees: i64, lines: &[(usize, u32, i64)]) -> Message {
        message(&TicketsIssued {
            order_id: self.order,
            event_id: self.show.event,
            organization_id: None,
            buyer_id: self.buyer,
            total: self.money(total),
            fees: self.money(fees),
            tax: None,
            absorbed: None,
            lines: self.lines(lines),
            at: self.at + Duration::minutes(2),
        })
    }

    fn lines(&self, lines: &[(usize, u32, i64)]) -> Vec<SoldLine> {
        let line = |(index, quantity, amount): &(usize, u32, i64)| SoldLine {
            ticket_type_id: self.show.types[*index],
            name: ["Stalls", "Circle"][*index].to_owned(),
            quantity: *quantity,
            amount: self.money(*amount),
        };
        lines.iter().map(line).collect()
    }

    pub(crate) fn ended(&self, how: OrderEnd) -> Message {
        message(&OrderEnded {
            order_id: self.order,
            event_id: self.show.event,
            buyer_id: self.buyer,
            how,
            called_off: false,
            at: self.at + Duration::minutes(20),
        })
    }

    /// Money that somebody returned who knows nothing of tickets.
    pub(crate) fn refunded(&self, amount: i64, in_all: i64) -> Message {
        message(&self.money_back(RefundId::new(), amount, in_all))
    }

    /// Tickets that an organizer refunds, and their money, if there is any. Lines are those of [`Purchase::issued`].
    pub(crate) fn took_back(&self, in_all: i64, lines: &[(usize, u32, i64)]) -> Vec<Message> {
        let (refund_id, amount) = (RefundId::new(), lines.iter().map(|(_, _, amount)| amount).sum());
        let (show, at) = (self.show, self.at + Duration::hours(1));
        let money = PaymentRefunded { asked_for: true, ..self.money_back(refund_id, amount, in_all) };
        let tickets = OrderRefunded {
            refund_id,
            order_id: self.order,
            number: "ODY-1".to_owned(),
            event_id: show.event,
            organization_id: None,
            buyer_id: self.buyer,
            amount: self.money(amount),
            fees: self.money(0),
            tax: None,
            absorbed: None,
            lines: self.lines(lines),
            tickets: Vec::new(), // sales are counted by lines
            whole: false,
            event: EventOnTicket {
                event_id: show.event,
                title: "The Tempest".to_owned(),
                slug: "the-tempest".to_owned(),
                venue_name: "Old Theatre".to_owned(),
                venue_address: "1 Strand".to_owned(),
                starts_at: at,
                ends_at: at,
                doors_at: None,
                timezone: TimeZone::parse("timezone", "Europe/Vienna").unwrap(),
                currency: self.currency,
            },
            reason: None,
            called_off: false,
            invoice: None,
            at,
        };
        let money = Some(message(&money)).filter(|_| amount > 0);
        money.into_iter().chain([message(&tickets)]).collect()
    }

    fn money_back(&self, refund_id: RefundId, amount: i64, in_all: i64) -> PaymentRefunded {
        PaymentRefunded {
            payment_id: self.payment,
            refund_id,
            order_id: self.order,
            event_id: self.show.event,
            buyer_id: self.buyer,
            amount: self.money(amount),
            refunded_in_all: self.money(in_all),
            whole: false,
            made_at_provider: false,
            asked_for: false,
            reason: "asked for".to_owned(),
            at: self.at + Duration::hours(1),
        }
    }

    pub(crate) fn checked_in(&self, index: usize) -> Message {
        message(&TicketCheckedIn {
            ticket_id: TicketId::new(),
            order_id: self.order,
            event_id: self.show.event,
            ticket_type_id: self.show.types[index],
            gate: Some("North".to_owned()),
            at: at("2026-12-24T18:30:00Z"),
        })
    }
}
