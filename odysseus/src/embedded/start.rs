use std::{collections::BTreeMap, net::TcpListener, sync::Arc, time::Duration};

use anyhow::Context as _;
use router::{DemoAccount, FrontPage, Jwks, Link, Proxied, ReadinessCheck, RouterOptions, RunningRouter};
use sandbox::{BounceEndpoint, Sandbox, SandboxOptions, WebhookEndpoint};
use service::Database;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Embedded, Hosted, Options,
    folder::{DemoState, Folder},
    services::{self, Ports},
};
use crate::{
    JWKS_PATH, SUPERGRAPH,
    commands::router::RouterSettings,
    demo::{self, accounts},
    subgraphs::{Settings, Subgraph, Surroundings},
};

/// Everything but the router: nobody outside this process can reach it.
pub(super) struct BehindClosedDoors {
    url: String,
    /// Keeps the router's port until the router takes it.
    port: Option<TcpListener>,
    folder: Folder,
    loaded_now: bool,
    router: Option<RunningRouter>,
    services: Vec<Hosted>,
    sandbox: Sandbox,
}

/// Takes folder and ports, starts sandbox and services, and loads the demonstration where it is wanted.
pub(super) async fn behind_closed_doors(options: &Options) -> anyhow::Result<BehindClosedDoors> {
    let port = soon(|| {
        TcpListener::bind(options.listen()).with_context(|| {
            format!(
                "cannot listen on {}; choose another port with --port, or 0 for any free one",
                options.listen()
            )
        })
    })
    .await?;
    let url = format!("http://{}", port.local_addr()?);
    let folder = soon(|| Folder::take(&options.data)).await?;
    let ports = Ports::take().await?;
    if folder.demo()? == DemoState::Unfinished {
        tracing::info!("loading the demonstration was interrupted; it begins anew");
        folder.empty()?;
    }

    let webhook_secret = folder.kept("webhook-secret", fresh_webhook_secret)?;
    let bounce_secret = folder.kept("bounce-secret", fresh_secret)?;
    let sandbox = Sandbox::start(SandboxOptions {
        data: Some(folder.sandbox()),
        // Payments listens on another port at each start.
        webhook: Some(WebhookEndpoint {
            url: format!("{}{}", ports.url(Subgraph::Payments)?, payments::WEBHOOK_PATH),
            secret: webhook_secret.clone(),
        }),
        bounces: Some(BounceEndpoint {
            url: format!("{}/api/notifications/v1/bounces", ports.url(Subgraph::Notifications)?),
            secret: bounce_secret.clone(),
        }),
        public_url: Some(url.clone()),
        sign_in_back: Some(format!("{url}{}", users::SIGN_IN_BACK)),
        ..SandboxOptions::default()
    })
    .await?;
    let surroundings = Surroundings {
        data: folder.path().to_owned(),
        public_url: url.clone(),
        stripe_url: sandbox.stripe_url(),
        sms_url: sandbox.http_url(),
        webhook_secret,
        bounce_secret,
        smtp_port: sandbox.smtp_port(),
    };
    let settings = Subgraph::ALL
        .into_iter()
        .map(|subgraph| Ok((subgraph, Settings::embedded(subgraph, &surroundings)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let settings_of_demo = settings.clone();
    let loads = options.demo && is_new(&folder, &settings);
    if loads {
        folder.demo_begins()?;
    }
    let prepared = services::prepare(settings).await?;
    let databases: BTreeMap<Subgraph, Database> =
        prepared.iter().map(|prepared| (prepared.subgraph, prepared.database.clone())).collect();
    let foundation = services::foundation(&ports)?;
    let services = services::start(prepared, ports, &foundation).await?;
    let mut platform = BehindClosedDoors {
        url,
        port: Some(port),
        folder,
        loaded_now: false,
        router: None,
        services,
        sandbox,
    };
    if loads {
        let use_cases = demo::UseCases::new(&settings_of_demo, &databases, &foundation).await?;
        demo::load(&use_cases, &platform.services).await.context("the demonstration could not be loaded")?;
        platform.folder.demo_is_loaded()?;
        platform.loaded_now = true;
    }
    Ok(platform)
}

impl BehindClosedDoors {
    /// Starts the router.
    pub(super) async fn open_doors(&mut self, options: &Options) -> anyhow::Result<()> {
        let subgraphs: BTreeMap<String, String> = self
            .services
            .iter()
            .map(|hosted| (hosted.subgraph.name().to_owned(), hosted.url.clone()))
            .collect();
        let jwks = Jwks::Answered(format!("{}{JWKS_PATH}", subgraphs[Subgraph::Users.name()]));
        let mut router = RouterOptions::new(SUPERGRAPH, self.folder.path().join("router"), jwks);
        router.proxies = self.proxies();
        router.subgraphs = subgraphs;
        router.readiness = readiness(&self.services);
        router.metrics = Arc::new(service::telemetry::metrics);
        router.front_page = self.front_page();
        router.workers = options.router_workers;
        service::settings::load::<RouterSettings>("ROUTER")?.hand_on(&mut router)?;
        let port = self.port.take().context("the doors are open already")?;
        router.listen = port.local_addr()?;
        drop(port);
        let router = router::start(router, CancellationToken::new()).await?;
        // Nobody is told where it is before it can answer.
        router.ready_soon().await;
        self.router = Some(router);
        Ok(())
    }

    pub(super) fn finish(self) -> Embedded {
        Embedded {
            url: self.url,
            folder: self.folder,
            loaded_now: self.loaded_now,
            router: self.router,
            services: self.services,
            sandbox: self.sandbox,
        }
    }

    /// The sandbox's pages, and what services serve beside the graph. Stripe's API of the sandbox is
    /// not among it: only payments talks to that.
    fn proxies(&self) -> Vec<Proxied> {
        let mut proxies = vec![Proxied { prefix: "/sandbox".to_owned(), target: self.sandbox.http_url() }];
        proxies.extend(self.services.iter().map(|hosted| Proxied {
            prefix: format!("/api/{}", hosted.subgraph.name()),
            target: hosted.url.clone(),
        }));
        proxies
    }

    fn front_page(&self) -> FrontPage {
        let link = |name: &str, url: &str, about: &str| Link {
            name: name.to_owned(),
            url: url.to_owned(),
            about: about.to_owned(),
        };
        let links = vec![
            link("GraphiQL", "/graphiql", "try the graph, subscriptions too"),
            link("Graph", "/graphql", "for programs: HTTP, WebSocket, server-sent events"),
            link("Sandbox", "/sandbox", "mails, messages and payments that were sent"),
            link("Health", "/readyz", "whether every part is ready"),
        ];
        let has_demo = self.folder.demo().is_ok_and(|state| state == DemoState::Loaded);
        let demo_accounts = if has_demo { accounts::SHOWN } else { &[] };
        let demo_accounts = demo_accounts.iter().map(|account| DemoAccount {
            email: account.email.to_owned(),
            password: accounts::PASSWORD.to_owned(),
            purpose: account.purpose.to_owned(),
        });
        FrontPage { demo_accounts: demo_accounts.collect(), links }
    }
}

/// Tries for a moment: a predecessor that was killed may still be on its way out.
async fn soon<T>(what: impl Fn() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let patience = Instant::now() + Duration::from_secs(1);
    loop {
        match what() {
            Err(_) if Instant::now() < patience => tokio::time::sleep(Duration::from_millis(50)).await,
            outcome => return outcome,
        }
    }
}

/// True for a store in this folder that nobody has used yet.
fn is_new(folder: &Folder, settings: &[(Subgraph, Settings)]) -> bool {
    let elsewhere =
        settings.iter().filter(|(subgraph, settings)| settings.database().0 != folder.url(*subgraph));
    let elsewhere: Vec<_> = elsewhere.map(|(subgraph, _)| subgraph.name()).collect();
    if !elsewhere.is_empty() {
        // An interrupted load is begun anew in an emptied folder; other databases are not ours to empty.
        tracing::info!(
            databases = elsewhere.join(", "),
            "the demonstration is loaded into the data folder only"
        );
        return false;
    }
    Subgraph::ALL.into_iter().all(|subgraph| !folder.database(subgraph).exists())
}

fn readiness(services: &[Hosted]) -> ReadinessCheck {
    let client = reqwest::Client::new();
    let urls: Vec<(&'static str, String)> =
        services.iter().map(|hosted| (hosted.subgraph.name(), format!("{}/readyz", hosted.url))).collect();
    let urls = Arc::new(urls);
    Arc::new(move || {
        let (client, urls) = (client.clone(), urls.clone());
        Box::pin(async move {
            for (name, url) in urls.iter() {
                let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status);
                answer.map_err(|error| format!("{name}: {error}"))?;
            }
            Ok(())
        })
    })
}

fn fresh_webhook_secret() -> String {
    format!("whsec_{}", fresh_secret())
}

fn fresh_secret() -> String {
    use rand::RngExt as _;
    let secret: [u8; 24] = rand::rng().random();
    hex::encode(secret)
}
