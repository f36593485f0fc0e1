/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// The buyer can pay.
    AwaitingPayment,
    /// The money is there; tickets follow.
    Paid,
    /// The tickets are issued.
    Completed,
    /// The last card was declined; another can be tried until time is over.
    PaymentFailed,
    /// Time ran out.
    Expired,
    /// The buyer gave it up, or it could not be fulfilled before payment.
    Cancelled,
    /// Some of its tickets were given back.
    PartiallyRefunded,
    /// The money went back.
    Refunded,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::AwaitingPayment,
        Self::Paid,
        Self::Completed,
        Self::PaymentFailed,
        Self::Expired,
        Self::Cancelled,
        Self::PartiallyRefunded,
        Self::Refunded,
    ];

    /// True when tickets were issued, or may have been before the money went back.
    pub fn has_tickets(self) -> bool {
        matches!(self, Self::Completed | Self::PartiallyRefunded | Self::Refunded)
    }

    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "AWAITING_PAYMENT",
            Self::Paid => "PAID",
            Self::Completed => "COMPLETED",
            Self::PaymentFailed => "PAYMENT_FAILED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
            Self::PartiallyRefunded => "PARTIALLY_REFUNDED",
            Self::Refunded => "REFUNDED",
        }
    }
}
