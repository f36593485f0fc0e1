//! What clients send, read and checked.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use kernel::{
    EmailAddress, EventId, Id, LineItemId, Refusal, UserId, each, idempotency_key, line, optional_line,
    paragraph, together,
};
use service::graphql::MoneyInput;

use super::{contact::ContactInput, tax::TicketTaxInput};
use crate::domain::{
    entities::{Attendee, House, NewTier, SeatId, Wish, Wishes},
    use_cases::{BlockSeats, CheckInAsk, Checkout, CreateTicketType, HoldSeats},
};

/// The most lines one input may have.
pub(super) const MOST_LINES: usize = 100;

/// Places to set aside: all of them, or none.
#[derive(InputObject)]
pub(crate) struct HoldSeatsInput {
    /// Of which event.
    event_id: ID,
    /// Which seats.
    #[graphql(default)]
    seats: Vec<HoldSeatInput>,
    /// How many places without numbers.
    #[graphql(default)]
    general_admission: Vec<HoldPlacesInput>,
    /// Opens hidden ticket types.
    access_code: Option<String>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

/// A seat to set aside: named by its id, or by its key.
#[derive(InputObject)]
pub(super) struct HoldSeatInput {
    /// Which: its id on the seat map.
    seat_id: Option<ID>,
    /// Which: its key in the event's layout.
    key: Option<String>,
    /// As which ticket type; needed where several are for its section.
    ticket_type_id: Option<ID>,
}

/// Places without numbers to set aside.
#[derive(InputObject)]
pub(super) struct HoldPlacesInput {
    /// As which ticket type.
    ticket_type_id: ID,
    /// How many.
    quantity: i32,
}

impl HoldSeatInput {
    /// True when it is named by its key.
    pub(super) fn names_key(&self) -> bool {
        self.key.is_some()
    }

    pub(super) fn read(&self, event: EventId, house: Option<&House>) -> Result<Wish, Refusal> {
        let ticket_type = self.ticket_type_id.as_ref().map(|text| Id::parse("ticketTypeId", text));
        let (number, ticket_type) = together((self.number(event, house), ticket_type.transpose()))?;
        Ok(Wish::Seat { number, ticket_type })
    }

    /// The number of the seat. Keys are looked up in the event's `house`.
    fn number(&self, event: EventId, house: Option<&House>) -> Result<u32, Refusal> {
        match (&self.seat_id, &self.key) {
            (Some(text), None) => seat_of(event, "seatId", text),
            (None, Some(key)) => house.and_then(|house| house.number_of(key)).ok_or_else(|| {
                Refusal::bad_input("key", "is no seat of this event's layout")
                    .because(kernel::reasons::UNKNOWN)
            }),
            _ => Err(Refusal::bad_input("seats", "must name each seat by seatId or by key, and not by both")
                .because(kernel::reasons::INCONSISTENT)),
        }
    }
}

impl HoldPlacesInput {
    pub(super) fn read(&self) -> Result<Wish, Refusal> {
        let (ticket_type, quantity) =
            together((Id::parse("ticketTypeId", &self.ticket_type_id), positive("quantity", self.quantity)))?;
        Ok(Wish::Standing { ticket_type, quantity })
    }
}

impl HoldSeatsInput {
    /// The event whose layout has to be known to read this; none when no seat is named by its key.
    pub(crate) fn keys_of(&self) -> Option<EventId> {
        let names_keys = self.seats.iter().any(HoldSeatInput::names_key);
        // What is wrong with it is told when all of it is read.
        names_keys.then(|| Id::parse("eventId", &self.event_id).ok()).flatten()
    }

    pub(crate) fn read(self, buyer: UserId, house: Option<&House>) -> Result<HoldSeats, Refusal> {
        if self.seats.len() > MOST_LINES || self.general_admission.len() > MOST_LINES {
            return Err(Refusal::bad_input("seats", format!("must be at most {MOST_LINES}"))
                .because(kernel::reasons::WRONG_COUNT));
        }
        let event = Id::parse("eventId", &self.event_id);
        let seats = match event {
            Ok(event) => each_at("seats", &self.seats, |wish| wish.read(event, house)),
            // Whose seats they are to be is not known.
            Err(_) => Ok(Vec::new()),
        };
        let standing = each_at("generalAdmission", &self.general_admission, HoldPlacesInput::read);
        let (event, mut wishes, mut standing, access_code, idempotency_key) = together((
            event,
            seats,
            standing,
            optional_line("accessCode", self.access_code.as_deref(), 100),
            idempotency_key(&self.idempotency_key),
        ))?;
        wishes.append(&mut standing);
        Ok(HoldSeats { buyer, event, wishes: Wishes { wishes, access_code }, idempotency_key })
    }
}

/// Seats to keep back from sale, or to let go again: all of them, or none.
#[derive(InputObject)]
pub(crate) struct SetSeatsBlockedInput {
    /// Of which event.
    event_id: ID,
    /// Which seats: their ids on the seat map.
    seat_ids: Vec<ID>,
    /// Keep back, or let go.
    blocked: bool,
    /// Why they are kept back, up to 200 characters: for organizers and the box office, in Seat.blockedReason. Without it what
    /// was said before is forgotten; leave it out when seats are let go.
    reason: Option<String>,
}

impl SetSeatsBlockedInput {
    pub(crate) fn read(self, by: UserId) -> Result<BlockSeats, Refusal> {
        let event = Id::parse("eventId", &self.event_id);
        let seats = match event {
            Ok(event) => each(self.seat_ids.iter().enumerate().map(|(at, text)| {
                let seat = seat_of(event, "seatIds", text);
                seat.map_err(|refusal| refusal.standing_at(&format!("seatIds[{at}]")))
            })),
            // Whose seats they are to be is not known.
            Err(_) => Ok(Vec::new()),
        };
        let (event, seats, reason) = together((event, seats, self.why()))?;
        Ok(BlockSeats { by, event, seats, blocked: self.blocked, reason })
    }

    fn why(&self) -> Result<Option<String>, Refusal> {
        let reason = optional_line("reason", self.reason.as_deref(), 200)?;
        if reason.is_some() && !self.blocked {
            return Err(Refusal::bad_input("reason", "must be left out when seats are let go")
                .because(kernel::reasons::INCONSISTENT));
        }
        Ok(reason)
    }
}

/// The number of a seat of this event.
fn seat_of(event: EventId, field: &str, text: &str) -> Result<u32, Refusal> {
    let seat = SeatId::parse(field, text)?;
    let is_of_it = seat.event == event;
    is_of_it.then_some(seat.number).ok_or_else(|| {
        Refusal::bad_input(field, "is a seat of another event").because(kernel::reasons::INCONSISTENT)
    })
}

/// A reservation to be bought.
#[derive(InputObject)]
pub(crate) struct CheckoutInput {
    /// Which.
    reservation_id: ID,
    /// Who goes in: one for each place, or one for all.
    attendees: Vec<AttendeeInput>,
    /// Who is told of the purchase: mails about the order go there. Whom the caller's account names when left out.
    contact: Option<ContactInput>,
    /// Which version of the organizer's terms the caller accepts: the version of Event.salesTerms. It may be left out where there
    /// are none; where there are, everything but the version in force is refused with the reason `TERMS_NOT_ACCEPTED`.
    accepted_terms_version: Option<String>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

/// Who will go in with a ticket.
#[derive(InputObject)]
struct AttendeeInput {
    /// Their name.
    name: String,
    /// Their e-mail address.
    email: String,
    /// For which item they go in: `LineItem.id`. Name it for all of them or for none; without it they are in the order of the
    /// places.
    item_id: Option<ID>,
}

impl CheckoutInput {
    pub(crate) fn read(self, buyer: UserId) -> Result<Checkout, Refusal> {
        if self.attendees.len() > MOST_LINES {
            return Err(Refusal::bad_input("attendees", format!("must be at most {MOST_LINES}"))
                .because(kernel::reasons::WRONG_COUNT));
        }
        let (attendees, items, reservation, contact, accepted_terms, idempotency_key) = together((
            each_at("attendees", &self.attendees, AttendeeInput::read),
            self.items(),
            Id::parse("reservationId", &self.reservation_id),
            self.contact.as_ref().map(ContactInput::read).transpose(),
            optional_line("acceptedTermsVersion", self.accepted_terms_version.as_deref(), 40),
            idempotency_key(&self.idempotency_key),
        ))?;
        Ok(Checkout { buyer, reservation, attendees, items, contact, accepted_terms, idempotency_key })
    }

    /// The items that the attendees name: all of them or none.
    fn items(&self) -> Result<Vec<LineItemId>, Refusal> {
        let named = self.attendees.iter().filter(|attendee| attendee.item_id.is_some()).count();
        if named == 0 {
            return Ok(Vec::new());
        }
        each_at("attendees", &self.attendees, |attendee| match &attendee.item_id {
            Some(text) => Id::parse("itemId", text),
            None => Err(Refusal::bad_input("itemId", "must be named for all attendees or for none")
                .because(kernel::reasons::REQUIRED)),
        })
    }
}

impl AttendeeInput {
    fn read(&self) -> Result<Attendee, Refusal> {
        let (name, email) =
            together((line("name", &self.name, 120), EmailAddress::parse("email", &self.email)))?;
        Ok(Attendee { name, email: email.to_string() })
    }
}

/// A ticket type to sell.
#[derive(InputObject)]
pub(crate) struct CreateTicketTypeInput {
    /// Of which event.
    event_id: ID,
    /// Its name, up to 100 characters.
    name: String,
    /// What it includes, up to 2,000 characters.
    #[graphql(default)]
    description: String,
    /// Keys of the sections it is for; all when left out.
    #[graphql(default)]
    sections: Vec<String>,
    /// Its price, when it has only one: what is asked for a place, before the fees that are passed on and a tax that comes on
    /// top.
    price: Option<MoneyInput>,
    /// Its prices, when it has several; the first that holds is charged.
    #[graphql(default)]
    tiers: Vec<PriceTierInput>,
    /// How many may be sold in all.
    quota: Option<i32>,
    /// When sales open; at once when left out.
    sales_start: Option<DateTime<Utc>>,
    /// When sales close; with the event when left out. When the event is moved, it moves along, unless it is before the event's
    /// beginning.
    sales_end: Option<DateTime<Utc>>,
    /// The fewest in one order.
    #[graphql(default = 1)]
    min_per_order: i32,
    /// The most in one order.
    #[graphql(default = 10)]
    max_per_order: i32,
    /// The most that one buyer may have, in all orders together; as many as one likes when left out.
    limit_per_buyer: Option<i32>,
    /// What it demands of who goes in with it, such as "From 16 years, with an identity card": up to 10 sentences of up to 200
    /// characters.
    #[graphql(default)]
    restrictions: Vec<String>,
    /// Hides the type from everybody who does not know it.
    access_code: Option<String>,
    /// How it is taxed, where that is not as the event's or the organization's settings say.
    tax: Option<TicketTaxInput>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: Option<String>,
}

/// A price, for a time or for a number of places.
#[derive(InputObject)]
struct PriceTierInput {
    /// Its name, such as "Early bird".
    name: String,
    /// What is asked for a place, before the fees that are passed on and a tax that comes on top.
    price: MoneyInput,
    /// From when.
    from: Option<DateTime<Utc>>,
    /// Until when.
    until: Option<DateTime<Utc>>,
    /// For how many places.
    quota: Option<i32>,
}

impl CreateTicketTypeInput {
    pub(crate) fn read(self, by: UserId) -> Result<CreateTicketType, Refusal> {
        let sections = if self.sections.len() > 1_000 {
            Err(Refusal::bad_input("sections", "must be at most 1,000").because(kernel::reasons::WRONG_COUNT))
        } else {
            each_line("sections", &self.sections, 100)
        };
        let restrictions = if self.restrictions.len() > 10 {
            Err(Refusal::bad_input("restrictions", "must be at most 10")
                .because(kernel::reasons::WRONG_COUNT))
        } else {
            each_line("restrictions", &self.restrictions, 200)
        };
        let name = line("name", &self.name, 100);
        let tax = self.tax.map(|tax| tax.read().map_err(|refusal| refusal.within("tax"))).transpose();
        let tiers = prices(name.as_deref().unwrap_or_default(), self.price, self.tiers);
        let (
            name,
            sections,
            tiers,
            event,
            description,
            quota,
            min_per_order,
            max_per_order,
            (access_code, tax, limit_per_buyer, restrictions),
            key,
        ) = together((
            name,
            sections,
            tiers,
            Id::parse("eventId", &self.event_id),
            paragraph("description", &self.description, 2_000),
            self.quota.map(|quota| positive("quota", quota)).transpose(),
            positive("minPerOrder", self.min_per_order),
            positive("maxPerOrder", self.max_per_order),
            together((
                optional_line("accessCode", self.access_code.as_deref(), 100),
                tax,
                self.limit_per_buyer.map(|limit| positive("limitPerBuyer", limit)).transpose(),
                restrictions,
            )),
            self.idempotency_key.as_deref().map(idempotency_key).transpose(),
        ))?;
        Ok(CreateTicketType {
            by,
            event,
            name,
            description,
            sections,
            tiers,
            quota,
            sales_start: self.sales_start,
            sales_end: self.sales_end,
            min_per_order,
            max_per_order,
            limit_per_buyer,
            restrictions,
            access_code,
            tax,
            idempotency_key: key,
        })
    }
}

/// What a ticket type costs: one price under the type's own name, or several.
fn prices(
    name: &str,
    price: Option<MoneyInput>,
    tiers: Vec<PriceTierInput>,
) -> Result<Vec<NewTier>, Refusal> {
    match price {
        Some(_) if !tiers.is_empty() => {
            let message = "must be left out when there is a price, or the price when there are tiers";
            Err(Refusal::bad_input("tiers", message).because(kernel::reasons::INCONSISTENT))
        }
        None if tiers.is_empty() => {
            Err(Refusal::bad_input("price", "must be given, or tiers").because(kernel::reasons::REQUIRED))
        }
        Some(price) => {
            let price = price.read("price")?;
            Ok(vec![NewTier { name: name.to_owned(), price, from: None, until: None, quota: None }])
        }
        None => each(tiers.into_iter().enumerate().map(|(at, tier)| tier.read(at))),
    }
}

impl PriceTierInput {
    fn read(self, at: usize) -> Result<NewTier, Refusal> {
        let field = |name: &str| format!("tiers[{at}].{name}");
        let (name, price, quota) = together((
            line(&field("name"), &self.name, 100),
            self.price.read(&field("price")),
            self.quota.map(|quota| positive(&field("quota"), quota)).transpose(),
        ))?;
        Ok(NewTier { name, price, from: self.from, until: self.until, quota })
    }
}

/// A ticket shown at a door.
#[derive(InputObject)]
pub(crate) struct CheckInInput {
    /// To which event.
    event_id: ID,
    /// What the QR code holds; or the ticket's short code, or the order's number, where no scanner works.
    code: String,
    /// At which gate.
    gate: Option<String>,
    /// The scanner's own mark of this scan: the same scan, sent again, gets the same answer.
    nonce: Option<String>,
}

impl CheckInInput {
    pub(crate) fn read(self, by: UserId) -> Result<CheckInAsk, Refusal> {
        let event = Id::parse("eventId", &self.event_id)?;
        CheckInAsk::parse(by, event, self.code, self.gate.as_deref(), self.nonce.as_deref())
    }
}

/// What the items of a list are, or all that is wrong with them.
pub(super) fn each_at<I, T>(
    list: &str,
    items: &[I],
    read: impl Fn(&I) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    each(
        items
            .iter()
            .enumerate()
            .map(|(at, item)| read(item).map_err(|refusal| refusal.within(&format!("{list}[{at}]")))),
    )
}

pub(super) fn each_line(list: &str, items: &[String], max: usize) -> Result<Vec<String>, Refusal> {
    each(items.iter().enumerate().map(|(at, item)| {
        line(list, item, max).map_err(|refusal| refusal.standing_at(&format!("{list}[{at}]")))
    }))
}

pub(super) fn not_negative(field: &str, number: i32) -> Result<u32, Refusal> {
    u32::try_from(number)
        .map_err(|_| Refusal::bad_input(field, "must not be negative").because(kernel::reasons::OUT_OF_RANGE))
}

pub(super) fn positive(field: &str, number: i32) -> Result<u32, Refusal> {
    u32::try_from(number)
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| Refusal::bad_input(field, "must be at least 1").because(kernel::reasons::OUT_OF_RANGE))
}
