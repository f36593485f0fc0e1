use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use contracts::{
    Announcement,
    settings::{OrganizationSettings, OrganizationSettingsChanged},
    users::{MembershipChanged, OrganizationChanged, Role},
};
use kernel::{OrganizationId, Refusal, UserId};

use super::{OrganizationChange, Slug};
use crate::domain::reasons;

/// The most members an organization can have: they are shown in one list.
pub const MAX_MEMBERS: usize = 500;

/// How long the idempotency key of a founding is kept.
const KEY_KEPT: Duration = Duration::days(7);

/// A person's role in an organization; none when it was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// What the person may do.
    pub role: Option<Role>,
    /// Rises with each change.
    pub version: i64,
    /// When it last changed.
    pub since: DateTime<Utc>,
}

/// How an organization came to be; a repeated ask is known by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founding {
    /// By whom.
    pub founder: UserId,
    /// What the client marked its ask with.
    pub idempotency_key: Option<String>,
    /// What was asked for.
    pub asked: String,
}

/// An organization as it is saved.
#[derive(Clone, Debug)]
pub struct OrganizationSnapshot {
    /// Which.
    pub id: OrganizationId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Rises with each change of the above.
    pub version: i64,
    /// When it was founded.
    pub created_at: DateTime<Utc>,
    /// How it was founded.
    pub founding: Founding,
    /// On which terms it sells, and how it presents itself.
    pub settings: OrganizationSettings,
    /// Rises with each change of the settings; 0 as long as nobody has changed them.
    pub settings_version: i64,
    /// Everybody who has or had a role.
    pub members: BTreeMap<UserId, Membership>,
}

/// Who sells tickets, and who may do what for them.
#[derive(Debug)]
pub struct Organization {
    state: OrganizationSnapshot,
    changed: Vec<UserId>,
    altered: bool,
    pending: Vec<Announcement>,
}

impl Organization {
    /// A new organization, whose founder owns it.
    pub fn found(name: String, slug: Slug, founding: Founding, now: DateTime<Utc>) -> Self {
        let founder = founding.founder;
        let state = OrganizationSnapshot {
            id: OrganizationId::new(),
            slug,
            name,
            version: 1,
            created_at: now,
            founding,
            settings: OrganizationSettings::default(),
            settings_version: 0,
            members: BTreeMap::new(),
        };
        let mut organization = Self::restore(state);
        organization.tell_of_itself();
        organization.give(founder, Some(Role::Owner), now);
        organization
    }

    /// An organization as it was saved; for the store.
    pub fn restore(state: OrganizationSnapshot) -> Self {
        Self { state, changed: Vec::new(), altered: false, pending: Vec::new() }
    }

    /// As it is to be saved.
    pub fn state(&self) -> &OrganizationSnapshot {
        &self.state
    }

    /// True as long as its founding is known by its idempotency key.
    pub fn keeps_key(&self, now: DateTime<Utc>) -> bool {
        now < self.state.created_at + KEY_KEPT
    }

    /// What the person may do.
    pub fn role(&self, user: UserId) -> Option<Role> {
        self.state.members.get(&user).and_then(|membership| membership.role)
    }

    /// Refuses unless the person owns the organization.
    pub fn require_owner(&self, user: UserId) -> Result<(), Refusal> {
        if self.role(user) == Some(Role::Owner) {
            Ok(())
        } else {
            let message = "Only an owner of the organization may change it, or who belongs to it.";
            Err(Refusal::new(kernel::reasons::ROLE_REQUIRED, message))
        }
    }

    /// Changes its name and its settings, by an owner. What is as it was before is no change, and is not told.
    pub fn change(&mut self, by: UserId, change: OrganizationChange) -> Result<(), Refusal> {
        self.require_owner(by)?;
        if let Some(name) = change.name().filter(|name| *name != self.state.name) {
            name.clone_into(&mut self.state.name);
            self.state.version += 1;
            self.altered = true;
            self.tell_of_itself();
        }
        let settings = change.of(&self.state.settings);
        if settings != self.state.settings {
            self.state.settings = settings;
            self.state.settings_version += 1;
            self.altered = true;
            self.pending.push(Announcement::of(&OrganizationSettingsChanged {
                organization_id: self.state.id,
                version: self.state.settings_version,
                settings: self.state.settings.clone(),
            }));
        }
        Ok(())
    }

    /// Gives a person a role, by an owner. Asked again, or for the role the person has, nothing happens.
    pub fn admit(&mut self, by: UserId, user: UserId, role: Role, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.require_owner(by)?;
        let before = self.role(user);
        if before == Some(role) {
            return Ok(());
        }
        if before.is_none() && self.members().count() >= MAX_MEMBERS {
            return Err(Refusal::new(
                reasons::TOO_MANY_MEMBERS,
                format!("An organization can have {MAX_MEMBERS} members. Remove somebody first."),
            ));
        }
        if before == Some(Role::Owner) {
            self.keep_an_owner(user)?;
        }
        self.give(user, Some(role), now);
        Ok(())
    }

    /// Takes a person's role away, by an owner or by that person. The last owner cannot go. Asked
    /// again, nothing happens.
    pub fn dismiss(&mut self, by: UserId, user: UserId, now: DateTime<Utc>) -> Result<(), Refusal> {
        if by != user {
            self.require_owner(by)?;
        }
        match self.state.members.get(&user) {
            None if by == user => {
                return Err(Refusal::new(reasons::NOT_A_MEMBER, "You do not belong to this organization."));
            }
            None => return Err(Refusal::not_found("member of this organization").with("field", "userId")),
            Some(Membership { role: None, .. }) => return Ok(()),
            Some(Membership { role: Some(Role::Owner), .. }) => self.keep_an_owner(user)?,
            Some(_) => {}
        }
        self.give(user, None, now);
        Ok(())
    }

    /// Memberships that changed since the organization was loaded; gone from here afterwards.
    pub fn take_changed(&mut self) -> Vec<(UserId, Membership)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|user| Some((user, *self.state.members.get(&user)?))).collect()
    }

    /// True when name or settings have changed since it was loaded, or since this was last asked.
    pub fn take_altered(&mut self) -> bool {
        std::mem::take(&mut self.altered)
    }

    /// What is to be told once this is saved; gone from here afterwards.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    fn tell_of_itself(&mut self) {
        self.pending.push(Announcement::of(&OrganizationChanged {
            organization_id: self.state.id,
            version: self.state.version,
            slug: self.state.slug.as_str().to_owned(),
            name: self.state.name.clone(),
        }));
    }

    fn members(&self) -> impl Iterator<Item = (UserId, Role)> {
        self.state.members.iter().filter_map(|(user, membership)| Some((*user, membership.role?)))
    }

    fn keep_an_owner(&self, leaving: UserId) -> Result<(), Refusal> {
        if self.members().any(|(user, role)| role == Role::Owner && user != leaving) {
            Ok(())
        } else {
            Err(Refusal::new(
                reasons::LAST_OWNER,
                "This is the organization's last owner. Make somebody else an owner first.",
            ))
        }
    }

    fn give(&mut self, user: UserId, role: Option<Role>, now: DateTime<Utc>) {
        let version = self.state.members.get(&user).map_or(0, |membership| membership.version) + 1;
        self.state.members.insert(user, Membership { role, version, since: now });
        self.changed.push(user);
        self.pending.push(Announcement::of(&MembershipChanged {
            organization_id: self.state.id,
            user_id: user,
            version,
            role,
        }));
    }
}

#[cfg(test)]
mod tests {
    use kernel::ErrorCode;

    use super::*;
    use crate::domain::entities::OrganizationAsk;

    fn change(ask: OrganizationAsk) -> OrganizationChange {
        OrganizationChange::read(ask).unwrap()
    }

    fn named(name: &str) -> OrganizationChange {
        change(OrganizationAsk { name: Some(name.to_owned()), ..OrganizationAsk::default() })
    }

    fn paid_after(days: i32) -> OrganizationChange {
        change(OrganizationAsk { payout_delay_days: Some(days), ..OrganizationAsk::default() })
    }

    fn founded() -> (Organization, UserId) {
        let founder = UserId::new();
        let founding = Founding { founder, idempotency_key: None, asked: String::new() };
        let slug = Slug::of_name("Opera", 1);
        (Organization::found("Opera".to_owned(), slug, founding, DateTime::UNIX_EPOCH), founder)
    }

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    #[test]
    fn the_key_of_a_founding_is_kept_for_seven_days() {
        let (organization, _) = founded();
        assert!(organization.keeps_key(now() + Duration::days(7) - Duration::milliseconds(1)));
        assert!(!organization.keeps_key(now() + Duration::days(7)));
    }

    #[test]
    fn the_last_owner_cannot_go_nor_become_less() {
        let (mut organization, owner) = founded();
        let other = UserId::new();
        organization.admit(owner, other, Role::Manager, now()).unwrap();
        for refusal in [
            organization.dismiss(owner, owner, now()).unwrap_err(),
            organization.admit(owner, owner, Role::Scanner, now()).unwrap_err(),
        ] {
            assert_eq!(refusal.code, ErrorCode::Conflict);
        }
        organization.admit(owner, other, Role::Owner, now()).unwrap();
        organization.dismiss(owner, owner, now()).unwrap();
        assert_eq!(organization.role(owner), None);
    }

    #[test]
    fn only_an_owner_changes_others_and_everybody_may_leave() {
        let (mut organization, owner) = founded();
        let (manager, scanner) = (UserId::new(), UserId::new());
        organization.admit(owner, manager, Role::Manager, now()).unwrap();
        organization.admit(owner, scanner, Role::Scanner, now()).unwrap();
        for refusal in [
            organization.admit(manager, UserId::new(), Role::Scanner, now()).unwrap_err(),
            organization.dismiss(manager, scanner, now()).unwrap_err(),
            organization.admit(UserId::new(), UserId::new(), Role::Owner, now()).unwrap_err(),
        ] {
            assert_eq!(refusal.code, ErrorCode::Forbidden);
        }
        organization.dismiss(scanner, scanner, now()).unwrap();
        assert_eq!(organization.role(scanner), None);
    }

    #[test]
    fn versions_of_a_membership_rise_through_leaving_and_coming_back() {
        let (mut organization, owner) = founded();
        let member = UserId::new();
        organization.take_pending();
        organization.admit(owner, member, Role::Scanner, now()).unwrap();
        organization.admit(owner, member, Role::Scanner, now()).unwrap();
        organization.dismiss(owner, member, now()).unwrap();
        organization.dismiss(owner, member, now()).unwrap();
        organization.admit(owner, member, Role::BoxOffice, now()).unwrap();
        let versions: Vec<_> = organization.take_pending().iter().map(|told| told.version).collect();
        assert_eq!(versions, [1, 2, 3]);
    }

    #[test]
    fn name_and_settings_have_versions_of_their_own_and_what_stays_is_not_told() {
        let (mut organization, owner) = founded();
        organization.take_pending();
        let mut told = |change| {
            organization.change(owner, change).unwrap();
            let told = organization.take_pending().into_iter().map(|told| (told.subject, told.version));
            (organization.take_altered(), told.collect::<Vec<_>>())
        };
        assert_eq!(told(named("Opera")), (false, vec![]));
        assert_eq!(told(paid_after(7)), (false, vec![]), "it is a week from the beginning");
        assert_eq!(told(paid_after(14)), (true, vec![("odysseus.users.organization.settings.v1", 1)]));
        assert_eq!(told(paid_after(14)), (false, vec![]));
        assert_eq!(told(named("Opera House")), (true, vec![("odysseus.users.organization.changed.v1", 2)]));
        let both = OrganizationAsk {
            name: Some("Opera".to_owned()),
            payout_delay_days: Some(7),
            ..OrganizationAsk::default()
        };
        let (altered, told) = told(change(both));
        assert_eq!((altered, told.iter().map(|told| told.1).collect::<Vec<_>>()), (true, vec![3, 2]));
    }

    #[test]
    fn only_an_owner_changes_name_and_settings() {
        let (mut organization, owner) = founded();
        let manager = UserId::new();
        organization.admit(owner, manager, Role::Manager, now()).unwrap();
        for by in [manager, UserId::new()] {
            let refusal = organization.change(by, paid_after(1)).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::Forbidden);
        }
        assert_eq!(organization.state().settings_version, 0);
    }

    #[test]
    fn an_organization_has_a_limited_number_of_members() {
        let (mut organization, owner) = founded();
        for _ in 1..MAX_MEMBERS {
            organization.admit(owner, UserId::new(), Role::Scanner, now()).unwrap();
        }
        let refusal = organization.admit(owner, UserId::new(), Role::Scanner, now()).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::LimitExceeded);
    }
}
