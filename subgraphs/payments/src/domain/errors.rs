//! The refusals of payments, in one place so that they speak with one voice.

use kernel::{ErrorCode, Refusal};

/// The order has not come here yet.
pub(crate) fn still_prepared() -> Refusal {
    Refusal::unavailable(
        "This order is still being prepared for payment, if there is one. Try again in a moment.",
    )
}

/// The order is somebody else's, which is the same as none.
pub(crate) fn no_such_order() -> Refusal {
    Refusal::not_found("order")
}

/// Time ran out.
pub(crate) fn ran_out() -> Refusal {
    Refusal::new(
        ErrorCode::ReservationExpired,
        "The time to pay for this order has run out. Nothing was charged; choose your seats again.",
    )
}

/// The order costs nothing.
pub(crate) fn needs_no_payment() -> Refusal {
    Refusal::conflict("This order needs no payment: it is free, and its tickets come without one.")
}

/// The order was given up.
pub(crate) fn ended() -> Refusal {
    Refusal::conflict("This order was cancelled and can no longer be paid. Choose your seats again.")
}

/// The money went back.
pub(crate) fn given_back() -> Refusal {
    Refusal::conflict("This order was paid and the money was given back. Choose your seats again.")
}

/// A payment is under way.
pub(crate) fn under_way() -> Refusal {
    Refusal::conflict("A payment of this order is under way. Wait for its outcome before you try again.")
}

/// The outcome is not known.
pub(crate) fn not_known() -> Refusal {
    Refusal::unavailable(
        "The payment provider has not answered yet, and it is being found out what became of the payment. \
         Nothing is charged twice: look at the order in a moment, or try again with the same idempotency key.",
    )
}

/// The provider is left alone; the attempt was not even begun.
pub(crate) fn provider_away() -> Refusal {
    Refusal::unavailable(
        "The payment provider does not answer just now. Nothing was charged: try again in a moment.",
    )
}

/// The provider never carried the attempt out.
pub(crate) fn lost() -> Refusal {
    Refusal::unavailable(
        "The payment provider could not carry out this payment; nothing was charged. Try again with a new \
         idempotency key.",
    )
}

/// The bank said no.
pub(crate) fn declined(code: &str) -> Refusal {
    let message = match code {
        "insufficient_funds" => "The card has insufficient funds. Pay with another card.",
        "expired_card" => "The card has expired. Pay with another card.",
        "incorrect_cvc" => "The card's security code is wrong. Check it, or pay with another card.",
        "payment_intent_authentication_failure" => {
            "The bank could not confirm that the card is yours. Try again, or pay with another card."
        }
        _ => "The card was declined. Pay with another card.",
    };
    Refusal::new(ErrorCode::PaymentDeclined, message).with("declineCode", code)
}

/// The same key came with another input.
pub(crate) fn key_reused() -> Refusal {
    Refusal::new(
        ErrorCode::IdempotencyKeyReused,
        "This idempotency key was used before with another order or payment method. Take a new key.",
    )
}

/// Too many cards.
pub(crate) fn too_many_attempts(most: usize) -> Refusal {
    Refusal::new(
        ErrorCode::LimitExceeded,
        format!("An order can be tried to be paid {most} times. Choose your seats again."),
    )
}
