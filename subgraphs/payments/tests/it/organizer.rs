//! An organization with an event, and what others tell of them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    events::{EventChange, EventChanged, EventFacts, EventStatus},
    purchase::{EventOnTicket, TakePayment},
    settings::{OrganizationSettings, OrganizationSettingsChanged},
    tickets::{OrderRefunded, TicketsIssued},
    users::{MembershipChanged, Role},
};
use kernel::{
    Clock, Currency, EventId, Money, OrderId, OrganizationId, RefundId, SystemClock, TimeZone, UserId,
    VenueId,
};
use serde_json::{Value, json};

use crate::stage::{Stage, an_order};

/// What is asked of an organization's books.
pub(crate) const BOOKS: &str =
    "balances { currency pending { amount } payable { amount } paidOut { amount } }
    ledger(first: 100) { nodes { kind amount { amount currency } order { id } } totalCount }";

pub(crate) struct Organizer {
    pub(crate) organization: OrganizationId,
    pub(crate) event: EventId,
    pub(crate) owner: UserId,
}

impl Organizer {
    /// One of whom nothing was told.
    pub(crate) fn unheard_of() -> Self {
        Self { organization: OrganizationId::new(), event: EventId::new(), owner: UserId::new() }
    }

    /// One whose event ends tomorrow, and who was heard of.
    pub(crate) async fn of(stage: &Stage) -> Self {
        let (new, before) = (Self::unheard_of(), stage.count("events").await);
        new.joined(stage, new.owner, Role::Owner).await;
        new.ends(stage, 1, SystemClock.now() + TimeDelta::days(1)).await;
        until(async || stage.count("events").await > before).await;
        new
    }

    /// Another event of the same organization's, which ends tomorrow too.
    pub(crate) async fn another_event(&self, stage: &Stage) -> EventId {
        let (other, before) = (Self { event: EventId::new(), ..*self }, stage.count("events").await);
        other.ends(stage, 1, SystemClock.now() + TimeDelta::days(1)).await;
        until(async || stage.count("events").await > before).await;
        other.event
    }

    pub(crate) async fn joined(&self, stage: &Stage, user_id: UserId, role: Role) {
        let (organization_id, before) = (self.organization, stage.count("memberships").await);
        stage.ask(&MembershipChanged { organization_id, user_id, version: 1, role: Some(role) }).await;
        until(async || stage.count("memberships").await > before).await;
    }

    /// The event ends then.
    pub(crate) async fn ends(&self, stage: &Stage, version: i64, ends_at: DateTime<Utc>) {
        stage.ask(&self.changed(version, ends_at)).await;
    }

    pub(crate) async fn pays_out_after(&self, stage: &Stage, version: i64, payout_delay_days: u16) {
        let settings = OrganizationSettings { payout_delay_days, ..OrganizationSettings::default() };
        let organization_id = self.organization;
        stage.ask(&OrganizationSettingsChanged { organization_id, version, settings }).await;
    }

    /// A paid order for the event.
    pub(crate) async fn buyer(&self, stage: &Stage) -> TakePayment {
        let order = TakePayment { event_id: self.event, ..an_order(5_950, "EUR") };
        stage.ask(&order).await;
        stage.pay(&order, "pm_card_visa", "a").await.unwrap();
        order
    }

    /// An order's tickets: 50 euro, a fee of 5 on top, taxes of 9.50 in all of it, and 1.50 that the organizer bears.
    pub(crate) fn sale(&self, order: OrderId) -> TicketsIssued {
        TicketsIssued {
            order_id: order,
            event_id: self.event,
            organization_id: Some(self.organization),
            buyer_id: UserId::new(),
            total: eur(5_950),
            fees: eur(500),
            tax: Some(eur(950)),
            absorbed: Some(eur(150)),
            lines: Vec::new(),
            at: SystemClock.now(),
        }
    }

    /// Half of such an order goes back.
    pub(crate) fn refund(&self, order: OrderId) -> OrderRefunded {
        OrderRefunded {
            refund_id: RefundId::new(),
            order_id: order,
            number: "ODY-7K2M".to_owned(),
            event_id: self.event,
            organization_id: Some(self.organization),
            buyer_id: UserId::new(),
            amount: eur(2_975),
            fees: eur(250),
            tax: Some(eur(475)),
            absorbed: Some(eur(75)),
            lines: Vec::new(),
            tickets: Vec::new(),
            whole: false,
            event: EventOnTicket {
                event_id: self.event,
                title: "The Odyssey".to_owned(),
                slug: "the-odyssey".to_owned(),
                venue_name: "Old Theatre".to_owned(),
                venue_address: "1 Strand".to_owned(),
                starts_at: SystemClock.now(),
                ends_at: SystemClock.now(),
                doors_at: None,
                timezone: TimeZone::parse("timezone", "Europe/London").unwrap(),
                currency: Currency::EUR,
            },
            reason: None,
            called_off: false,
            invoice: None,
            at: SystemClock.now(),
        }
    }

    /// What the graph answers somebody who asks for so much of the organization.
    pub(crate) async fn asked(&self, stage: &Stage, by: UserId, fields: &str) -> Value {
        let answer = of_all(stage, by, &[self.organization], fields).await;
        answer["data"]["_entities"][0].clone()
    }

    /// Pending and payable, in euro.
    pub(crate) async fn balance(&self, stage: &Stage) -> (String, String) {
        let seen = self.asked(stage, self.owner, BOOKS).await;
        let of = |name: &str| seen["balances"][0][name]["amount"].as_str().unwrap_or_default().to_owned();
        (of("pending"), of("payable"))
    }

    /// Waits until so much is pending and payable.
    pub(crate) async fn comes_to(&self, stage: &Stage, pending: &str, payable: &str) {
        let expected = (pending.to_owned(), payable.to_owned());
        until(async || self.balance(stage).await == expected).await;
    }

    fn changed(&self, version: i64, ends_at: DateTime<Utc>) -> EventChanged {
        EventChanged {
            event_id: self.event,
            version,
            change: EventChange::Published,
            reason: None,
            refundable_until: None,
            terms: None,
            event: EventFacts {
                organization_id: self.organization,
                slug: "the-odyssey".to_owned(),
                title: "=The Odyssey".to_owned(),
                status: EventStatus::Published,
                public: Some(true),
                venue_id: VenueId::new(),
                venue_name: "Old Theatre".to_owned(),
                venue_address: "1 Strand".to_owned(),
                city: "London".to_owned(),
                layout_id: None,
                starts_at: ends_at - TimeDelta::hours(3),
                ends_at,
                doors_at: None,
                timezone: TimeZone::parse("timezone", "Europe/London").unwrap(),
                currency: Currency::EUR,
                shows_stock: true,
            },
        }
    }
}

/// What the graph answers somebody who asks for so much of each of these.
pub(crate) async fn of_all(stage: &Stage, by: UserId, all: &[OrganizationId], fields: &str) -> Value {
    let of: Vec<_> = all.iter().map(|id| json!({"__typename": "Organization", "id": id.public()})).collect();
    let query = format!(
        "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Organization {{ {fields} }} }} }}"
    );
    stage.asks_over_http(by, &query, json!({ "of": of })).await
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// Waits until it is so.
pub(crate) async fn until(is_so: impl AsyncFn() -> bool) {
    let reached = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached).await.unwrap();
}
