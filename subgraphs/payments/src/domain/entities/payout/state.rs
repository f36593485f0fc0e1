/// From where to where money is moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutKind {
    /// From the organization's account at the provider to its bank.
    PayOut,
    /// From the platform to the organization's account: what the platform took for it.
    TopUp,
    /// From the organization's account to the platform: what the organization is not owed of what came to it.
    TakeBack {
        /// The transfer that is reversed by so much, as the provider calls it.
        transfer: String,
    },
}

impl PayoutKind {
    /// As columns keep it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PayOut => "PAY_OUT",
            Self::TopUp => "TOP_UP",
            Self::TakeBack { .. } => "TAKE_BACK",
        }
    }

    /// What columns say.
    pub fn from_columns(name: &str, transfer: Option<String>) -> Option<Self> {
        match (name, transfer) {
            ("PAY_OUT", _) => Some(Self::PayOut),
            ("TOP_UP", _) => Some(Self::TopUp),
            ("TAKE_BACK", Some(transfer)) => Some(Self::TakeBack { transfer }),
            _ => None,
        }
    }

    /// The transfer that is reversed.
    pub fn transfer(&self) -> Option<&str> {
        match self {
            Self::TakeBack { transfer } => Some(transfer),
            Self::PayOut | Self::TopUp => None,
        }
    }
}

/// How far a payout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PayoutState {
    /// It is written down, and whether the provider has heard of it is not known.
    Asked,
    /// The money is on its way to the bank.
    Sent,
    /// It is there.
    Paid,
    /// The bank did not take it, and the account has it again.
    Failed,
    /// The provider did not do it.
    Refused,
}

impl PayoutState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Sent, Self::Paid, Self::Failed, Self::Refused];

    /// As columns keep it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "ASKED",
            Self::Sent => "SENT",
            Self::Paid => "PAID",
            Self::Failed => "FAILED",
            Self::Refused => "REFUSED",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}
