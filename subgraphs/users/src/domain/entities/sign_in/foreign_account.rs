use chrono::{DateTime, Utc};
use kernel::{ForeignAccountId, UserId};

/// An account at a provider, by which somebody signs in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignAccount {
    /// Which.
    pub id: ForeignAccountId,
    /// Whose it is here.
    pub account: UserId,
    /// Who vouches for it: the address by which the provider calls itself.
    pub issuer: String,
    /// How the provider calls the person, for ever. The address may change hands, this does not.
    pub subject: String,
    /// Since when it opens the account here.
    pub linked_at: DateTime<Utc>,
}

/// Whether somebody who comes from a provider for the first time gets into the account that has the same address.
///
/// Only when both sides have seen that the address is theirs: the provider says so, and we have seen it ourselves. Else
/// whoever registers somebody's address, here or there, would get into the other account.
pub fn may_be_linked(provider_has_verified: bool, we_have_verified: bool) -> bool {
    provider_has_verified && we_have_verified
}

#[cfg(test)]
mod tests {
    use super::may_be_linked;

    #[test]
    fn an_address_opens_an_account_only_when_both_sides_have_seen_whose_it_is() {
        assert!(may_be_linked(true, true));
        assert!(!may_be_linked(true, false) && !may_be_linked(false, true) && !may_be_linked(false, false));
    }
}
