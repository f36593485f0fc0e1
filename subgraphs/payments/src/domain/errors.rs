//! The refusals of payments, in one place so that they speak with one voice.

use chrono::Duration;
use kernel::Refusal;

use super::reasons;

/// The order has not come here yet.
pub(crate) fn still_prepared() -> Refusal {
    Refusal::new(
        kernel::reasons::NOT_READY_YET,
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
        reasons::TIME_TO_PAY_OVER,
        "The time to pay for this order has run out. Nothing was charged; choose your seats again.",
    )
}

/// The order costs nothing.
pub(crate) fn needs_no_payment() -> Refusal {
    let message = "This order needs no payment: it is free, and its tickets come without one.";
    Refusal::new(reasons::NO_PAYMENT_NEEDED, message)
}

/// The order was given up.
pub(crate) fn ended() -> Refusal {
    let message = "This order was cancelled and can no longer be paid. Choose your seats again.";
    Refusal::new(reasons::ORDER_CANCELLED, message)
}

/// The money went back.
pub(crate) fn given_back() -> Refusal {
    let message = "This order was paid and the money was given back. Choose your seats again.";
    Refusal::new(reasons::ORDER_REFUNDED, message)
}

/// A payment is under way.
pub(crate) fn under_way() -> Refusal {
    let message = "A payment of this order is under way. Wait for its outcome before you try again.";
    Refusal::new(reasons::PAYMENT_UNDER_WAY, message)
}

/// The outcome is not known.
pub(crate) fn not_known() -> Refusal {
    Refusal::new(
        reasons::OUTCOME_UNKNOWN,
        "The payment provider has not answered yet, and it is being found out what became of the payment. \
         Nothing is charged twice: look at the order in a moment, or try again with the same idempotency key.",
    )
}

/// The provider is left alone; the attempt was not even begun.
pub(crate) fn provider_away() -> Refusal {
    Refusal::new(
        reasons::PAYMENT_PROVIDER_DOWN,
        "The payment provider does not answer just now. Nothing was charged: try again in a moment.",
    )
}

/// The provider never carried the attempt out.
pub(crate) fn lost() -> Refusal {
    Refusal::new(
        reasons::PAYMENT_NOT_CARRIED_OUT,
        "The payment provider could not carry out this payment; nothing was charged. Try again with a new \
         idempotency key.",
    )
}

/// The bank said no.
pub(crate) fn declined(code: &str) -> Refusal {
    let (reason, message) = match code {
        "insufficient_funds" => {
            (reasons::INSUFFICIENT_FUNDS, "The card has insufficient funds. Pay with another card.")
        }
        "expired_card" => (reasons::CARD_EXPIRED, "The card has expired. Pay with another card."),
        "incorrect_cvc" => (
            reasons::WRONG_SECURITY_CODE,
            "The card's security code is wrong. Check it, or pay with another card.",
        ),
        "payment_intent_authentication_failure" => (
            reasons::AUTHENTICATION_FAILED,
            "The bank could not confirm that the card is yours. Try again, or pay with another card.",
        ),
        _ => (reasons::CARD_DECLINED, "The card was declined. Pay with another card."),
    };
    Refusal::new(reason, message).with("declineCode", code)
}

/// The same key came with another input.
pub(crate) fn key_reused() -> Refusal {
    Refusal::new(
        kernel::reasons::SAME_KEY_OTHER_INPUT,
        "This idempotency key was used before with another order or another way to pay. Take a new key.",
    )
}

/// Too many cards.
pub(crate) fn too_many_attempts(most: u32) -> Refusal {
    Refusal::new(
        reasons::TOO_MANY_ATTEMPTS,
        format!(
            "This order was tried to be paid {most} times, which is as often as it can be; nothing was charged. \
             Choose your seats again."
        ),
    )
    .with("limit", most)
}

/// Too many declines.
pub(crate) fn too_many_declines(left: Duration) -> Refusal {
    let seconds = u64::try_from(left.num_milliseconds()).unwrap_or_default().div_ceil(1_000).max(1);
    metrics::counter!("clients_limited_total", "what" => "declined cards").increment(1);
    Refusal::new(
        reasons::TOO_MANY_PAYMENT_ATTEMPTS,
        format!(
            "Too many cards were declined. Nothing was charged; try again in {} min.",
            seconds.div_ceil(60)
        ),
    )
    .with("retryAfterSeconds", seconds)
}

/// There is nothing left to pay.
pub(crate) fn paid_already() -> Refusal {
    Refusal::new(reasons::PAID_ALREADY, "This order is paid already, and its tickets are on their way.")
}
