//! Signing in by accounts elsewhere.

use std::collections::HashMap;

use async_graphql::{
    Context, Error, ID, InputObject, Object, Result, SimpleObject,
    dataloader::{DataLoader, Loader},
};
use chrono::{DateTime, Utc};
use kernel::{Refusal, UserId};
use service::graphql::{
    IntoGraph, Url,
    Who::{Holder, Oneself, Public},
    access, caller, id as read_id,
};

use super::{
    AuthPayload, User,
    loaders::Lookups,
    query::person,
    second_factors::{ProofInput, arrival},
};
use crate::domain::{Users, entities::sign_in, ports::Provider, use_cases::sign_in::FinishForeignSignIn};

/// Somebody who vouches for people, so that they sign in without a password of ours.
#[derive(SimpleObject)]
pub struct SignInProvider {
    /// How beginForeignSignIn names it.
    pub key: String,
    /// How people know it.
    pub label: String,
}

impl From<&Provider> for SignInProvider {
    fn from(provider: &Provider) -> Self {
        Self { key: provider.key.clone(), label: provider.label.clone() }
    }
}

/// An account elsewhere, by which its owner signs in here.
#[derive(Clone)]
pub struct ForeignAccount(sign_in::ForeignAccount);

/// An account elsewhere, by which its owner signs in here.
#[Object]
impl ForeignAccount {
    /// The foreign account's id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Who vouches for it; null when that provider is not asked any more.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<SignInProvider>> {
        let providers = ctx.data::<Users>()?.providers();
        Ok(providers.iter().find(|provider| provider.issuer == self.0.issuer).map(Into::into))
    }

    /// Since when it opens the account here.
    async fn linked_at(&self) -> DateTime<Utc> {
        self.0.linked_at
    }
}

/// The accounts elsewhere of somebody, for themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ForeignOf(UserId);

impl Loader<ForeignOf> for Lookups {
    type Value = Vec<ForeignAccount>;
    type Error = Error;

    async fn load(&self, keys: &[ForeignOf]) -> Result<HashMap<ForeignOf, Self::Value>, Error> {
        let people: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.0.foreign_accounts(&people).await.map_err(kernel::Error::from).graph()?;
        let shown = |theirs: Vec<_>| theirs.into_iter().map(ForeignAccount).collect();
        Ok(found.into_iter().map(|(person, theirs)| (ForeignOf(person), shown(theirs))).collect())
    }
}

/// The accounts elsewhere of a person who looks at themselves.
pub(super) async fn of(ctx: &Context<'_>, own: UserId) -> Result<Vec<ForeignAccount>> {
    Ok(ctx.data::<DataLoader<Lookups>>()?.load_one(ForeignOf(own)).await?.unwrap_or_default())
}

/// Where a browser goes to sign in elsewhere.
#[derive(SimpleObject)]
pub struct ForeignSignIn {
    /// Where the browser goes. It comes back to `/account/foreign-sign-in` with `code` and `state`, or with `error`.
    pub url: Url,
    /// What the page keeps meanwhile, for itself, and finishForeignSignIn takes. To be kept secret.
    pub challenge: String,
    /// Until when the browser can come back.
    pub expires_at: DateTime<Utc>,
}

/// With what a browser came back from a provider.
#[derive(InputObject)]
pub struct FinishForeignSignInInput {
    /// The challenge of beginForeignSignIn, which the page has kept.
    #[graphql(secret)]
    pub challenge: String,
    /// What stands as `state` in the address that the browser came back by.
    #[graphql(secret)]
    pub state: String,
    /// What stands as `code` there.
    #[graphql(secret)]
    pub code: String,
}

impl From<FinishForeignSignInInput> for FinishForeignSignIn {
    fn from(FinishForeignSignInInput { challenge, state, code }: FinishForeignSignInInput) -> Self {
        Self { challenge, state, code }
    }
}

/// What can be asked of accounts elsewhere.
#[derive(Default)]
pub struct ForeignAccountQuery;

#[Object]
impl ForeignAccountQuery {
    /// By whose accounts people may sign in, besides their passwords.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn sign_in_providers(&self, ctx: &Context<'_>) -> Result<Option<Vec<SignInProvider>>> {
        Ok(Some(ctx.data::<Users>()?.providers().iter().map(Into::into).collect()))
    }
}

/// What can be done with accounts elsewhere.
pub struct ForeignAccountMutation;

#[Object]
impl ForeignAccountMutation {
    /// Sends a browser to a provider, to sign in or to link an account there. `SERVICE_UNAVAILABLE` when the provider does
    /// not answer; `RATE_LIMITED` when one client asks too often.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn begin_foreign_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of one of signInProviders.")] provider: String,
    ) -> Result<Option<ForeignSignIn>> {
        let client = service::request::client();
        let begun = ctx.data::<Users>()?.begin_foreign_sign_in(&provider, client).await.graph()?;
        Ok(Some(ForeignSignIn {
            url: Url(begun.address),
            challenge: begun.challenge.reveal().to_owned(),
            expires_at: begun.expires_at,
        }))
    }

    /// Logs in whom the provider vouches for; a stranger gets an account. An account here with the same address is opened
    /// only when the provider has verified the address and so have we; else it is CONFLICT with reason `LOG_IN_TO_LINK`.
    /// UNAUTHENTICATED with reason `SECOND_FACTOR_REQUIRED` where the account has a second factor.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn finish_foreign_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what the browser came back.")] input: FinishForeignSignInInput,
    ) -> Result<Option<AuthPayload>> {
        let users = ctx.data::<Users>()?;
        let logged_in = users.finish_foreign_sign_in(input.into(), arrival()).await.graph()?;
        Ok(Some(AuthPayload::of(logged_in)))
    }

    /// Lets an account elsewhere open one's own from now on. Within ten minutes after logging in no proof is needed. A mail
    /// tells the owner. CONFLICT when it opens another account; FORBIDDEN for guests.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn link_foreign_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what the browser came back.")] input: FinishForeignSignInInput,
        #[graphql(desc = "That it is the account's owner who asks.")] proof: Option<ProofInput>,
    ) -> Result<Option<ForeignAccount>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let proof = proof.unwrap_or_default().read();
        let users = ctx.data::<Users>()?;
        let ask = input.into();
        let linked = users.link_foreign_account(caller.user, caller.session, &ask, &proof).await;
        Ok(Some(ForeignAccount(linked.graph()?)))
    }

    /// An account elsewhere opens one's own no longer. A mail tells the owner.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn unlink_foreign_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "That it is the account's owner who asks.")] proof: ProofInput,
    ) -> Result<Option<User>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let (id, proof) = (read_id("id", &id)?, proof.read());
        let users = ctx.data::<Users>()?;
        users.unlink_foreign_account(caller.user, caller.session, id, &proof).await.graph()?;
        person(ctx, caller.user.into(), caller.user).await
    }
}
