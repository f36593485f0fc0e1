use std::collections::{HashMap, HashSet};

use contracts::{
    settings::{Branding, OrganizationSettings, Seller},
    users::Role,
};
use kernel::{Fault, OrganizationId, Page, PageAsk, Refusal, Result, SessionId, UserId, Viewer};

use crate::domain::{
    Users,
    entities::{Invitation, Profile, Slug},
    ports::OrganizationView,
    reasons,
};

/// As what somebody sees a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Oneself: everything.
    Own,
    /// A member of an organization of one's own, or anybody for an operator: name and address, nothing else.
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

impl Sighted {
    /// The profile with what only the person sees; nothing, when somebody else looks.
    pub fn private(&self) -> Option<&Profile> {
        (self.sight == Sight::Own).then_some(&self.profile)
    }
}

/// What of organizations somebody may see.
pub type Seen<T> = HashMap<OrganizationId, Result<T, Refusal>>;

impl Users {
    /// A person as the viewer sees them: oneself and fellow members. Anybody else is as if not there, but for operators.
    pub async fn person(&self, viewer: Viewer, id: UserId) -> Result<Option<Sighted>> {
        Ok(self.people(viewer, &[id]).await?.pop())
    }

    /// Those of these people whom the viewer sees, in any order.
    pub async fn people(&self, viewer: Viewer, ids: &[UserId]) -> Result<Vec<Sighted>, Fault> {
        let (Some(viewer), sees_all) = (viewer.user(), viewer.is_operator()) else { return Ok(Vec::new()) };
        let others: Vec<_> = ids.iter().copied().filter(|id| *id != viewer).collect();
        let fellows =
            if others.is_empty() || sees_all { others } else { self.reads.fellows(viewer, &others).await? };
        let fellows: HashSet<_> = fellows.into_iter().collect();
        let seen: Vec<_> = ids.iter().copied().filter(|id| *id == viewer || fellows.contains(id)).collect();
        if seen.is_empty() {
            return Ok(Vec::new());
        }
        let profiles = self.reads.profiles(&seen).await?;
        Ok(profiles.into_iter().map(|profile| seen_by(viewer, profile)).collect())
    }

    /// Organizations with these ids, in any order. Everybody sees name and slug.
    pub async fn organizations(&self, ids: &[OrganizationId]) -> Result<Vec<OrganizationView>, Fault> {
        self.reads.organizations(ids).await
    }

    /// The organization with this slug.
    pub async fn organization_by_slug(&self, slug: &str) -> Result<Option<OrganizationView>> {
        match Slug::parse("slug", slug) {
            Ok(slug) => Ok(self.reads.organization_by_slug(&slug).await?),
            Err(_) => Ok(None), // nothing can have it
        }
    }

    /// A page of who belongs to each of these organizations; for its members, and operators, only.
    pub async fn members(
        &self,
        viewer: Viewer,
        ids: &[OrganizationId],
        page: &PageAsk,
        counted: bool,
    ) -> Result<Seen<Page<(Sighted, Role)>>> {
        let (Some(viewer), sees_all) = (viewer.user(), viewer.is_operator()) else {
            return Ok(for_nobody(ids));
        };
        let roles = self.reads.roles(viewer, ids).await?;
        let sees = |id: &OrganizationId| sees_all || roles.contains_key(id);
        let own: Vec<_> = ids.iter().copied().filter(sees).collect();
        let mut members = self.reads.members(&own, page, counted).await?;
        let mut shown = |id: OrganizationId| {
            if !sees(&id) {
                let message = "Only members of an organization see who belongs to it.";
                return Err(Refusal::new(reasons::NOT_A_MEMBER, message));
            }
            let members =
                members.remove(&id).unwrap_or_else(|| Page::of(page, Vec::new(), 0, |_| String::new()));
            Ok(members.map(|member| (seen_by(viewer, member.profile), member.role)))
        };
        Ok(ids.iter().map(|id| (*id, shown(*id))).collect())
    }

    /// The invitations of each of these organizations that wait for an answer; for who manages it, and operators.
    pub async fn invitations(
        &self,
        viewer: Viewer,
        ids: &[OrganizationId],
    ) -> Result<Seen<Vec<Invitation>>, Fault> {
        let Some(own) = self.managed_by(viewer, ids).await? else { return Ok(for_nobody(ids)) };
        let open = self.reads.invitations(&own, self.clock.now()).await?;
        let message = "Only owners and managers of an organization see whom it has invited.";
        Ok(for_managers(ids, &own, open, message))
    }

    /// The settings of each of these organizations; for who manages it, and operators.
    pub async fn settings(
        &self,
        viewer: Viewer,
        ids: &[OrganizationId],
    ) -> Result<Seen<OrganizationSettings>, Fault> {
        let Some(own) = self.managed_by(viewer, ids).await? else { return Ok(for_nobody(ids)) };
        let settings = self.reads.settings(&own).await?;
        let message = "Only owners and managers of an organization see its settings.";
        Ok(for_managers(ids, &own, settings, message))
    }

    /// How each of these organizations presents itself to everybody.
    pub async fn presented(
        &self,
        ids: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, (Seller, Branding)>, Fault> {
        let settings = self.reads.settings(ids).await?;
        Ok(settings.into_iter().map(|(id, settings)| (id, (settings.seller, settings.branding))).collect())
    }

    /// Those of these organizations that the viewer manages, all of them for an operator; none when nobody is logged in.
    async fn managed_by(
        &self,
        viewer: Viewer,
        ids: &[OrganizationId],
    ) -> Result<Option<Vec<OrganizationId>>, Fault> {
        let Some(user) = viewer.user() else { return Ok(None) };
        let roles = self.reads.roles(user, ids).await?;
        let manages =
            |id: &OrganizationId| viewer.is_operator() || roles.get(id).is_some_and(|role| role.manages());
        Ok(Some(ids.iter().copied().filter(manages).collect()))
    }

    /// Where each of these people has a role: all of one's own, and of a fellow's those in one's own organizations. An
    /// operator sees all.
    pub async fn memberships(
        &self,
        viewer: Viewer,
        people: &[UserId],
    ) -> Result<HashMap<UserId, Vec<(OrganizationView, Role)>>, Fault> {
        let (Some(viewer), sees_all) = (viewer.user(), viewer.is_operator()) else {
            return Ok(HashMap::new());
        };
        let mut asked: Vec<_> = people.to_vec();
        if people.iter().any(|person| *person != viewer) && !people.contains(&viewer) {
            asked.push(viewer);
        }
        let mut memberships = self.reads.memberships(&asked).await?;
        let own: HashSet<_> =
            memberships.get(&viewer).into_iter().flatten().map(|(organization, _)| organization.id).collect();
        for (person, theirs) in &mut memberships {
            if *person != viewer && !sees_all {
                theirs.retain(|(organization, _)| own.contains(&organization.id));
            }
        }
        Ok(memberships)
    }

    /// True when the session was ended before its time: its access token is worth nothing from then on.
    pub async fn session_has_ended(&self, session: SessionId) -> Result<bool, Fault> {
        self.reads.has_ended(session).await
    }
}

fn seen_by(viewer: UserId, profile: Profile) -> Sighted {
    let sight = if profile.id == viewer { Sight::Own } else { Sight::Fellow };
    Sighted { profile, sight }
}

/// What there is of organizations that the viewer manages, and the refusal of the others.
fn for_managers<T: Default>(
    ids: &[OrganizationId],
    own: &[OrganizationId],
    mut found: HashMap<OrganizationId, T>,
    message: &str,
) -> Seen<T> {
    let own: HashSet<_> = own.iter().collect();
    let mut seen = |id: &OrganizationId| {
        if own.contains(id) {
            Ok(found.remove(id).unwrap_or_default())
        } else {
            Err(Refusal::new(kernel::reasons::ROLE_REQUIRED, message))
        }
    };
    ids.iter().map(|id| (*id, seen(id))).collect()
}

fn for_nobody<T>(ids: &[OrganizationId]) -> Seen<T> {
    ids.iter().map(|id| (*id, Err(Refusal::unauthenticated()))).collect()
}
