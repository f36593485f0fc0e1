use contracts::users::Role;
use kernel::{OrganizationId, Refusal, Result, UserId};

use crate::domain::{
    Users,
    entities::{Profile, Slug},
    ports::OrganizationView,
};

/// As what somebody sees a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Oneself: everything.
    Own,
    /// A member of an organization of one's own: name and address, no telephone number.
    Fellow,
}

/// A person, and as what they are seen.
#[derive(Clone, Debug)]
pub struct Sighted {
    /// The person.
    pub profile: Profile,
    /// Seen as.
    pub sight: Sight,
}

impl Users {
    /// A person as the viewer sees them: oneself and fellow members. Anybody else is as if not there.
    pub async fn person(&self, viewer: Option<UserId>, id: UserId) -> Result<Option<Sighted>> {
        let Some(viewer) = viewer else { return Ok(None) };
        let sight = if viewer == id {
            Sight::Own
        } else if self.reads.are_fellows(viewer, id).await? {
            Sight::Fellow
        } else {
            return Ok(None);
        };
        Ok(self.reads.profile(id).await?.map(|profile| Sighted { profile, sight }))
    }

    /// Organizations with these ids, in any order. Everybody sees name and slug.
    pub async fn organizations(&self, ids: &[OrganizationId]) -> Result<Vec<OrganizationView>> {
        Ok(self.reads.organizations(ids).await?)
    }

    /// The organization with this slug.
    pub async fn organization_by_slug(&self, slug: &str) -> Result<Option<OrganizationView>> {
        match Slug::parse("slug", slug) {
            Ok(slug) => Ok(self.reads.organization_by_slug(&slug).await?),
            Err(_) => Ok(None), // nothing can have it
        }
    }

    /// Who belongs to an organization; for its members only.
    pub async fn members(
        &self,
        viewer: Option<UserId>,
        organization: OrganizationId,
    ) -> Result<Vec<(Sighted, Role)>> {
        let viewer = viewer.ok_or_else(Refusal::unauthenticated)?;
        if self.reads.role(organization, viewer).await?.is_none() {
            return Err(Refusal::forbidden("Only members of an organization see who belongs to it.").into());
        }
        let members = self.reads.members(organization).await?;
        let seen = |profile: Profile| {
            let sight = if profile.id == viewer { Sight::Own } else { Sight::Fellow };
            Sighted { profile, sight }
        };
        Ok(members.into_iter().map(|(profile, role)| (seen(profile), role)).collect())
    }

    /// Where a person has a role: all of one's own, and of a fellow's those in one's own organizations.
    pub async fn memberships(
        &self,
        viewer: Option<UserId>,
        person: &Sighted,
    ) -> Result<Vec<(OrganizationView, Role)>> {
        let mut memberships = self.reads.memberships(person.profile.id).await?;
        if person.sight == Sight::Fellow {
            let viewer = viewer.ok_or_else(Refusal::unauthenticated)?;
            let shared = self.reads.memberships(viewer).await?;
            memberships.retain(|(theirs, _)| shared.iter().any(|(own, _)| own.id == theirs.id));
        }
        Ok(memberships)
    }
}
