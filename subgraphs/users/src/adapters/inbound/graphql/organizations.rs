use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use kernel::OrganizationId;
use service::graphql::IntoGraph;

use super::Organization;
use crate::domain::Users;

/// Looks up the organizations of a page of events at once.
pub(super) struct OrganizationsById(pub(super) Users);

impl Loader<OrganizationId> for OrganizationsById {
    type Value = Organization;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        ids: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Organization>, Self::Error> {
        let found = self.0.organizations(ids).await.graph()?;
        Ok(found.into_iter().map(|organization| (organization.id, Organization(organization))).collect())
    }
}
