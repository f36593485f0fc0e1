//! An organization's account at the payment provider.

use async_graphql::{Enum, Object};
use service::graphql::{Url, Who::Owner, access};

use crate::domain::{entities::payout, use_cases::AccountRead};

/// An organization's account at the payment provider: its sales go there, and it is paid out from there.
pub(super) struct PayoutAccount(pub(super) AccountRead);

/// An organization's account at the payment provider: its sales go there, and it is paid out from there.
#[Object]
impl PayoutAccount {
    /// How far it is.
    async fn status(&self) -> PayoutAccountStatus {
        self.0.status.into()
    }

    /// Where an owner tells the payment provider what it asks for. Send the owner's browser there. The address is good for 15
    /// minutes and as often as it is opened; then ask again. Null for others than owners, and when nothing is to be told.
    #[graphql(directive = access::apply([Owner].into(), None))]
    async fn onboarding_url(&self) -> Option<Url> {
        self.0.onboarding_url.clone().map(Url)
    }
}

/// How far an organization's account at the payment provider is. More may come: have a default.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum PayoutAccountStatus {
    /// There is none. What is sold is kept by the platform until there is one.
    NotStarted,
    /// The provider is still to be told something, or is still looking at it.
    Incomplete,
    /// Sales go to it, and what is payable is paid out from it.
    Active,
    /// The provider does not let it take or pay out money. It says why at `onboardingUrl`.
    Restricted,
}

impl From<payout::PayoutAccountStatus> for PayoutAccountStatus {
    fn from(is: payout::PayoutAccountStatus) -> Self {
        match is {
            payout::PayoutAccountStatus::NotStarted => Self::NotStarted,
            payout::PayoutAccountStatus::Incomplete => Self::Incomplete,
            payout::PayoutAccountStatus::Active => Self::Active,
            payout::PayoutAccountStatus::Restricted => Self::Restricted,
        }
    }
}
