//! How this service says no.

use kernel::Refusal;

use super::{entities::SeatId, reasons};

/// Seats that are in the way of a hold.
pub fn seats_unavailable(seats: &[SeatId], names: &[String]) -> Refusal {
    let message = match names {
        [one] => format!("Seat {one} is no longer free. Choose another one."),
        many => format!("These seats are no longer free: {}. Choose others.", many.join(", ")),
    };
    let ids: Vec<String> = seats.iter().map(ToString::to_string).collect();
    Refusal::new(reasons::SEATS_TAKEN, message).with("seatIds", ids)
}

/// Fewer places are left than were asked for.
pub fn not_enough(what: &str, left: u32) -> Refusal {
    let (reason, message) = match left {
        0 => (reasons::SOLD_OUT, format!("{what} is sold out.")),
        left => (reasons::FEWER_LEFT, format!("Only {left} left of {what}. Ask for fewer.")),
    };
    Refusal::new(reason, message).with("available", left)
}

/// Time ran out.
pub fn reservation_expired() -> Refusal {
    Refusal::new(
        reasons::HOLD_RAN_OUT,
        "The time for this reservation is over and its places are free again. Choose places again.",
    )
}

/// The time of a ticket's file address is over.
pub fn file_address_ended() -> Refusal {
    let message =
        "There is no such ticket: the time of this address is over. Ask for pdfUrl again to get a new one.";
    Refusal { message: message.to_owned(), ..Refusal::not_found("ticket") }
}

/// The key was used before, with another input.
pub fn key_reused() -> Refusal {
    Refusal::new(
        kernel::reasons::SAME_KEY_OTHER_INPUT,
        "This idempotency key was used before with another input. Make a new key for a new request.",
    )
    .with("field", "idempotencyKey")
}
