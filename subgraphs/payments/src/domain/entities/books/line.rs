/// Where money is counted; the chart of accounts stands at [`super`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// What buyers paid for tickets, and got back.
    Buyers,
    /// What an organization is owed, but for taxes.
    Organization,
    /// Taxes that buyers paid to an organization.
    Tax,
    /// What the platform asks for the service.
    Fees,
    /// What the payment provider keeps.
    ProviderFees,
    /// What banks have until disputes are decided.
    Disputes,
    /// What was paid out to an organization.
    PaidOut,
}

impl Account {
    /// Those that are an organization's own: together they are what it is owed.
    pub const OF_ORGANIZATION: [Self; 2] = [Self::Organization, Self::Tax];

    /// As columns keep it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Buyers => "BUYERS",
            Self::Organization => "ORGANIZATION",
            Self::Tax => "TAX",
            Self::Fees => "FEES",
            Self::ProviderFees => "PROVIDER_FEES",
            Self::Disputes => "DISPUTES",
            Self::PaidOut => "PAID_OUT",
        }
    }
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Tickets were sold.
    Sale,
    /// The platform's fees.
    Fee,
    /// Taxes.
    Tax,
    /// The payment provider's fees.
    ProviderFee,
    /// Money went back to a buyer.
    Refund,
    /// A buyer's bank took money back, or returned it.
    Dispute,
    /// Money was paid out to the organization.
    Payout,
    /// The organization took cash itself.
    Cash,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Sale,
        Self::Fee,
        Self::Tax,
        Self::ProviderFee,
        Self::Refund,
        Self::Dispute,
        Self::Payout,
        Self::Cash,
    ];

    /// As columns keep it, and clients read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sale => "SALE",
            Self::Fee => "FEE",
            Self::Tax => "TAX",
            Self::ProviderFee => "PROVIDER_FEE",
            Self::Refund => "REFUND",
            Self::Dispute => "DISPUTE",
            Self::Payout => "PAYOUT",
            Self::Cash => "CASH",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A line of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub kind: Kind,
    /// Where.
    pub account: Account,
    /// How much the account gained, in minor units; never nothing.
    pub minor: i64,
}
