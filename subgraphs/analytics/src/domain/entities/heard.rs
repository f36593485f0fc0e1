use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use contracts::{tickets::TicketCheckedIn, users::MembershipChanged};
use kernel::{
    EventId, Fault, OrderId, OrganizationId, ReservationId, Result, TicketId, TicketTypeId, UserId,
};

use super::{
    EventCopy, Fact, Figures, Order, OrderFacts, Reservation, ReservationFacts, Sales, TicketTypeSales,
};

/// What several messages say together, of each thing once: first as if nothing had been known of it, and after
/// [`Heard::beside`] with what was.
#[derive(Debug, Default)]
pub struct Heard {
    /// Orders.
    pub orders: BTreeMap<OrderId, Order>,
    /// Reservations.
    pub reservations: BTreeMap<ReservationId, Reservation>,
    /// Who was let in, once for each ticket.
    pub check_ins: BTreeMap<TicketId, TicketCheckedIn>,
    /// Events, as the latest change has them.
    pub events: BTreeMap<EventId, EventCopy>,
    /// Roles of members, as the latest change has them.
    pub memberships: BTreeMap<(OrganizationId, UserId), MembershipChanged>,
    /// How many places events have: the largest number that was told, so that the order of messages does not matter.
    pub capacities: BTreeMap<EventId, u32>,
    /// Names of ticket types.
    pub names: BTreeMap<TicketTypeId, TypeName>,
    /// Events whose reports say something else, whatever was sold.
    changed: BTreeSet<EventId>,
}

/// A ticket type's name. The one of the highest version stands, and of two of the same version the later in the alphabet,
/// so that the order of messages does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// Of which event it is.
    pub event: EventId,
    /// Rises with each change of the type; 0 for the name under which it was sold: whatever is said of the type itself
    /// knows better.
    pub version: i64,
    /// The name.
    pub name: String,
}

/// What was known before of what was heard.
#[derive(Debug, Default)]
pub struct Known {
    /// Orders, as they were known.
    pub orders: Vec<Order>,
    /// Reservations, as they were known.
    pub reservations: Vec<Reservation>,
    /// Tickets whose holders were let in before.
    pub check_ins: BTreeSet<TicketId>,
}

impl Heard {
    /// Adds a fact. They may come in any order, and twice.
    pub fn note(&mut self, fact: &Fact) -> Result<()> {
        match fact {
            Fact::EventChanged(fact) => {
                let earlier = |one: &EventCopy, other: &EventCopy| one.version < other.version;
                keep_later(&mut self.events, fact.event_id, EventCopy::of(fact), earlier);
            }
            Fact::MembershipChanged(fact) => {
                let (key, fact) = ((fact.organization_id, fact.user_id), fact.clone());
                keep_later(&mut self.memberships, key, fact, |one, other| one.version < other.version);
            }
            Fact::InventoryOpened(fact) => {
                self.changed.insert(fact.event_id);
                keep_later(&mut self.capacities, fact.event_id, fact.capacity, |one, other| one < other);
            }
            Fact::TicketTypeChanged(fact) => {
                self.changed.insert(fact.event_id);
                self.name(fact.event_id, fact.ticket_type_id, fact.version, &fact.name);
            }
            Fact::TicketCheckedIn(fact) => {
                self.check_ins.entry(fact.ticket_id).or_insert_with(|| fact.clone());
            }
            Fact::PlacesHeld(fact) => self.reservation(fact.reservation_id, fact.event_id).held(fact),
            Fact::ReservationEnded(fact) => self.reservation(fact.reservation_id, fact.event_id).ended(fact),
            Fact::OrderPlaced(fact) => self.order(fact.order_id, fact.event_id).placed(fact),
            Fact::TicketsIssued(fact) => {
                self.order(fact.order_id, fact.event_id).issued(fact)?;
                for line in &fact.lines {
                    self.name(fact.event_id, line.ticket_type_id, 0, &line.name);
                }
            }
            Fact::OrderEnded(fact) => self.order(fact.order_id, fact.event_id).ended(fact),
            Fact::OrderRefunded(fact) => self.order(fact.order_id, fact.event_id).took_back(fact)?,
            Fact::PaymentSucceeded(fact) => self.order(fact.order_id, fact.event_id).paid(fact),
            Fact::PaymentDeclined(fact) => self.order(fact.order_id, fact.event_id).declined(fact),
            Fact::PaymentRefunded(fact) => self.order(fact.order_id, fact.event_id).refunded(fact),
            Fact::RefundReturned(fact) => self.order(fact.order_id, fact.event_id).came_back(fact),
        }
        Ok(())
    }

    fn order(&mut self, id: OrderId, event: EventId) -> &mut Order {
        self.orders.entry(id).or_insert_with(|| Order::restore(id, event, OrderFacts::default()))
    }

    fn reservation(&mut self, id: ReservationId, event: EventId) -> &mut Reservation {
        let unknown = || Reservation::restore(id, event, ReservationFacts::default());
        self.reservations.entry(id).or_insert_with(unknown)
    }

    fn name(&mut self, event: EventId, id: TicketTypeId, version: i64, name: &str) {
        let named = TypeName { event, version, name: name.to_owned() };
        let earlier = |one: &TypeName, other: &TypeName| {
            (one.version, one.name.as_str()) < (other.version, other.name.as_str())
        };
        keep_later(&mut self.names, id, named, earlier);
    }

    /// Adds what was heard to what was known before.
    pub fn beside(&mut self, known: Known) {
        for mut order in known.orders {
            if let Some(heard) = self.orders.get_mut(&order.id()) {
                order.hears(heard.facts());
                *heard = order;
            }
        }
        for mut reservation in known.reservations {
            if let Some(heard) = self.reservations.get_mut(&reservation.id()) {
                reservation.hears(heard.facts());
                *heard = reservation;
            }
        }
        self.check_ins.retain(|ticket, _| !known.check_ins.contains(ticket));
    }

    /// What is to be added to the totals of each event whose report is another one now.
    pub fn news(&self) -> Result<BTreeMap<EventId, Sales>, Fault> {
        let changed = self.changed.iter().map(|event| (*event, Sales::default()));
        let mut all: BTreeMap<EventId, Sales> = changed.collect();
        let mut add = |event, news: Sales| -> Result<(), Fault> {
            if !news.is_nothing() {
                let sales = all.entry(event).or_default();
                *sales = sales.plus(&news)?;
            }
            Ok(())
        };
        for order in self.orders.values() {
            add(order.event(), order.news()?)?;
        }
        for reservation in self.reservations.values() {
            add(reservation.event(), reservation.news()?)?;
        }
        for let_in in self.check_ins.values() {
            let by_type = TicketTypeSales { checked_in: 1, ..TicketTypeSales::default() };
            let news = Sales {
                figures: Figures { checked_in: 1, ..Figures::default() },
                by_type: BTreeMap::from([(let_in.ticket_type_id, by_type)]),
                ..Sales::default()
            };
            add(let_in.event_id, news)?;
        }
        Ok(all)
    }
}

/// Of two that are told of the same thing the later one, and of two that are as late the first.
fn keep_later<K: Ord, V>(all: &mut BTreeMap<K, V>, key: K, value: V, earlier: impl Fn(&V, &V) -> bool) {
    match all.entry(key) {
        Entry::Vacant(none) => {
            none.insert(value);
        }
        Entry::Occupied(mut other) => {
            if earlier(other.get(), &value) {
                other.insert(value);
            }
        }
    }
}
