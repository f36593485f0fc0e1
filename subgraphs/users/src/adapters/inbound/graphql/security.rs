//! One's own password, address and sessions.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context, Error, ID, InputObject, Object, Result,
    dataloader::{DataLoader, Loader},
};
use chrono::{DateTime, Utc};
use kernel::{EmailAddress, Refusal, UserId, together};
use service::graphql::{
    IntoGraph,
    Who::{self, Holder, Public},
    access, caller, id as read_id, require_user,
};

use super::{super::browser, AuthPayload, User, loaders::Lookups};
use crate::domain::{
    Users,
    entities::{AddressChange, Device},
    ports::SessionView,
    use_cases::{ChangeEmail, ChangePassword, Oneself, ResetPassword, Sight, Sighted, sign_in::Arrival},
};

/// A login on one device, as its owner sees it.
pub struct Session {
    view: SessionView,
    current: bool,
}

/// A login on one device, as its owner sees it.
#[Object]
impl Session {
    /// The session's id.
    async fn id(&self) -> ID {
        self.view.id.public().into()
    }

    /// When the person logged in.
    async fn created_at(&self) -> DateTime<Utc> {
        self.view.created_at
    }

    /// When the person was there last, give or take the minutes that an access token holds.
    async fn last_seen_at(&self) -> DateTime<Utc> {
        self.view.last_seen_at
    }

    /// On what, such as `Firefox on Windows`, by what the client said of itself; null when it said nothing.
    async fn device(&self) -> Option<&str> {
        self.view.device.as_ref().map(Device::as_str)
    }

    /// True for the session of the access token that this was asked with.
    async fn current(&self) -> bool {
        self.current
    }
}

/// An account is to have another address, and has it once both addresses agree.
pub struct EmailChange(AddressChange);

/// An account is to have another address, and has it once both addresses agree.
#[Object]
impl EmailChange {
    /// The address that the account is to have.
    async fn new_email(&self) -> &str {
        self.0.new_email.as_str()
    }

    /// True once the link in the mail to the address so far was opened. Also where none was mailed, because nobody has
    /// shown that mail to that address arrives.
    async fn old_address_agrees(&self) -> bool {
        self.0.old_agrees()
    }

    /// True once the link in the mail to the new address was opened.
    async fn new_address_agrees(&self) -> bool {
        self.0.new_agrees()
    }

    /// True once the account has the new address.
    async fn done(&self) -> bool {
        self.0.is_done()
    }

    /// Until when the links can be opened.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
}

/// The sessions of somebody, for themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SessionsOf(UserId);

/// The change of somebody's address, for themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct EmailChangeOf(UserId);

impl Loader<SessionsOf> for Lookups {
    type Value = Arc<Vec<SessionView>>;
    type Error = Error;

    async fn load(&self, keys: &[SessionsOf]) -> Result<HashMap<SessionsOf, Self::Value>, Error> {
        let people: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.0.sessions(&people).await.map_err(kernel::Error::from).graph()?;
        Ok(found.into_iter().map(|(person, theirs)| (SessionsOf(person), Arc::new(theirs))).collect())
    }
}

impl Loader<EmailChangeOf> for Lookups {
    type Value = AddressChange;
    type Error = Error;

    async fn load(&self, keys: &[EmailChangeOf]) -> Result<HashMap<EmailChangeOf, AddressChange>, Error> {
        let people: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.0.email_changes(&people).await.map_err(kernel::Error::from).graph()?;
        Ok(found.into_iter().map(|(person, change)| (EmailChangeOf(person), change)).collect())
    }
}

/// The sessions of a person who looks at themselves.
pub(super) async fn sessions(ctx: &Context<'_>, of: &Sighted) -> Result<Option<Vec<Session>>> {
    let Some(own) = of.private() else { return Ok(None) };
    let found = ctx.data::<DataLoader<Lookups>>()?.load_one(SessionsOf(own.id)).await?.unwrap_or_default();
    let here = caller(ctx).map(|caller| caller.session);
    let shown = |view: &SessionView| Session { current: here == Some(view.id), view: view.clone() };
    Ok(Some(found.iter().map(shown).collect()))
}

/// The change of address of a person who looks at themselves.
pub(super) async fn email_change(ctx: &Context<'_>, of: &Sighted) -> Result<Option<EmailChange>> {
    let Some(own) = of.private() else { return Ok(None) };
    let found = ctx.data::<DataLoader<Lookups>>()?.load_one(EmailChangeOf(own.id)).await?;
    Ok(found.map(EmailChange))
}

/// What somebody tells who wants another password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password so far. May be left out within ten minutes after logging in.
    #[graphql(secret)]
    pub current_password: Option<String>,
    /// 8 to 128 characters, not among the first that others would try.
    #[graphql(secret)]
    pub new_password: String,
}

/// What somebody tells whose address is to be another one.
#[derive(InputObject)]
pub struct ChangeEmailInput {
    /// Where mail reaches the person from then on; one account an address.
    pub new_email: String,
    /// The account's password. May be left out within ten minutes after logging in.
    #[graphql(secret)]
    pub password: Option<String>,
}

/// What can be done with one's own password, address and sessions.
pub struct SecurityMutation;

#[Object]
impl SecurityMutation {
    /// Mails a link to this address by which its owner chooses a new password, where it has an account; the link leads to
    /// `/account/reset-password#token=…` and holds for 30 minutes. Always true, after the same time: whether there is an account is not told.
    /// Somebody who asks again within a minute, or a sixth time within a day, gets no further mail.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's address.")] email: String,
    ) -> Result<Option<bool>> {
        let client = service::request::client();
        ctx.data::<Users>()?.request_password_reset(&email, client).await.graph()?;
        Ok(Some(true))
    }

    /// Sets the password that the reader of such a mail chooses, ends all sessions of the account, and logs the reader in.
    /// The link can be opened once. UNAUTHENTICATED with reason `SECOND_FACTOR_REQUIRED` where the account has a second
    /// factor: then the password is set, and completeLogin goes on.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What stands behind `#token=` in the mail's link.", secret)] token: String,
        #[graphql(desc = "8 to 128 characters, not among the first that others would try.", secret)]
        new_password: String,
    ) -> Result<Option<AuthPayload>> {
        let arrival = Arrival { client: service::request::client(), device: browser::device() };
        let ask = ResetPassword { token, new_password, arrival };
        Ok(Some(AuthPayload::of(ctx.data::<Users>()?.reset_password(ask).await.graph()?)))
    }

    /// Changes one's own password and ends all one's other sessions; a mail tells the owner. `BAD_USER_INPUT` with reason
    /// `PASSWORD_WRONG` when the password so far is another one. FORBIDDEN for guests.
    #[graphql(directive = access::apply([Who::Oneself].into(), None))]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password so far, and the new one.")] input: ChangePasswordInput,
    ) -> Result<Option<User>> {
        let ChangePasswordInput { current_password, new_password } = input;
        let ask = ChangePassword { who: oneself(ctx, current_password).graph()?, new_password };
        let profile = ctx.data::<Users>()?.change_password(ask).await.graph()?;
        Ok(Some(User(Sighted { profile, sight: Sight::Own })))
    }

    /// Asks for another address. A link is mailed to the new one, and one to the address so far where that is verified;
    /// both lead to `/account/change-address#token=…` and hold for 24 hours. The account has the new address once both were opened.
    /// It replaces a change asked for before. CONFLICT when the address has an account; `RATE_LIMITED` when a mail was
    /// sent not long ago; FORBIDDEN for guests.
    #[graphql(directive = access::apply([Who::Oneself].into(), None))]
    async fn change_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new address, and the password.")] input: ChangeEmailInput,
    ) -> Result<Option<EmailChange>> {
        let ChangeEmailInput { new_email, password } = input;
        // What is wrong with either is told at once.
        let who = oneself(ctx, password);
        let (who, _) = together((who, EmailAddress::parse("newEmail", &new_email))).graph()?;
        let ask = ChangeEmail { who, new_email };
        Ok(Some(EmailChange(ctx.data::<Users>()?.change_email(ask).await.graph()?)))
    }

    /// Notes that one of the two links was opened; with the last the account has the new address, which is verified by
    /// it. Needs no login: whoever has the link has the mail. Opened again, a link changes nothing. CONFLICT when another
    /// account has got the address meanwhile.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn confirm_email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What stands behind `#token=` in the mail's link.", secret)] token: String,
    ) -> Result<Option<EmailChange>> {
        Ok(Some(EmailChange(ctx.data::<Users>()?.confirm_email_change(&token).await.graph()?)))
    }

    /// Takes a change of one's own address back: its links are worth nothing any more. False when there is none.
    #[graphql(directive = access::apply([Who::Oneself].into(), None))]
    async fn cancel_email_change(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        let user = require_user(ctx)?;
        Ok(Some(ctx.data::<Users>()?.cancel_email_change(user).await.graph()?))
    }

    /// Erases oneself, for good: all sessions end at once, nobody can log in any more, and the address is free for a new
    /// account. Name, address and whatever else tells who one was are deleted in every service within seconds; where orders or
    /// refunds are under way, once these have ended. Sales records stay, without a name. Tickets still admit, but are shown to
    /// nobody any more: the mail has them. The names on them go when their events are over. CONFLICT for the last owner of an
    /// organization; `BAD_USER_INPUT` with reason `PASSWORD_WRONG` when the password is another one; FORBIDDEN for guests.
    #[graphql(directive = access::apply([Who::Oneself].into(), None))]
    async fn delete_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's password.", secret)] password: String,
    ) -> Result<Option<bool>> {
        let who = oneself(ctx, Some(password)).graph()?;
        ctx.data::<Users>()?.delete_account(who).await.graph()?;
        browser::forget();
        Ok(Some(true))
    }

    /// Ends one of one's own sessions, on whatever device: its tokens are worth nothing any more. True also when it had
    /// ended before; `NOT_FOUND` for what is none of one's own.
    #[graphql(directive = access::apply([Who::Oneself].into(), None))]
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<bool>> {
        let (user, session) = (require_user(ctx)?, read_id("id", &id)?);
        ctx.data::<Users>()?.revoke_session(user, session).await.graph()?;
        Ok(Some(true))
    }

    /// Ends all of one's own sessions but the one of this access token; how many there were.
    #[graphql(directive = access::apply([Who::Oneself].into(), None))]
    async fn revoke_other_sessions(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let ended = ctx.data::<Users>()?.revoke_other_sessions(caller.user, caller.session).await.graph()?;
        Ok(Some(i32::try_from(ended).unwrap_or(i32::MAX)))
    }
}

/// The caller, with the password that they gave.
fn oneself(ctx: &Context<'_>, password: Option<String>) -> Result<Oneself, Refusal> {
    let caller = caller(ctx).ok_or_else(Refusal::unauthenticated)?;
    let client = service::request::client();
    Ok(Oneself { user: caller.user, session: caller.session, password, client })
}
