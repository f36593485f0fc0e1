/// How a buyer paid, as the provider says. It says so with the money, so that what came before this was kept has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidBy {
    /// With what kind of thing.
    pub kind: MethodKind,
    /// The card's brand, in the provider's words, such as `visa`; none for what is no card.
    pub brand: Option<String>,
    /// The last four digits of the card's number; none for what is no card.
    pub last4: Option<String>,
    /// Where the provider shows its receipt.
    pub receipt_url: Option<String>,
}

/// With what kind of thing a buyer paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodKind {
    /// A card.
    Card,
    /// A wallet, also one that has a card in it.
    Wallet,
    /// From a bank account.
    BankTransfer,
    /// Cash, at a shop that takes it for the provider.
    Cash,
    /// Something else.
    Other,
}

impl MethodKind {
    /// Each, for whoever keeps them.
    pub const ALL: [Self; 5] = [Self::Card, Self::Wallet, Self::BankTransfer, Self::Cash, Self::Other];

    /// As it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::Wallet => "WALLET",
            Self::BankTransfer => "BANK_TRANSFER",
            Self::Cash => "CASH",
            Self::Other => "OTHER",
        }
    }
}
