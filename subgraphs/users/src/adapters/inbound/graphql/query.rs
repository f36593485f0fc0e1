use async_graphql::{Context, ID, Object, Result, dataloader::DataLoader};
use kernel::{OrganizationId, Refusal, UserId, Viewer};
use service::graphql::{
    IntoGraph,
    Who::{Oneself, Public},
    access, caller, id as read_id, viewer,
};

use super::{
    Organization, User,
    loaders::{Lookups, PersonSeen},
    node::{Node, node},
};
use crate::domain::Users;

/// What can be asked of people and organizations.
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Who is logged in; null when nobody is.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(caller) = caller(ctx) else { return Ok(None) };
        person(ctx, caller.user.into(), caller.user).await
    }

    /// An organization, by its id or its slug; null when there is none.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization's id.")] id: Option<ID>,
        #[graphql(desc = "Its name in addresses.")] slug: Option<String>,
    ) -> Result<Option<Organization>> {
        match (id, slug) {
            (Some(id), None) => organization(ctx, read_id("id", &id)?).await,
            (None, Some(slug)) => {
                let found = ctx.data::<Users>()?.organization_by_slug(&slug).await.graph()?;
                Ok(found.map(Organization))
            }
            _ => Err(Refusal::bad_input("id", "give either the id or the slug")
                .because(kernel::reasons::INCONSISTENT))
            .graph(),
        }
    }

    /// What has this id: a person, an organization, an event, a ticket type, a reservation, an order, a ticket or a payment.
    /// Only an id that says what it is will do. Null when there is no such person or organization; what is not there
    /// elsewhere, or is not for the caller, has null for all its other fields, or is null where one of them cannot be.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ID) -> Result<Option<Node>> {
        node(ctx, &id).await
    }

    /// A person whom another service names. Whom the caller must not see is not there.
    #[graphql(entity)]
    async fn find_user_by_id(&self, ctx: &Context<'_>, id: ID) -> Result<Option<User>> {
        let Ok(id) = id.parse::<UserId>() else { return Ok(None) };
        person(ctx, viewer(ctx), id).await
    }

    /// An organization that another service names.
    #[graphql(entity)]
    async fn find_organization_by_id(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Organization>> {
        let Ok(id) = id.parse::<OrganizationId>() else { return Ok(None) };
        organization(ctx, id).await
    }
}

pub(super) async fn organization(ctx: &Context<'_>, id: OrganizationId) -> Result<Option<Organization>> {
    ctx.data::<DataLoader<Lookups>>()?.load_one(id).await
}

pub(super) async fn person(ctx: &Context<'_>, viewer: Viewer, id: UserId) -> Result<Option<User>> {
    ctx.data::<DataLoader<Lookups>>()?.load_one(PersonSeen(viewer, id)).await
}
