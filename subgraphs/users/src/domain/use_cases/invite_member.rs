use chrono::Duration;
use contracts::{
    account_mail::{AccountMail, SendAccountMail},
    users::Role,
};
use kernel::{EmailAddress, Fault, InvitationId, OrganizationId, Refusal, Result, UserId};

use crate::domain::{
    Users,
    entities::{Invitation, InvitationEnd, MAX_INVITATIONS, Secret, over},
    ports::OrganizationView,
    reasons,
};

/// Asked again within this time, for the same role, no second mail is sent.
const SENT_JUST_NOW: Duration = Duration::minutes(1);

/// Who is to get which role.
#[derive(Clone, Debug)]
pub struct InviteMember {
    /// An owner.
    pub by: UserId,
    /// Where.
    pub organization: OrganizationId,
    /// Where mail reaches the person.
    pub email: String,
    /// What that person may do.
    pub role: Role,
}

impl Users {
    /// Mails an invitation to this address: the role begins once an account with that address opens its link. A member
    /// gets another role at once. Whether there is an account is told to nobody.
    pub async fn invite_member(&self, ask: InviteMember) -> Result<OrganizationView> {
        let email = EmailAddress::parse("email", &ask.email)?;
        let (secret, now) = (Secret::random(), self.clock.now());
        let mut tx = self.store.begin().await?;
        let mut organization =
            tx.organization(ask.organization).await?.ok_or_else(|| Refusal::not_found("organization"))?;
        organization.require_owner(ask.by)?;
        let account = tx.account_by_email(&email).await?.map(|account| account.profile().id);
        if let Some(member) = account.filter(|account| organization.role(*account).is_some()) {
            organization.admit(ask.by, member, ask.role, now)?;
            tx.save_organization(&mut organization).await?;
            tx.commit().await?;
            return Ok((&organization).into());
        }
        if let Some(mut before) = tx.open_invitation(ask.organization, &email).await? {
            if before.role == ask.role && before.by == ask.by && now < before.created_at + SENT_JUST_NOW {
                return Ok((&organization).into());
            }
            before.end(InvitationEnd::Replaced, now);
            tx.save_invitation(&before).await?;
        }
        let (open, today) =
            tx.count_invitations(ask.organization, ask.by, now, now - Duration::days(1)).await?;
        if open >= MAX_INVITATIONS || today >= self.rules.invitations_a_day {
            return Err(too_many(self.rules.invitations_a_day).into());
        }
        let inviter = tx.account(ask.by).await?.ok_or_else(Refusal::unauthenticated)?;
        let invitation = Invitation {
            id: InvitationId::new(),
            organization: ask.organization,
            email,
            role: ask.role,
            token: secret.hash(),
            by: ask.by,
            created_at: now,
            expires_at: now + self.rules.invitation_lifetime,
            ended: None,
        };
        tx.save_invitation(&invitation).await?;
        let inviter = inviter.profile();
        let name = inviter
            .name
            .clone()
            .ok_or_else(|| Fault::broken_rule("an owner of an organization has no name"))?;
        tx.send(&SendAccountMail {
            id: invitation.id.uuid(),
            user_id: None,
            to_email: invitation.email.as_str().to_owned(),
            to_name: None,
            locale: inviter.locale.as_str().to_owned(),
            timezone: inviter.timezone.name().to_owned(),
            kind: AccountMail::Invitation {
                link: format!("{}/account/invitation#token={}", self.rules.public_url, secret.reveal()),
                expires_at: invitation.expires_at,
                organization: organization.state().name.clone(),
                role: invitation.role,
                inviter: name,
            },
        })
        .await?;
        tx.commit().await?;
        Ok((&organization).into())
    }

    /// Makes a member of whoever was invited: the account has the address that the mail went to, which this shows.
    /// Asked again, nothing happens.
    pub async fn accept_invitation(&self, user: UserId, token: &str) -> Result<OrganizationView> {
        let token = Secret::read(token).ok_or_else(over)?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let found = tx.invitation_by_token(&token.hash()).await?.ok_or_else(over)?;
        // Whoever changes an invitation holds its organization.
        let mut organization = tx.organization(found.organization).await?.ok_or_else(over)?;
        let mut invitation = tx.invitation(found.id).await?.ok_or_else(over)?;
        let mut account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        account.require_registered()?;
        let first = invitation.accept(&account.profile().email, now)?;
        if first {
            // By the owner who invited: once that is no owner any more, neither is the invitation good.
            organization.require_owner(invitation.by).map_err(|_| over())?;
            organization.admit(invitation.by, user, invitation.role, now)?;
            account.verify_address();
            tx.save_account(&mut account).await?;
            tx.save_organization(&mut organization).await?;
            tx.save_invitation(&invitation).await?;
            tx.commit().await?;
        } else if organization.role(user).is_none() {
            return Err(over().into()); // who was a member once and is none any more
        }
        Ok((&organization).into())
    }

    /// Takes an invitation back. For owners. Asked again, nothing happens.
    pub async fn revoke_invitation(&self, by: UserId, id: InvitationId) -> Result<OrganizationView> {
        let unknown = || Refusal::not_found("invitation").with("field", "id");
        let mut tx = self.store.begin().await?;
        let found = tx.invitation(id).await?.ok_or_else(unknown)?;
        let organization = tx.organization(found.organization).await?.ok_or_else(unknown)?;
        let mut invitation = tx.invitation(id).await?.ok_or_else(unknown)?;
        // Who does not see invitations does not learn that there is one.
        if !organization.role(by).is_some_and(Role::manages) {
            return Err(unknown().into());
        }
        organization.require_owner(by)?;
        invitation.end(InvitationEnd::Revoked, self.clock.now());
        tx.save_invitation(&invitation).await?;
        tx.commit().await?;
        Ok((&organization).into())
    }

    /// Gives the account of this address a role at once, without asking anybody: for who fills an empty store with
    /// accounts of their own, such as a demonstration's.
    pub async fn enrol(&self, ask: InviteMember) -> Result<OrganizationView> {
        let email = EmailAddress::parse("email", &ask.email)?;
        let mut tx = self.store.begin().await?;
        let mut organization =
            tx.organization(ask.organization).await?.ok_or_else(|| Refusal::not_found("organization"))?;
        let account = tx.account_by_email(&email).await?.ok_or_else(|| Refusal::not_found("account"))?;
        organization.admit(ask.by, account.profile().id, ask.role, self.clock.now())?;
        tx.save_organization(&mut organization).await?;
        tx.commit().await?;
        Ok((&organization).into())
    }
}

fn too_many(a_day: u64) -> Refusal {
    Refusal::new(
        reasons::TOO_MANY_INVITATIONS,
        format!(
            "At most {MAX_INVITATIONS} invitations of an organization wait for an answer, and a person sends at most \
             {a_day} in a day. Revoke some, or go on tomorrow."
        ),
    )
}
