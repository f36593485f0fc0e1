use async_graphql::{Context, ID, Object, Result, dataloader::DataLoader};
use kernel::{OrganizationId, Refusal, UserId};
use service::graphql::{IntoGraph, caller, id as read_id};

use super::{Organization, User, organizations::OrganizationsById};
use crate::domain::Users;

/// What can be asked of users.
pub struct Query;

#[Object]
impl Query {
    /// Who is logged in; null when nobody is.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(caller) = caller(ctx) else { return Ok(None) };
        let me = ctx.data::<Users>()?.person(Some(caller.user), caller.user).await.graph()?;
        Ok(me.map(User))
    }

    /// An organization, by its id or its slug; null when there is none.
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
            _ => Err(Refusal::bad_input("id", "give either the id or the slug")).graph(),
        }
    }

    /// A person whom another service names. Whom the caller must not see is not there.
    #[graphql(entity)]
    async fn find_user_by_id(&self, ctx: &Context<'_>, id: ID) -> Result<Option<User>> {
        let Ok(id) = id.parse::<UserId>() else { return Ok(None) };
        let viewer = caller(ctx).map(|caller| caller.user);
        Ok(ctx.data::<Users>()?.person(viewer, id).await.graph()?.map(User))
    }

    /// An organization that another service names.
    #[graphql(entity)]
    async fn find_organization_by_id(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Organization>> {
        let Ok(id) = id.parse::<OrganizationId>() else { return Ok(None) };
        organization(ctx, id).await
    }
}

async fn organization(ctx: &Context<'_>, id: OrganizationId) -> Result<Option<Organization>> {
    ctx.data::<DataLoader<OrganizationsById>>()?.load_one(id).await
}
