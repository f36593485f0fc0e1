use std::{pin::Pin, time::Duration};

use anyhow::Context as _;
use async_trait::async_trait;
use breaker::{Breaker, Outage as _};
use kernel::{EmailAddress, Fault, Refusal, Result};
use openidconnect::{
    AsyncHttpClient, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, TokenResponse as _,
    core::{
        CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm as Algorithm, CoreProviderMetadata,
        CoreResponseType,
    },
};
use reqwest::redirect::Policy;
use serde::{Deserialize, Serialize};

use crate::{
    config::SignInProvider,
    domain::{
        entities::Secret,
        ports::{ForeignAsk, ForeignPerson, ForeignProviders, Provider},
        reasons,
    },
};

/// Where browsers come back to from a provider, under the public address.
pub const SIGN_IN_BACK: &str = "/account/foreign-sign-in";
/// How long one request to a provider may take, and all that one call of ours needs.
const ONE: Duration = Duration::from_secs(5);
const ALL: Duration = Duration::from_secs(12);
/// The largest answer of a provider that is read, in bytes.
const LARGEST: usize = 512 * 1024;
/// By what providers may sign. Whatever their own description says, nothing else is believed: neither a shared secret nor
/// nothing at all.
const SIGNED_BY: [Algorithm; 4] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPssSha256,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EdDsa,
];

/// Providers by OpenID Connect: the code flow with PKCE, state and nonce. Their descriptions and keys are read each time, so
/// that keys they change are believed at once and those they take back no longer.
pub struct OpenIdProviders {
    shown: Vec<Provider>,
    known: Vec<Known>,
}

/// A provider, how it knows us, and how it is reached.
#[derive(Clone)]
struct Known {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    back: RedirectUrl,
    http: Http,
    breaker: Breaker,
}

/// What we remember while somebody is at a provider.
#[derive(Serialize, Deserialize)]
struct Meanwhile {
    nonce: String,
    verifier: String,
}

impl OpenIdProviders {
    /// Those of the settings. None is asked anything yet.
    pub fn new(settings: &[SignInProvider], public_url: &str) -> anyhow::Result<Self> {
        let http = Http(reqwest::Client::builder().redirect(Policy::none()).timeout(ONE).build()?);
        let back = format!("{}{SIGN_IN_BACK}", public_url.trim_end_matches('/'));
        let back = RedirectUrl::new(back).context("USERS__PUBLIC_URL is no address")?;
        let mut known = Vec::new();
        for provider in settings {
            let issuer = IssuerUrl::new(provider.issuer.clone())
                .with_context(|| format!("the issuer of the provider {} is no address", provider.key))?;
            known.push(Known {
                issuer,
                client_id: ClientId::new(provider.client_id.clone()),
                client_secret: ClientSecret::new(provider.client_secret.clone()),
                back: back.clone(),
                http: http.clone(),
                breaker: Breaker::new(format!("sign-in by {}", provider.key), breaker::Settings::default()),
            });
        }
        let shown = settings.iter().map(|provider| Provider {
            key: provider.key.clone(),
            label: provider.label.clone(),
            issuer: provider.issuer.clone(),
        });
        Ok(Self { shown: shown.collect(), known })
    }

    fn known(&self, provider: &Provider) -> Result<&Known, Fault> {
        let place = self.shown.iter().position(|shown| shown == provider);
        place
            .and_then(|place| self.known.get(place))
            .ok_or_else(|| Fault::broken_rule(format!("there is no provider {}", provider.key)))
    }
}

impl Known {
    async fn describe(&self) -> Result<CoreProviderMetadata, Fault> {
        CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http)
            .await
            .map_err(|cause| Fault::passing("reading the description of a provider", cause))
    }

    async fn ask(self, state: CsrfToken) -> Result<ForeignAsk> {
        let description = self.describe().await?;
        let client =
            CoreClient::from_provider_metadata(description, self.client_id, None).set_redirect_uri(self.back);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, _, nonce) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || state,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let meanwhile = Meanwhile { nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        Ok(ForeignAsk { address: address.into(), state: serde_json::json!(meanwhile).to_string() })
    }

    async fn person(self, code: AuthorizationCode, meanwhile: Meanwhile) -> Result<ForeignPerson> {
        let description = self.describe().await?;
        let client =
            CoreClient::from_provider_metadata(description, self.client_id, Some(self.client_secret))
                .set_redirect_uri(self.back);
        let exchange = client
            .exchange_code(code)
            .map_err(|cause| Fault::passing("exchanging a code at a provider", cause))?
            .set_pkce_verifier(PkceCodeVerifier::new(meanwhile.verifier));
        let tokens = match exchange.request_async(&self.http).await {
            Ok(tokens) => tokens,
            // It says no: the code is not right, or was used.
            Err(RequestTokenError::ServerResponse(said)) => {
                tracing::info!(error = %said.error(), "a provider does not exchange a code");
                return Err(refused().into());
            }
            Err(cause) => return Err(Fault::passing("exchanging a code at a provider", cause).into()),
        };
        let verifier = client.id_token_verifier().set_allowed_algs(SIGNED_BY);
        let nonce = Nonce::new(meanwhile.nonce);
        let claims = tokens.id_token().map(|token| token.claims(&verifier, &nonce));
        match claims {
            Some(Ok(claims)) => Ok(person(claims)),
            Some(Err(error)) => {
                tracing::warn!(%error, "the token of a provider is not believed");
                Err(refused().into())
            }
            None => Err(refused().into()),
        }
    }
}

fn person(claims: &CoreIdTokenClaims) -> ForeignPerson {
    let email = claims.email().and_then(|email| EmailAddress::parse("email", email.as_str()).ok());
    let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
    ForeignPerson {
        issuer: claims.issuer().as_str().to_owned(),
        subject: claims.subject().as_str().to_owned(),
        email,
        email_verified: claims.email_verified() == Some(true),
        name,
        locale: claims.locale().map(|locale| locale.as_ref().to_owned()),
    }
}

fn refused() -> Refusal {
    let message = "The provider does not vouch for you any more: this took too long, or was done before. Log in from the beginning.";
    Refusal::new(reasons::PROVIDER_REFUSED, message)
}

#[async_trait]
impl ForeignProviders for OpenIdProviders {
    fn all(&self) -> &[Provider] {
        &self.shown
    }

    async fn ask(&self, provider: &Provider, state: &Secret) -> Result<ForeignAsk> {
        let known = self.known(provider)?;
        let asking: Asking<ForeignAsk> =
            Box::pin(known.clone().ask(CsrfToken::new(state.reveal().to_owned())));
        known.breaker.call(ALL, asking).await.map_err(|error| down(provider, error))
    }

    async fn person(&self, provider: &Provider, code: &str, state: &str) -> Result<ForeignPerson> {
        if code.is_empty() || code.len() > 4096 {
            let message = "must be what stands as code in the address that the browser came back by";
            return Err(Refusal::bad_input("code", message).because(kernel::reasons::MALFORMED).into());
        }
        let meanwhile: Meanwhile = serde_json::from_str(state)
            .map_err(|cause| Fault::new("reading what is remembered of a provider", cause))?;
        let known = self.known(provider)?;
        let asking: Asking<ForeignPerson> =
            Box::pin(known.clone().person(AuthorizationCode::new(code.to_owned()), meanwhile));
        known.breaker.call(ALL, asking).await.map_err(|error| down(provider, error))
    }
}

/// What a person reads when a provider does not answer.
fn down(provider: &Provider, error: kernel::Error) -> kernel::Error {
    if !error.is_outage() {
        return error;
    }
    if let kernel::Error::Broken(fault) = &error {
        tracing::warn!(provider = provider.key, error = fault.chain(), "a provider does not answer");
    }
    let message = format!(
        "{} does not answer just now. Try again in a moment, or log in by your password.",
        provider.label
    );
    Refusal::new(kernel::reasons::TEMPORARILY_DOWN, message).into()
}

/// Why a provider's answer was not read.
#[derive(Debug, thiserror::Error)]
enum NotRead {
    #[error("the request did not get through")]
    Http(#[from] reqwest::Error),
    #[error("the answer is too large")]
    TooLarge,
}

type Asking<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse, NotRead>> + Send>>;

/// Our own client: it follows no redirect, and reads so much.
#[derive(Clone)]
struct Http(reqwest::Client);

impl AsyncHttpClient<'_> for Http {
    type Error = NotRead;
    type Future = Sending;

    fn call(&self, request: HttpRequest) -> Sending {
        let http = self.0.clone();
        Box::pin(async move {
            let mut answer = http.execute(request.try_into()?).await?;
            let mut read = Vec::new();
            while let Some(more) = answer.chunk().await? {
                if read.len() + more.len() > LARGEST {
                    return Err(NotRead::TooLarge);
                }
                read.extend_from_slice(&more);
            }
            let mut out = HttpResponse::new(read);
            *out.status_mut() = answer.status();
            *out.headers_mut() = std::mem::take(answer.headers_mut());
            Ok(out)
        })
    }
}
