use kernel::OrganizationId;

/// An organization's account at the payment provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutAccount {
    /// Whose.
    pub organization: OrganizationId,
    /// What the provider calls it.
    pub id: String,
    /// How far it is.
    pub status: PayoutAccountStatus,
}

/// How far an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayoutAccountStatus {
    /// There is none.
    NotStarted,
    /// Something is still to be told to the provider, or it is still looking at it.
    Incomplete,
    /// Sales go to it, and it is paid out.
    Active,
    /// The provider does not let it take or pay out money.
    Restricted,
}

impl PayoutAccountStatus {
    const KEPT: [Self; 3] = [Self::Incomplete, Self::Active, Self::Restricted];

    /// As columns keep it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "NOT_STARTED",
            Self::Incomplete => "INCOMPLETE",
            Self::Active => "ACTIVE",
            Self::Restricted => "RESTRICTED",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::KEPT.into_iter().find(|status| status.name() == name)
    }
}

/// An account as the provider sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountSeen {
    /// What the provider calls it.
    pub id: String,
    /// True once all was told that is asked at first.
    pub details_submitted: bool,
    /// True while money can come to it.
    pub charges_enabled: bool,
    /// True while it can be paid out.
    pub payouts_enabled: bool,
    /// Why it is switched off, in the provider's words.
    pub disabled_reason: Option<String>,
}

impl AccountSeen {
    /// How far it is.
    pub fn status(&self) -> PayoutAccountStatus {
        let why = self.disabled_reason.as_deref().unwrap_or_default();
        if why.starts_with("rejected") {
            return PayoutAccountStatus::Restricted;
        }
        match (self.details_submitted, self.charges_enabled && self.payouts_enabled) {
            (false, _) => PayoutAccountStatus::Incomplete,
            (true, true) => PayoutAccountStatus::Active,
            (true, false) if matches!(why, "requirements.pending_verification" | "under_review") => {
                PayoutAccountStatus::Incomplete
            }
            (true, false) => PayoutAccountStatus::Restricted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_as_far_as_the_provider_says() {
        let seen = |submitted, charges, payouts, why: Option<&str>| {
            let account = AccountSeen {
                id: "acct_1".to_owned(),
                details_submitted: submitted,
                charges_enabled: charges,
                payouts_enabled: payouts,
                disabled_reason: why.map(str::to_owned),
            };
            account.status()
        };
        assert_eq!(seen(false, false, false, Some("requirements.past_due")), PayoutAccountStatus::Incomplete);
        assert_eq!(
            seen(true, false, false, Some("requirements.pending_verification")),
            PayoutAccountStatus::Incomplete
        );
        assert_eq!(seen(true, true, true, None), PayoutAccountStatus::Active);
        assert_eq!(seen(true, true, false, None), PayoutAccountStatus::Restricted);
        assert_eq!(seen(true, false, false, Some("requirements.past_due")), PayoutAccountStatus::Restricted);
        assert_eq!(seen(false, false, false, Some("rejected.fraud")), PayoutAccountStatus::Restricted);
    }

    #[test]
    fn what_is_kept_is_read_as_it_was_written() {
        for status in PayoutAccountStatus::KEPT {
            assert_eq!(PayoutAccountStatus::from_name(status.name()), Some(status));
        }
        assert_eq!(PayoutAccountStatus::from_name("NOT_STARTED"), None);
    }
}
