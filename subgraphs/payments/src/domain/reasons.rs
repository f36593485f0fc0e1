//! Why payments says no, besides what every service may say.

kernel::reasons! {
    Conflict {
        /// The order costs nothing.
        NO_PAYMENT_NEEDED;
        /// The order was cancelled.
        ORDER_CANCELLED;
        /// The order was paid, and the money was given back.
        ORDER_REFUNDED;
        /// The order is paid already.
        PAID_ALREADY;
        /// Another payment of the order is under way.
        PAYMENT_UNDER_WAY;
    }
    ReservationExpired {
        /// The time to pay for the order is over.
        TIME_TO_PAY_OVER;
    }
    LimitExceeded {
        /// The order was tried to be paid as often as it can be; `limit` says how often.
        TOO_MANY_ATTEMPTS;
    }
    RateLimited {
        /// Too many cards were declined lately, of the buyer, from the same address, or this card by whomever;
        /// `retryAfterSeconds` says when another may be tried.
        TOO_MANY_PAYMENT_ATTEMPTS;
    }
    PaymentDeclined {
        /// The card has too little money.
        INSUFFICIENT_FUNDS;
        /// The card has expired.
        CARD_EXPIRED;
        /// The card's security code is wrong.
        WRONG_SECURITY_CODE;
        /// The bank could not confirm that the card is the payer's.
        AUTHENTICATION_FAILED;
        /// The bank said no, and `declineCode` tells what more it said.
        CARD_DECLINED;
    }
    ServiceUnavailable {
        /// The payment provider has not answered yet; nothing is charged twice.
        OUTCOME_UNKNOWN;
        /// The payment provider does not answer; nothing was charged.
        PAYMENT_PROVIDER_DOWN;
        /// The payment provider could not carry out the payment; nothing was charged.
        PAYMENT_NOT_CARRIED_OUT;
    }
}
