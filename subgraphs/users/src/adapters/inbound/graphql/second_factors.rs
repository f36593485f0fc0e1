//! What is shown at a login besides the password.

use std::collections::HashMap;

use async_graphql::{
    Context, Enum, Error, ID, InputObject, Object, Result, SimpleObject,
    dataloader::{DataLoader, Loader},
};
use chrono::{DateTime, Utc};
use kernel::{Refusal, UserId};
use service::graphql::{
    IntoGraph,
    Who::{Holder, Oneself},
    access, caller, id as read_id,
};

use super::{
    super::browser, AuthPayload, User, loaders::Lookups, passkeys::PasskeyAnswerInput, query::person,
};
use crate::domain::{
    Users,
    entities::sign_in::{self, FactorKind},
    use_cases::sign_in::{Arrival, CompleteLogin, ConfirmTotp, Enrolled, Proof},
};

/// By what a second factor is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "FactorKind")]
pub enum SecondFactorKind {
    /// An app that shows a new code every 30 seconds.
    Totp,
    /// A key that a device, a browser or a security key keeps. It logs in without the password, too.
    Passkey,
    /// Codes on paper, each for once.
    RecoveryCodes,
}

/// Something that a person shows at a login besides the password. Once there is one, the password alone is not enough.
#[derive(Clone)]
pub struct SecondFactor(pub(super) sign_in::SecondFactor);

/// Something that a person shows at a login besides the password. Once there is one, the password alone is not enough.
#[Object]
impl SecondFactor {
    /// The second factor's id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// By what it is shown.
    async fn kind(&self) -> SecondFactorKind {
        self.0.kind().into()
    }

    /// As its owner calls it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Since when.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// The second factors of somebody, for themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FactorsOf(pub(super) UserId);

impl Loader<FactorsOf> for Lookups {
    type Value = Vec<SecondFactor>;
    type Error = Error;

    async fn load(&self, keys: &[FactorsOf]) -> Result<HashMap<FactorsOf, Self::Value>, Error> {
        let people: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.0.second_factors(&people).await.map_err(kernel::Error::from).graph()?;
        let shown = |theirs: Vec<_>| theirs.into_iter().map(SecondFactor).collect();
        Ok(found.into_iter().map(|(person, theirs)| (FactorsOf(person), shown(theirs))).collect())
    }
}

/// The second factors of a person who looks at themselves.
pub(super) async fn of(ctx: &Context<'_>, own: UserId) -> Result<Vec<SecondFactor>> {
    Ok(ctx.data::<DataLoader<Lookups>>()?.load_one(FactorsOf(own)).await?.unwrap_or_default())
}

/// By what somebody who is logged in shows once more that it is them: one of these.
#[derive(Default, InputObject)]
pub struct ProofInput {
    /// The account's password.
    #[graphql(secret)]
    pub password: Option<String>,
    /// The six digits that an app shows, or a recovery code.
    #[graphql(secret)]
    pub code: Option<String>,
    /// A passkey of the account, which was asked for by beginPasskeySignIn.
    pub passkey: Option<PasskeyAnswerInput>,
}

impl ProofInput {
    pub(super) fn read(self) -> Proof {
        let Self { password, code, passkey } = self;
        Proof { password, code, passkey: passkey.map(Into::into), arrival: arrival() }
    }
}

/// With what somebody completes a login that was asked for a second factor.
#[derive(InputObject)]
pub struct CompleteLoginInput {
    /// The challenge of the refusal.
    #[graphql(secret)]
    pub challenge: String,
    /// The six digits that an app shows, or a recovery code.
    #[graphql(secret)]
    pub code: String,
    /// A refresh token of an earlier session of the account on the same device, where the client has one: it is known by
    /// it, and not slowed down by what others try.
    #[graphql(secret)]
    pub refresh_token: Option<String>,
}

/// With what an app is added that shows codes.
#[derive(InputObject)]
pub struct ConfirmTotpInput {
    /// The challenge of beginTotp.
    #[graphql(secret)]
    pub challenge: String,
    /// The six digits that the app shows.
    #[graphql(secret)]
    pub code: String,
    /// As its owner calls it, at most 60 characters; `Authenticator app` when left out.
    pub name: Option<String>,
}

/// What an app needs to show codes. Nothing has changed yet: confirmTotp shows that it works.
#[derive(SimpleObject)]
pub struct TotpEnrolment {
    /// What confirmTotp takes.
    pub challenge: String,
    /// For who types it into the app: base32.
    pub secret: String,
    /// For an app that reads it: `otpauth://totp/…`.
    pub otpauth_uri: String,
    /// The same as a QR code: an SVG.
    pub qr_svg: String,
    /// Until when it can be confirmed.
    pub expires_at: DateTime<Utc>,
}

/// A second factor that was added.
pub struct SecondFactorPayload(pub(super) Enrolled);

/// A second factor that was added.
#[Object]
impl SecondFactorPayload {
    /// Which.
    async fn second_factor(&self) -> SecondFactor {
        SecondFactor(self.0.factor.clone())
    }

    /// With the first factor: ten codes for the day when nothing else is at hand, each for once. They are shown now, and
    /// never again. Empty with any other.
    async fn recovery_codes(&self) -> &[String] {
        &self.0.recovery_codes
    }
}

/// What can be done with second factors.
pub struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Completes a login that was refused with the reason `SECOND_FACTOR_REQUIRED`, within ten minutes. UNAUTHENTICATED when
    /// the code is wrong, which may happen five times, or was used before; `RATE_LIMITED` when there were too many wrong
    /// codes of an app in an hour: recovery codes and passkeys work all the same. A passkey needs no login to complete:
    /// beginPasskeySignIn is a login of its own.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn complete_login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what.")] input: CompleteLoginInput,
    ) -> Result<Option<AuthPayload>> {
        let CompleteLoginInput { challenge, code, refresh_token } = input;
        let refresh_token = refresh_token.or_else(browser::shown);
        let ask = CompleteLogin { challenge, code, refresh_token, arrival: arrival() };
        Ok(Some(AuthPayload::of(ctx.data::<Users>()?.complete_login(ask).await.graph()?)))
    }

    /// Makes a secret for an app that shows codes, to be confirmed by confirmTotp. Within ten minutes after logging in no
    /// proof is needed. FORBIDDEN for guests.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn begin_totp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "That it is the account's owner who asks.")] proof: Option<ProofInput>,
    ) -> Result<Option<TotpEnrolment>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let proof = proof.unwrap_or_default().read();
        let begun = ctx.data::<Users>()?.begin_totp(caller.user, caller.session, &proof).await.graph()?;
        let qr_svg = printing::qr_svg(&begun.uri).map_err(kernel::Error::from).graph()?;
        Ok(Some(TotpEnrolment {
            challenge: begun.challenge.reveal().to_owned(),
            secret: begun.secret,
            otpauth_uri: begun.uri,
            qr_svg,
            expires_at: begun.expires_at,
        }))
    }

    /// Adds an app that shows codes, by a code of it. From then on the password alone does not log in. A mail tells the owner.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn confirm_totp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The challenge, and what the app shows.")] input: ConfirmTotpInput,
    ) -> Result<Option<SecondFactorPayload>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let ConfirmTotpInput { challenge, code, name } = input;
        let ask = ConfirmTotp { challenge, code, name };
        let added = ctx.data::<Users>()?.confirm_totp(caller.user, ask).await.graph()?;
        Ok(Some(SecondFactorPayload(added)))
    }

    /// Makes ten new recovery codes, which are shown now and never again; those before are worth nothing any more. A mail
    /// tells the owner. CONFLICT without a second factor.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn renew_recovery_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "That it is the account's owner who asks.")] proof: ProofInput,
    ) -> Result<Option<Vec<String>>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let proof = proof.read();
        let users = ctx.data::<Users>()?;
        Ok(Some(users.renew_recovery_codes(caller.user, caller.session, &proof).await.graph()?))
    }

    /// Takes a second factor away; with the last app or passkey the recovery codes go, and the password alone logs in
    /// again. A mail tells the owner.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn remove_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "That it is the account's owner who asks.")] proof: ProofInput,
    ) -> Result<Option<User>> {
        let caller = caller(ctx).ok_or_else(Refusal::unauthenticated).graph()?;
        let (id, proof) = (read_id("id", &id)?, proof.read());
        let users = ctx.data::<Users>()?;
        users.remove_second_factor(caller.user, caller.session, id, &proof).await.graph()?;
        person(ctx, caller.user.into(), caller.user).await
    }
}

/// From where the request comes.
pub(super) fn arrival() -> Arrival {
    Arrival { client: service::request::client(), device: browser::device() }
}
