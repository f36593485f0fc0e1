//! Passkeys.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::Refusal;
use service::graphql::{
    IntoGraph,
    Who::{Holder, Oneself, Public},
    access, caller,
};

use super::{
    AuthPayload,
    second_factors::{ProofInput, SecondFactorPayload, arrival},
};
use crate::domain::{
    Users,
    use_cases::sign_in::{FinishPasskey, PasskeyAnswer, PasskeyBegun},
};

/// What a browser hands on to a device with passkeys.
#[derive(SimpleObject)]
pub struct PasskeyCeremony {
    /// What the second request takes. To be kept secret.
    pub challenge: String,
    /// JSON for the browser, as `PublicKeyCredential.parseCreationOptionsFromJSON` takes it, or
    /// `parseRequestOptionsFromJSON` at a sign-in.
    pub options: String,
    /// Until when the second request can be made.
    pub expires_at: DateTime<Utc>,
}

impl From<PasskeyBegun> for PasskeyCeremony {
    fn from(begun: PasskeyBegun) -> Self {
        let challenge = begun.challenge.reveal().to_owned();
        Self { challenge, options: begun.options, expires_at: begun.expires_at }
    }
}

/// What a device with passkeys answers.
#[derive(InputObject)]
pub struct PasskeyAnswerInput {
    /// The challenge of the first request.
    #[graphql(secret)]
    pub challenge: String,
    /// What the browser's credential writes by `toJSON()`, as text.
    #[graphql(secret)]
    pub answer: String,
}

impl From<PasskeyAnswerInput> for PasskeyAnswer {
    fn from(PasskeyAnswerInput { challenge, answer }: PasskeyAnswerInput) -> Self {
        Self { challenge, answer }
    }
}

/// With what a passkey is added.
#[derive(InputObject)]
pub struct FinishPasskeyInput {
    /// The challenge of beginPasskey.
    #[graphql(secret)]
    pub challenge: String,
    /// What the browser's credential writes by `toJSON()`, as text.
    #[graphql(secret)]
    pub answer: String,
    /// As its owner calls it, at most 60 characters; `Passkey` when left out.
    pub name: Option<String>,
}

/// What can be done with passkeys.
pub struct PasskeyMutation;

#[Object]
impl PasskeyMutation {
    /// Asks a device to make a passkey, to be added by finishPasskey. Within ten minutes after logging in no proof is
    /// needed. FORBIDDEN for guests; CONFLICT where the platform is reached by a number instead of a name.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn begin_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "That it is the account's owner who asks.")] proof: Option<ProofInput>,
    ) -> Result<Option<PasskeyCeremony>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let proof = proof.unwrap_or_default().read();
        let users = ctx.data::<Users>()?;
        Ok(Some(users.begin_passkey(caller.user, caller.session, &proof).await.graph()?.into()))
    }

    /// Adds a passkey that a device has made. It logs in without a password; the password alone does not any more. A mail
    /// tells the owner. CONFLICT when it belongs to an account already.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn finish_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the device has answered.")] input: FinishPasskeyInput,
    ) -> Result<Option<SecondFactorPayload>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let FinishPasskeyInput { challenge, answer, name } = input;
        let ask = FinishPasskey { shown: PasskeyAnswer { challenge, answer }, name };
        let added = ctx.data::<Users>()?.finish_passkey(caller.user, ask).await.graph()?;
        Ok(Some(SecondFactorPayload(added)))
    }

    /// Asks for any passkey that a device has for this platform: nobody says who they are. `RATE_LIMITED` when one client
    /// asks too often.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn begin_passkey_sign_in(&self, ctx: &Context<'_>) -> Result<Option<PasskeyCeremony>> {
        let client = service::request::client();
        Ok(Some(ctx.data::<Users>()?.begin_passkey_sign_in(client).await.graph()?.into()))
    }

    /// Logs in whose passkey it is. Nothing else is asked for: the device has recognised its owner.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn finish_passkey_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the device has answered.")] input: PasskeyAnswerInput,
    ) -> Result<Option<AuthPayload>> {
        let users = ctx.data::<Users>()?;
        let logged_in = users.finish_passkey_sign_in(input.into(), arrival()).await.graph()?;
        Ok(Some(AuthPayload::of(logged_in)))
    }
}
