use contracts::tickets::OrderEnd;
use kernel::Refusal;

use crate::domain::errors;

/// Why an order that has no payment here will never have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPayable {
    /// It costs nothing.
    Free,
    /// Its time ran out.
    Expired,
    /// It was given up.
    Cancelled,
    /// Its money went back.
    Refunded,
}

impl NotPayable {
    /// Each, for whoever keeps them.
    pub const ALL: [Self; 4] = [Self::Free, Self::Expired, Self::Cancelled, Self::Refunded];

    /// As it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "FREE",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
            Self::Refunded => "REFUNDED",
        }
    }

    /// What whoever wants to pay is told.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Free => errors::needs_no_payment(),
            Self::Expired => errors::ran_out(),
            Self::Cancelled => errors::ended(),
            Self::Refunded => errors::given_back(),
        }
    }
}

impl From<OrderEnd> for NotPayable {
    fn from(end: OrderEnd) -> Self {
        match end {
            OrderEnd::Expired => Self::Expired,
            OrderEnd::Cancelled => Self::Cancelled,
            OrderEnd::Refunded => Self::Refunded,
        }
    }
}
