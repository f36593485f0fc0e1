//! How this service says no.

use kernel::{ErrorCode, Refusal};

use super::entities::SeatId;

/// Seats that are in the way of a hold.
pub fn seats_unavailable(seats: &[SeatId], names: &[String]) -> Refusal {
    let message = match names {
        [one] => format!("Seat {one} is no longer free. Choose another one."),
        many => format!("These seats are no longer free: {}. Choose others.", many.join(", ")),
    };
    let ids: Vec<String> = seats.iter().map(ToString::to_string).collect();
    Refusal::new(ErrorCode::SeatsUnavailable, message).with("seatIds", ids)
}

/// Fewer places are left than were asked for.
pub fn not_enough(what: &str, left: u32) -> Refusal {
    let message = match left {
        0 => format!("{what} is sold out."),
        left => format!("Only {left} left of {what}. Ask for fewer."),
    };
    Refusal::new(ErrorCode::NotEnoughAvailable, message).with("available", left)
}

/// Sales of this have not begun, or are over.
pub fn sales_closed(message: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::SalesClosed, message)
}

/// A limit is reached.
pub fn limit(message: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::LimitExceeded, message)
}

/// Time ran out.
pub fn reservation_expired() -> Refusal {
    Refusal::new(
        ErrorCode::ReservationExpired,
        "The time for this reservation is over and its places are free again. Choose places again.",
    )
}

/// The key was used before, with another input.
pub fn key_reused() -> Refusal {
    Refusal::new(
        ErrorCode::IdempotencyKeyReused,
        "This idempotency key was used before with another input. Make a new key for a new request.",
    )
    .with("field", "idempotencyKey")
}
