//! On which terms of its own an event's tickets are sold.

use async_graphql::{Context, Result, SimpleObject, dataloader::DataLoader};
use contracts::{settings::EventTerms, users::Role};
use kernel::OrganizationId;
use service::graphql::{
    terms::{RefundPolicySettings, Tax},
    viewer,
};

use super::loaders::Loaders;

/// What of the terms on which an event's tickets are sold is its own. What is null is as its organization says.
#[derive(SimpleObject)]
pub(crate) struct EventSettings {
    /// How its tickets are taxed, with the fees on them, but for ticket types that have a tax of their own.
    tax: Option<Tax>,
    /// What buyers get back who return a ticket themselves. It holds for what is bought from now on.
    refund_policy: Option<RefundPolicySettings>,
}

impl From<EventTerms> for EventSettings {
    fn from(terms: EventTerms) -> Self {
        Self { tax: terms.tax.map(Tax::from), refund_policy: terms.refund_policy.map(Into::into) }
    }
}

/// True for who manages the events of the organization, and for operators.
pub(super) async fn manages(context: &Context<'_>, organization: OrganizationId) -> Result<bool> {
    let viewer = viewer(context);
    match viewer.user() {
        Some(_) if viewer.is_operator() => Ok(true),
        Some(user) => {
            let loader = context.data::<DataLoader<Loaders>>()?;
            Ok(loader.load_one((organization, user)).await?.is_some_and(Role::manages))
        }
        None => Ok(false),
    }
}
