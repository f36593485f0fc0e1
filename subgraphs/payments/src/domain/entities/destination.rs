use kernel::{Money, OrganizationId, ProviderAmount};

/// Whose sale a payment is, and what of it is the platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seller {
    /// Whose event it is.
    pub organization: OrganizationId,
    /// What the platform asks for the service, whoever bears it.
    pub fees: Money,
}

/// The seller's account at the provider, to which a payment's money goes as soon as it is there. It is decided when the payment
/// is, and never named anew: what is asked again has to be asked in the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// What the provider calls it.
    pub account: String,
    /// What the platform keeps of the money.
    pub fee: Money,
    /// Whether it still is the destination.
    pub state: DestinationState,
}

/// Whether an account is the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DestinationState {
    /// It is.
    Named,
    /// The provider sends nothing there. What was opened with it is to be ended, and opened without.
    Refused,
    /// It is not any more: the platform takes the money, as for whoever has no account.
    Left,
}

impl DestinationState {
    const ALL: [Self; 3] = [Self::Named, Self::Refused, Self::Left];

    /// As columns keep it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Named => "NAMED",
            Self::Refused => "REFUSED",
            Self::Left => "LEFT",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl Destination {
    /// This account for what is paid so, of which these fees are the platform's, as exactly as the provider can keep them. None
    /// where they are more than is paid: then nothing would be left to send.
    pub fn of(account: &str, paid: Money, fees: Money) -> Option<Self> {
        let fee = whole(fees)?;
        (fee.currency == paid.currency && fee.minor >= 0 && fee.minor < paid.minor).then(|| Self {
            account: account.to_owned(),
            fee,
            state: DestinationState::Named,
        })
    }

    /// What comes to the account when so much is paid, in minor units.
    pub fn gains(&self, paid: Money) -> i64 {
        paid.minor - self.fee.minor
    }
}

/// As much of an amount as the provider can count: of some currencies it takes no single coins.
pub(crate) fn whole(money: Money) -> Option<Money> {
    let cut = |coin| Money::new(money.minor - money.minor % coin, money.currency);
    [1, 10, 100].map(cut).into_iter().find(|cut| ProviderAmount::of(*cut).is_ok())
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::parse("currency", code).unwrap())
    }

    #[test]
    fn the_platform_keeps_its_fees_as_exactly_as_the_provider_can() {
        let of = |paid, fees, code| Destination::of("acct_1", money(paid, code), money(fees, code));
        assert_eq!(of(5_950, 650, "EUR").unwrap().gains(money(5_950, "EUR")), 5_300);
        assert_eq!(of(20_000, 1_234, "KWD").unwrap().fee, money(1_230, "KWD"));
        assert_eq!(of(20_000, 0, "EUR").unwrap().fee, money(0, "EUR"));
    }

    #[test]
    fn what_is_all_fees_goes_to_no_account() {
        for fees in [4_200, 5_000] {
            assert_eq!(Destination::of("acct_1", money(4_200, "EUR"), money(fees, "EUR")), None);
        }
        assert_eq!(Destination::of("acct_1", money(4_200, "EUR"), money(100, "USD")), None);
    }
}
