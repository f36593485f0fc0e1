//! What clients send, read and checked.

use async_graphql::{ID, InputObject, Result};
use chrono::{DateTime, Utc};
use kernel::{EmailAddress, EventId, Refusal, UserId, line, optional_line, paragraph};
use service::graphql::{IntoGraph, MoneyInput, id};

use crate::domain::{
    entities::{Attendee, NewTier, SeatId, Wish, Wishes},
    use_cases::{CheckInAsk, Checkout, CreateTicketType, HoldSeats, idempotency_key},
};

/// The most lines one input may have.
const MOST_LINES: usize = 100;

/// Places to set aside: all of them, or none.
#[derive(InputObject)]
pub(crate) struct HoldSeatsInput {
    /// Of which event.
    event_id: ID,
    /// Which seats.
    #[graphql(default)]
    seats: Vec<SeatWish>,
    /// How many places without numbers.
    #[graphql(default)]
    general_admission: Vec<StandingWish>,
    /// Opens hidden ticket types.
    access_code: Option<String>,
    /// Any text of yours: the same key with the same input gives the same answer.
    idempotency_key: String,
}

/// A seat to set aside.
#[derive(InputObject)]
struct SeatWish {
    /// Which.
    seat_id: ID,
    /// As which ticket type; needed where several are for its section.
    ticket_type_id: Option<ID>,
}

/// Places without numbers to set aside.
#[derive(InputObject)]
struct StandingWish {
    /// As which ticket type.
    ticket_type_id: ID,
    /// How many.
    quantity: i32,
}

impl HoldSeatsInput {
    pub(crate) fn read(self, buyer: UserId) -> Result<HoldSeats> {
        let event: EventId = id("eventId", &self.event_id)?;
        if self.seats.len() > MOST_LINES || self.general_admission.len() > MOST_LINES {
            return Err(Refusal::bad_input("seats", format!("must be at most {MOST_LINES}"))).graph();
        }
        let mut wishes = Vec::new();
        for wish in self.seats {
            let seat = SeatId::parse("seatId", &wish.seat_id).graph()?;
            if seat.event != event {
                return Err(Refusal::bad_input("seatId", "is a seat of another event")).graph();
            }
            let ticket_type = wish.ticket_type_id.map(|text| id("ticketTypeId", &text)).transpose()?;
            wishes.push(Wish::Seat { number: seat.number, ticket_type });
        }
        for wish in self.general_admission {
            let ticket_type = id("ticketTypeId", &wish.ticket_type_id)?;
            wishes.push(Wish::Standing { ticket_type, quantity: positive("quantity", wish.quantity)? });
        }
        Ok(HoldSeats {
            buyer,
            event,
            wishes: Wishes {
                wishes,
                access_code: optional_line("accessCode", self.access_code.as_deref(), 100).graph()?,
            },
            idempotency_key: idempotency_key(&self.idempotency_key).graph()?,
        })
    }
}

/// A reservation to be bought.
#[derive(InputObject)]
pub(crate) struct CheckoutInput {
    /// Which.
    reservation_id: ID,
    /// Who goes in: one for each place, or one for all.
    attendees: Vec<AttendeeInput>,
    /// Any text of yours: the same key with the same input gives the same answer.
    idempotency_key: String,
}

/// Who will go in with a ticket.
#[derive(InputObject)]
struct AttendeeInput {
    /// Their name.
    name: String,
    /// Their e-mail address.
    email: String,
}

impl CheckoutInput {
    pub(crate) fn read(self, buyer: UserId) -> Result<Checkout> {
        if self.attendees.len() > MOST_LINES {
            return Err(Refusal::bad_input("attendees", format!("must be at most {MOST_LINES}"))).graph();
        }
        let mut attendees = Vec::new();
        for attendee in &self.attendees {
            attendees.push(Attendee {
                name: line("name", &attendee.name, 120).graph()?,
                email: EmailAddress::parse("email", &attendee.email).graph()?.to_string(),
            });
        }
        Ok(Checkout {
            buyer,
            reservation: id("reservationId", &self.reservation_id)?,
            attendees,
            idempotency_key: idempotency_key(&self.idempotency_key).graph()?,
        })
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
    /// Its price, when it has only one.
    price: Option<MoneyInput>,
    /// Its prices, when it has several; the first that holds is charged.
    #[graphql(default)]
    tiers: Vec<PriceTierInput>,
    /// How many may be sold in all.
    quota: Option<i32>,
    /// When sales open; at once when left out.
    sales_start: Option<DateTime<Utc>>,
    /// When sales close; with the event when left out.
    sales_end: Option<DateTime<Utc>>,
    /// The fewest in one order.
    #[graphql(default = 1)]
    min_per_order: i32,
    /// The most in one order.
    #[graphql(default = 10)]
    max_per_order: i32,
    /// Hides the type from everybody who does not know it.
    access_code: Option<String>,
    /// Any text of yours: the same key with the same input gives the same answer.
    idempotency_key: Option<String>,
}

/// A price, for a time or for a number of places.
#[derive(InputObject)]
struct PriceTierInput {
    /// Its name, such as "Early bird".
    name: String,
    /// What a place costs.
    price: MoneyInput,
    /// From when.
    from: Option<DateTime<Utc>>,
    /// Until when.
    until: Option<DateTime<Utc>>,
    /// For how many places.
    quota: Option<i32>,
}

impl CreateTicketTypeInput {
    pub(crate) fn read(self, by: UserId) -> Result<CreateTicketType> {
        let name = line("name", &self.name, 100).graph()?;
        if self.sections.len() > 1_000 {
            return Err(Refusal::bad_input("sections", "must be at most 1,000")).graph();
        }
        let mut sections = Vec::new();
        for key in &self.sections {
            sections.push(line("sections", key, 100).graph()?);
        }
        let tiers = match (self.price, self.tiers) {
            (Some(_), tiers) if !tiers.is_empty() => {
                return Err(Refusal::bad_input(
                    "tiers",
                    "must be left out when there is a price, or the price when there are tiers",
                ))
                .graph();
            }
            (None, tiers) if tiers.is_empty() => {
                return Err(Refusal::bad_input("price", "must be given, or tiers")).graph();
            }
            (Some(price), _) => vec![NewTier {
                name: name.clone(),
                price: price.read("price").graph()?,
                from: None,
                until: None,
                quota: None,
            }],
            (None, tiers) => {
                let tiers = tiers.into_iter().enumerate().map(|(at, tier)| tier.read(at));
                tiers.collect::<Result<_>>()?
            }
        };
        Ok(CreateTicketType {
            by,
            event: id("eventId", &self.event_id)?,
            name,
            description: paragraph("description", &self.description, 2_000).graph()?,
            sections,
            tiers,
            quota: self.quota.map(|quota| positive("quota", quota)).transpose()?,
            sales_start: self.sales_start,
            sales_end: self.sales_end,
            min_per_order: positive("minPerOrder", self.min_per_order)?,
            max_per_order: positive("maxPerOrder", self.max_per_order)?,
            access_code: optional_line("accessCode", self.access_code.as_deref(), 100).graph()?,
            idempotency_key: self.idempotency_key.as_deref().map(idempotency_key).transpose().graph()?,
        })
    }
}

impl PriceTierInput {
    fn read(self, at: usize) -> Result<NewTier> {
        let field = |name: &str| format!("tiers[{at}].{name}");
        Ok(NewTier {
            name: line(&field("name"), &self.name, 100).graph()?,
            price: self.price.read(&field("price")).graph()?,
            from: self.from,
            until: self.until,
            quota: self.quota.map(|quota| positive(&field("quota"), quota)).transpose()?,
        })
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
    pub(crate) fn read(self, by: UserId) -> Result<CheckInAsk> {
        let event = id("eventId", &self.event_id)?;
        CheckInAsk::parse(by, event, self.code, self.gate.as_deref(), self.nonce.as_deref()).graph()
    }
}

fn positive(field: &str, number: i32) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| Refusal::bad_input(field, "must be at least 1"))
        .graph()
}
