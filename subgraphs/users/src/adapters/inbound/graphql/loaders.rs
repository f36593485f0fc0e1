//! What many fields of one operation need, looked up at once.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::{Error, dataloader::Loader};
use contracts::users::Role;
use kernel::{Cursor, OrganizationId, Page, PageAsk, Refusal, UserId, Viewer};
use service::graphql::IntoGraph;

use super::{Branding, Invitation, Organization, OrganizationSettings, Seller, User};
use crate::domain::{
    Users,
    ports::OrganizationView,
    use_cases::{Sight, Sighted},
};

/// A page of an organization's members, as somebody sees them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct MembersSeen {
    pub(super) viewer: Viewer,
    pub(super) organization: OrganizationId,
    pub(super) first: u32,
    pub(super) after: Option<String>,
    pub(super) counted: bool,
}

/// A person, as somebody sees them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PersonSeen(pub(super) Viewer, pub(super) UserId);

/// Where a person has a role, as somebody sees it who sees the person.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MembershipsSeen(pub(super) Viewer, pub(super) UserId);

/// The invitations of an organization, as somebody sees them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct InvitationsSeen(pub(super) Viewer, pub(super) OrganizationId);

/// The settings of an organization, as somebody sees them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SettingsSeen(pub(super) Viewer, pub(super) OrganizationId);

/// An organization, as it presents itself to everybody.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Presented(pub(super) OrganizationId);

/// How an organization presents itself to everybody.
#[derive(Clone)]
pub(super) struct PresentedAs {
    pub(super) seller: Seller,
    pub(super) branding: Branding,
}

/// Looks up what the graph shows.
#[derive(Clone)]
pub(super) struct Lookups(pub(super) Users);

impl Loader<OrganizationId> for Lookups {
    type Value = Organization;
    type Error = Error;

    async fn load(&self, ids: &[OrganizationId]) -> Result<HashMap<OrganizationId, Organization>, Error> {
        let found = self.0.organizations(ids).await.map_err(kernel::Error::from).graph()?;
        Ok(found.into_iter().map(|organization| (organization.id, Organization(organization))).collect())
    }
}

impl Loader<PersonSeen> for Lookups {
    type Value = User;
    type Error = Error;

    async fn load(&self, keys: &[PersonSeen]) -> Result<HashMap<PersonSeen, User>, Error> {
        let mut found = HashMap::new();
        for (viewer, ids) in by_viewer(keys.iter().map(|key| (key.0, key.1))) {
            let people = self.0.people(viewer, &ids).await.map_err(kernel::Error::from).graph()?;
            found.extend(
                people.into_iter().map(|person| (PersonSeen(viewer, person.profile.id), User(person))),
            );
        }
        Ok(found)
    }
}

/// What somebody sees of something, or why they do not.
pub(super) type Shown<T> = Arc<Result<T, Refusal>>;

impl Loader<MembersSeen> for Lookups {
    type Value = Shown<Page<(Sighted, Role)>>;
    type Error = Error;

    async fn load(&self, keys: &[MembersSeen]) -> Result<HashMap<MembersSeen, Self::Value>, Error> {
        // One operation asks alike for all organizations of a list.
        let asked =
            keys.iter().map(|key| ((key.viewer, key.first, &key.after, key.counted), key.organization));
        let mut found = HashMap::new();
        for ((viewer, first, after, counted), ids) in by_viewer(asked) {
            let page = PageAsk { first, after: after.clone().map(Cursor::after) };
            let members = self.0.members(viewer, &ids, &page, counted).await.graph()?;
            found.extend(members.into_iter().map(|(organization, seen)| {
                let key = MembersSeen { viewer, organization, first, after: after.clone(), counted };
                (key, Arc::new(seen))
            }));
        }
        Ok(found)
    }
}

impl Loader<InvitationsSeen> for Lookups {
    type Value = Shown<Vec<Invitation>>;
    type Error = Error;

    async fn load(&self, keys: &[InvitationsSeen]) -> Result<HashMap<InvitationsSeen, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (viewer, ids) in by_viewer(keys.iter().map(|key| (key.0, key.1))) {
            let open = self.0.invitations(viewer, &ids).await.map_err(kernel::Error::from).graph()?;
            found.extend(open.into_iter().map(|(id, seen)| {
                let shown = seen.map(|all| all.into_iter().map(Invitation).collect());
                (InvitationsSeen(viewer, id), Arc::new(shown))
            }));
        }
        Ok(found)
    }
}

impl Loader<SettingsSeen> for Lookups {
    type Value = Shown<OrganizationSettings>;
    type Error = Error;

    async fn load(&self, keys: &[SettingsSeen]) -> Result<HashMap<SettingsSeen, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (viewer, ids) in by_viewer(keys.iter().map(|key| (key.0, key.1))) {
            let settings = self.0.settings(viewer, &ids).await.map_err(kernel::Error::from).graph()?;
            found.extend(settings.into_iter().map(|(id, seen)| {
                (SettingsSeen(viewer, id), Arc::new(seen.map(OrganizationSettings::from)))
            }));
        }
        Ok(found)
    }
}

impl Loader<Presented> for Lookups {
    type Value = PresentedAs;
    type Error = Error;

    async fn load(&self, keys: &[Presented]) -> Result<HashMap<Presented, PresentedAs>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.0.presented(&ids).await.map_err(kernel::Error::from).graph()?;
        Ok(found
            .into_iter()
            .map(|(id, (seller, branding))| {
                (Presented(id), PresentedAs { seller: seller.into(), branding: branding.into() })
            })
            .collect())
    }
}

impl Loader<MembershipsSeen> for Lookups {
    type Value = Vec<(OrganizationView, Role)>;
    type Error = Error;

    async fn load(&self, keys: &[MembershipsSeen]) -> Result<HashMap<MembershipsSeen, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (viewer, ids) in by_viewer(keys.iter().map(|key| (key.0, key.1))) {
            let all = self.0.memberships(viewer, &ids).await.map_err(kernel::Error::from).graph()?;
            found.extend(all.into_iter().map(|(person, theirs)| (MembershipsSeen(viewer, person), theirs)));
        }
        Ok(found)
    }
}

/// Nearly always there is one viewer: the caller of the request.
fn by_viewer<V: Eq + Hash, I>(keys: impl Iterator<Item = (V, I)>) -> HashMap<V, Vec<I>> {
    let mut by_viewer: HashMap<_, Vec<_>> = HashMap::new();
    for (viewer, id) in keys {
        by_viewer.entry(viewer).or_default().push(id);
    }
    by_viewer
}

/// As whom somebody sees a person again.
pub(super) fn viewer_of(person: &Sighted, viewer: Viewer) -> Viewer {
    match person.sight {
        Sight::Own => person.profile.id.into(),
        Sight::Fellow => viewer,
    }
}
