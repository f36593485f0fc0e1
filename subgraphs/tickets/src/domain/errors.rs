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

/// Seats that would be left alone, where another choice would leave none.
pub fn stranded(seats: &[SeatId], names: &[String]) -> Refusal {
    let message = match names {
        [one] => format!("Your choice would leave one seat alone: {one}. Move by one seat, or take it too."),
        many => format!(
            "Your choice would leave single seats alone: {}. Move by one seat, or take them too.",
            many.join(", ")
        ),
    };
    let ids: Vec<String> = seats.iter().map(ToString::to_string).collect();
    Refusal::new(reasons::SEAT_STRANDED, message).with("seatIds", ids)
}

/// Fewer places are left than were asked for. How many is said where the organizer has it `told`; that nothing is left is
/// no secret.
pub fn not_enough(what: &str, left: u32, told: bool) -> Refusal {
    match left {
        0 => Refusal::new(reasons::SOLD_OUT, format!("{what} is sold out.")).with("available", 0),
        left if told => {
            let message = format!("Only {left} left of {what}. Ask for fewer.");
            Refusal::new(reasons::FEWER_LEFT, message).with("available", left)
        }
        _ => {
            let message = format!("There are not so many left of {what}. Ask for fewer.");
            Refusal::new(reasons::FEWER_LEFT, message)
        }
    }
}

/// Time ran out.
pub fn reservation_expired() -> Refusal {
    Refusal::new(
        reasons::HOLD_RAN_OUT,
        "The time for this reservation is over and its places are free again. Choose places again.",
    )
}

/// The time of what the waiting list offered is over.
pub fn offer_over() -> Refusal {
    Refusal::new(
        reasons::OFFER_RAN_OUT,
        "The time of this offer is over and its places went to the next who waits. Join the waiting list again.",
    )
}

/// The event has no such promo code.
pub fn no_such_promo_code() -> Refusal {
    Refusal::bad_input("code", "is no promo code of this event").because(kernel::reasons::UNKNOWN)
}

/// A promo code that would be redeemed for nothing.
pub fn takes_nothing_off(code: &str) -> Refusal {
    let why = format!("{code} takes nothing off these tickets");
    Refusal::bad_input("code", why).because(kernel::reasons::INCONSISTENT)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_are_left_is_said_where_it_is_told_and_that_nothing_is_left_always() {
        let told = not_enough("Floor", 7, true);
        assert!(told.is(reasons::FEWER_LEFT) && told.message.contains('7'), "{told:?}");
        assert_eq!(told.details["available"], 7);
        let hidden = not_enough("Floor", 7, false);
        assert!(hidden.is(reasons::FEWER_LEFT) && hidden.details.is_empty(), "{hidden:?}");
        assert!(!hidden.message.contains(char::is_numeric), "{hidden:?}");
        for told in [true, false] {
            assert!(not_enough("Floor", 0, told).is(reasons::SOLD_OUT));
        }
    }
}
