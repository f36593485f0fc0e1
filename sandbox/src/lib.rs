//! Stand-ins for the outside world that Odysseus talks to: Stripe, an SMTP server and Twilio's SMS, with a page to look at
//! what came in and switches to make things go wrong.
//!
//! The production adapters run against it unchanged: async-stripe speaks to [`Sandbox::stripe_url`], lettre to
//! [`Sandbox::smtp_port`]. Everything is at one HTTP address:
//!
//! | path | what |
//! |---|---|
//! | `/sandbox` | the page, for people |
//! | `/sandbox/mails.json?to=&subject=&wait_ms=&at_least=` | mails; with `wait_ms`, the answer waits for the first match |
//! | `/sandbox/mails/{id}/html`, `/source`, `/attachments/{n}` | one mail |
//! | `POST /sandbox/mails/{id}/bounce` | reports, as a mail provider does, that a mail did not arrive |
//! | `/sandbox/sms.json?to=&wait_ms=`, `/sandbox/payments.json`, `/sandbox/checkouts.json`, `/sandbox/accounts.json`, `/sandbox/webhooks.json` | the rest, in the same way |
//! | `GET` and `PUT /sandbox/switches` | [`Switches`]; those left out of a `PUT` stay as they are |
//! | `GET` and `PUT /sandbox/webhook-endpoint` | where webhooks go: `{"url", "secret"}`; `connectSecret` signs those of connected accounts, if it is given |
//! | `POST /sandbox/reset` | forgets everything but the endpoint, and turns the switches off |
//! | `POST /sandbox/payments/{id}/refund` (`amount=` in cents, `from_account=on`), `/dispute`, `/sandbox/disputes/{id}/won`, `/lost` | what people do in Stripe's dashboard |
//! | `POST /sandbox/accounts/{id}/finish`, `/restrict`, `/pause-payouts`, `/lift`, `/sandbox/payouts/{id}/pay`, `/fail` | what Stripe and banks decide on connected accounts |
//! | `/sandbox/onboarding/{token}` | Stripe's questions to the owner of a connected account, behind an account link |
//! | `/sandbox/authenticate/{payment intent}` | the bank's question, behind `next_action.redirect_to_url` |
//! | `/sandbox/openid` | an issuer of OpenID Connect: its description, its page, its token endpoint, its keys |
//! | `/sandbox/checkout/{session}` | Stripe's page for a Checkout session |
//! | `/v1/…` | Stripe: `payment_intents`, `checkout/sessions`, `confirmation_tokens`, `payment_methods`, `refunds`, `charges`, `events`, `balance`, `balance_transactions`; of Connect `accounts`, `account_links`, `application_fees`, `transfers`, `payouts` |
//! | `/2010-04-01/Accounts/{sid}/Messages.json` | Twilio |
//!
//! Given a folder, everything survives the death of the process. Only the newest entries are kept: 5,000 payments, refunds,
//! accounts, transfers, payouts, SMS and mails (and 244 MiB of mails), 10,000 events and idempotency keys, or as
//! [`SandboxOptions::keeps`] says. Balances count what is forgotten as well.

mod auth;
mod clock;
mod ids;
mod journal;
mod mail;
mod openid;
mod page;
mod shelf;
mod sms;
mod state;
mod store;
mod stripe;
mod switches;
mod webhooks;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, atomic::Ordering};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Redirect;
use axum::routing::{any, get, post};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::time::timeout;

pub use crate::mail::bounces::BounceEndpoint;
pub use crate::openid::{
    CLIENT_ID as OPENID_CLIENT_ID, CLIENT_SECRET as OPENID_CLIENT_SECRET, issuer as openid_issuer,
};
pub use crate::sms::SmsAccount;
pub use crate::switches::{Switches, Times};
pub use crate::webhooks::WebhookEndpoint;

use crate::mail::bounces::Bounces;
use crate::state::Change;
use crate::store::Store;
use crate::world::World;

const LARGEST_BODY: usize = 256 * 1024;
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Where HTTP is served; port 0 takes a free one.
    pub http: SocketAddr,
    /// Where SMTP is served; port 0 takes a free one.
    pub smtp: SocketAddr,
    /// The folder that lets everything survive; without it, it lives as long as the process.
    pub data: Option<PathBuf>,
    /// Where webhooks go. It can be set later too; then what the folder remembers holds until that.
    pub webhook: Option<WebhookEndpoint>,
    /// Where it is reported that a mail did not arrive; without it, nowhere.
    pub bounces: Option<BounceEndpoint>,
    /// The only secret key Stripe's API accepts; without it, every test key.
    pub api_key: Option<String>,
    /// The only account that may send SMS; without it, every account with a password.
    pub sms_account: Option<SmsAccount>,
    /// The address under which people reach `/sandbox`, if that is not the HTTP address itself.
    pub public_url: Option<String>,
    /// The only address that people who sign in by the sandbox's OpenID Connect are sent back to; without it, any.
    pub sign_in_back: Option<String>,
    /// How many entries of each kind are kept, and twice as many charges, events and idempotency keys; the oldest go first.
    pub keeps: usize,
}

impl Default for SandboxOptions {
    /// Free ports on this machine only, nothing kept.
    fn default() -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            http: free,
            smtp: free,
            data: None,
            webhook: None,
            bounces: None,
            api_key: None,
            sms_account: None,
            public_url: None,
            sign_in_back: None,
            keeps: 5_000,
        }
    }
}

/// A running sandbox. Dropping it stops it without waiting.
pub struct Sandbox {
    world: Arc<World>,
    http: SocketAddr,
    smtp: SocketAddr,
}

impl Sandbox {
    /// Opens the folder, binds both ports and starts to serve.
    pub async fn start(options: SandboxOptions) -> anyhow::Result<Self> {
        let store = Store::open(options.data.as_deref(), options.keeps).context("the sandbox's data")?;
        let http = bind(options.http).await?;
        let smtp = bind(options.smtp).await?;
        let (http_at, smtp_at) = (http.local_addr()?, smtp.local_addr()?);
        let public_url = options.public_url.unwrap_or_else(|| format!("http://{http_at}"));
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .build()?;
        let bounces = options.bounces.map(|endpoint| Bounces::new(endpoint, client.clone()));
        let world = Arc::new(World::new(
            store,
            options.api_key,
            options.sms_account,
            public_url,
            options.sign_in_back,
            bounces,
        ));

        let sandbox = Self { world: Arc::clone(&world), http: http_at, smtp: smtp_at };
        if let Some(endpoint) = options.webhook {
            sandbox.set_webhook_endpoint(endpoint)?;
        }
        let http = http.tap_io(|client| drop(client.set_nodelay(true)));
        let server = axum::serve(http, router(Arc::clone(&world)))
            .with_graceful_shutdown(world.stop.clone().cancelled_owned());
        world.tasks.spawn(async move {
            if let Err(broken) = server.await {
                tracing::error!(%broken, "the sandbox's HTTP server ended");
            }
        });
        world.tasks.spawn(mail::smtp::serve(Arc::clone(&world), smtp));
        world.tasks.spawn(webhooks::deliver(Arc::clone(&world), client));
        world.tasks.spawn(stripe::refunds::settle(Arc::clone(&world)));
        world.tasks.spawn(stripe::sessions::settle(Arc::clone(&world)));
        world.tasks.spawn(stripe::connect::payouts::settle(Arc::clone(&world)));
        Ok(sandbox)
    }

    /// The address of everything that speaks HTTP, without a slash at its end.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// What a Stripe client takes for `https://api.stripe.com`.
    pub fn stripe_url(&self) -> String {
        self.http_url()
    }

    /// What a Twilio client takes for `https://api.twilio.com`.
    pub fn sms_url(&self) -> String {
        self.http_url()
    }

    /// How its provider of OpenID Connect calls itself.
    pub fn openid_issuer(&self) -> String {
        openid::issuer(&self.world.public_url())
    }

    /// The port of the SMTP server, without TLS or authentication.
    pub fn smtp_port(&self) -> u16 {
        self.smtp.port()
    }

    /// Sets where webhooks go from now on, those that wait included.
    pub fn set_webhook_endpoint(&self, endpoint: WebhookEndpoint) -> anyhow::Result<()> {
        endpoint.check()?;
        let known = self.world.store.read(|state| state.endpoint.as_ref() == Some(&endpoint));
        if !known {
            self.world.store.change(Change::Endpoint(endpoint))?;
        }
        Ok(())
    }

    /// Sets the address under which people reach `/sandbox`, such as a reverse proxy's.
    pub fn set_public_url(&self, url: &str) {
        self.world.set_public_url(url);
    }

    /// How often Stripe's API was called so far.
    pub fn api_calls(&self) -> u64 {
        self.world.calls.load(Ordering::Relaxed)
    }

    /// The faults as they are set.
    pub fn switches(&self) -> Switches {
        self.world.board.now()
    }

    /// Sets every fault at once.
    pub fn set_switches(&self, switches: Switches) {
        self.world.board.set(switches);
    }

    /// Forgets mails, SMS, payments and webhooks, and turns the switches off. The webhook endpoint stays.
    pub fn reset(&self) -> anyhow::Result<()> {
        page::reset(&self.world)?;
        Ok(())
    }

    /// Stops: no new connections, what is being done is finished within five seconds.
    pub async fn stop(self) {
        self.world.stop.cancel();
        self.world.tasks.close();
        if timeout(STOP_WITHIN, self.world.tasks.wait()).await.is_err() {
            tracing::warn!("the sandbox stopped while something was still being done");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.world.stop.cancel();
    }
}

async fn bind(at: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(at).await.with_context(|| {
        format!("the sandbox cannot listen on {at}; choose another port, or 0 for a free one")
    })
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/sandbox") }))
        .route("/v1/{*path}", any(stripe::serve))
        .route("/2010-04-01/Accounts/{sid}/Messages.json", post(sms::send))
        .merge(page::routes(&world))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(world)
}
