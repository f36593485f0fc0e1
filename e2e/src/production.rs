use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use futures::future::join_all;
use testbed::{Nats, Place, Port, Postgres, SlowProxy, empty_database};
use tokio::process::Command;

use crate::{
    Address, Behind, Dashboard, Gateway, SERVICES, Sandbox, Settings, Store, Stores, process::Process,
    streams::Streams,
};

const WEBHOOK_SECRET: &str = "whsec_of_the_platform_under_test";
const BUS_PASSWORD: &str = "ofthebusundertest";
const WEBHOOK_PATH: &str = "/api/payments/v1/stripe/webhook";
const JWKS_PATH: &str = "/.well-known/jwks.json";

/// What a platform in production shape consists of.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Two of each service instead of one.
    pub doubled: bool,
    /// A PostgreSQL of its own that syncs to disk and may be killed.
    pub own_postgres: bool,
    /// A line to PostgreSQL that can be made worse.
    pub line: bool,
    /// Settings of one process only, by its name.
    pub special: Vec<(String, Settings)>,
}

/// The production shape: a process for each service, the router and the sandbox, on PostgreSQL and NATS.
///
/// A process is known by its name: `tickets`, or `tickets.2` for the second of two.
pub struct Production {
    program: PathBuf,
    place: PathBuf,
    address: Address,
    sandbox: Address,
    // Ended before the servers.
    members: BTreeMap<String, Member>,
    databases: BTreeMap<&'static str, Place>,
    line: Option<SlowProxy>,
    // Before the services when there are two of each.
    gateway: Option<Gateway>,
    /// Its bus.
    pub nats: Nats,
    /// Where its data is.
    pub postgres: Postgres,
}

struct Member {
    arguments: Vec<String>,
    settings: Settings,
    process: Option<Process>,
    ports: Vec<Port>,
}

impl Production {
    /// Starts everything; it answers once this returns. `place` is a folder for what is not in a database.
    pub async fn start(program: PathBuf, settings: Settings, shape: Shape, place: PathBuf) -> Self {
        let (postgres, nats) = tokio::join!(Box::pin(server(&shape)), Box::pin(bus()));
        let at = &postgres;
        let databases = SERVICES.map(|service| async move { (service, empty_database(at, service).await) });
        let databases: BTreeMap<_, _> = join_all(databases).await.into_iter().collect();
        let line = if shape.line { Some(SlowProxy::before(postgres.address()).await) } else { None };

        let mut ports = BTreeMap::new();
        let mut urls = BTreeMap::new();
        let mut behind = Behind::default().watched();
        for service in SERVICES {
            let own: Vec<Port> = (0..if shape.doubled { 2 } else { 1 }).map(|_| Port::take()).collect();
            behind = behind.with(service, own.iter().map(|port| format!("http://{}", port.address())));
            urls.insert(service, format!("http://{}", own[0].address()));
            ports.insert(service, own);
        }
        let gateway = if shape.doubled { Some(Gateway::before(behind).await) } else { None };
        if let Some(gateway) = &gateway {
            urls = SERVICES.map(|service| (service, gateway.inner_url(service))).into();
        }
        let (front, stripe, smtp) = (Port::take(), Port::take(), Port::take());
        let databases_seen = |url: &str| match (&line, shape.line) {
            (Some(line), true) => url.replace(&postgres.address().to_string(), &line.address().to_string()),
            _ => url.to_owned(),
        };
        let mut common = Settings::default()
            .with("ODYSSEUS__NATS__SERVERS", &nats.url())
            .with("ODYSSEUS__NATS__PASSWORD", &BUS_PASSWORD)
            .with("ODYSSEUS__JWKS_URL", &format!("{}{JWKS_PATH}", urls["users"]))
            .with("EVENTS__PUBLIC_URL", &format!("http://{}", front.address()))
            .with("TICKETS__PUBLIC_URL", &format!("http://{}", front.address()))
            .with("NOTIFICATIONS__PUBLIC_URL", &format!("http://{}", front.address()))
            .with("NOTIFICATIONS__SMTP_URL", &format!("smtp://{}", smtp.address()))
            .with("NOTIFICATIONS__SMS_URL", &format!("http://{}", stripe.address()))
            .with("NOTIFICATIONS__SMS_ACCOUNT", &"ACodysseus")
            .with("NOTIFICATIONS__SMS_TOKEN", &"sandbox")
            .with("NOTIFICATIONS__SMS_FROM", &"+4315550100")
            .with("PAYMENTS__STRIPE_URL", &format!("http://{}", stripe.address()))
            .with("PAYMENTS__STRIPE_SECRET_KEY", &"sk_test_odysseus")
            .with("PAYMENTS__STRIPE_WEBHOOK_SECRET", &WEBHOOK_SECRET)
            .with("PAYMENTS__CONNECT__ENABLED", &true)
            .with("PAYMENTS__CONNECT__PUBLIC_URL", &format!("http://{}", front.address()))
            .with("PAYMENTS__CONNECT__LOOK_MS", &2_000)
            .with("ROUTER__LISTEN", &front.address())
            .with("ROUTER__DATA_DIR", &place.join("router").display())
            .with("SANDBOX__HTTP", &stripe.address())
            .with("SANDBOX__SMTP", &smtp.address())
            .with("SANDBOX__DATA", &place.join("sandbox").display())
            .with("SANDBOX__WEBHOOK_URL", &format!("{}{WEBHOOK_PATH}", urls["payments"]))
            .with("SANDBOX__WEBHOOK_SECRET", &WEBHOOK_SECRET);
        for service in SERVICES {
            let prefix = service.to_uppercase();
            common = common
                .with(&format!("{prefix}__DATABASE_URL"), &databases_seen(databases[service].url()))
                .with(&format!("ROUTER__SUBGRAPHS__{prefix}"), &urls[service]);
        }
        common = common.and(&settings);

        let mut production = Self {
            program,
            address: Address::at(&format!("http://{}", front.address())),
            sandbox: Address::at(&format!("http://{}", stripe.address())),
            members: BTreeMap::new(),
            databases,
            line,
            gateway,
            nats,
            postgres,
            place,
        };
        Box::pin(production.migrate(&common)).await;
        for (service, own) in ports {
            for (index, port) in own.into_iter().enumerate() {
                let name = if index == 0 { service.to_owned() } else { format!("{service}.{}", index + 1) };
                let listen = port.address().to_string();
                let own = common.clone().with("ODYSSEUS__NATS__USER", &service);
                production.has(&shape, &name, &["serve", service, "--listen", &listen], &own, vec![port]);
            }
        }
        production.has(&shape, "router", &["router"], &common, vec![front]);
        production.has(&shape, "sandbox", &["sandbox"], &common, vec![stripe, smtp]);
        Box::pin(production.start_again()).await;
        production
    }

    fn has(&mut self, shape: &Shape, name: &str, arguments: &[&str], common: &Settings, ports: Vec<Port>) {
        let special = shape.special.iter().filter(|(of, _)| of == name);
        let settings = special.fold(common.clone(), |settings, (_, more)| settings.and(more));
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        self.members.insert(name.to_owned(), Member { arguments, settings, process: None, ports });
    }

    async fn migrate(&self, settings: &Settings) {
        let mut command = Command::new(&self.program);
        settings.give_to(&mut command);
        command.args(["migrate", "all", "up", "--data"]).arg(self.place.join("unused"));
        let migrated = command.output().await.expect("the program can be started");
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    }

    /// Where it is: the router.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The stand-ins for Stripe, mail and SMS.
    pub fn sandbox(&self) -> Sandbox {
        Sandbox::at(self.sandbox.clone())
    }

    /// The same, for who goes on while they are killed.
    pub fn dashboard(&self) -> Dashboard {
        Dashboard::at(self.sandbox.clone())
    }

    /// The line to PostgreSQL.
    pub fn line(&self) -> &SlowProxy {
        self.line.as_ref().expect("it was asked for")
    }

    /// A service's database, to be looked at.
    pub async fn store(&self, service: &str) -> anyhow::Result<Store> {
        Store::open(self.databases[service].url()).await
    }

    /// Everything that is kept, and what is on its way.
    pub async fn stores(&self) -> anyhow::Result<Stores> {
        let streams = Streams::at(&self.nats.url(), "analytics", BUS_PASSWORD).await?;
        Stores::open(|service| self.databases[service].url().to_owned(), Some(streams)).await
    }

    /// The names of its processes.
    pub fn names(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    /// Starts every process that does not run, all at once.
    pub async fn start_again(&mut self) {
        let away: Vec<String> = self
            .members
            .iter()
            .filter(|(_, member)| member.process.is_none())
            .map(|(name, _)| name.clone())
            .collect();
        let away: Vec<&str> = away.iter().map(String::as_str).collect();
        self.start_these(&away).await;
    }

    /// Starts processes that do not run, where they were before.
    pub async fn start_these(&mut self, names: &[&str]) {
        // The router asks for the services' keys while it starts.
        let (routers, others): (Vec<&str>, Vec<&str>) =
            names.iter().copied().partition(|name| *name == "router");
        for together in [others, routers] {
            let this: &Self = self;
            let starts = together.into_iter().map(|name| {
                let member = &this.members[name];
                assert!(member.process.is_none(), "{name} runs already");
                let log = this.place.join(format!("{name}.jsonl"));
                async move {
                    let started =
                        Process::start(&this.program, &member.arguments, &member.settings, &log).await;
                    (name.to_owned(), started)
                }
            });
            let started = join_all(starts).await;
            for (name, started) in started {
                let (process, _) = started.unwrap_or_else(|why| panic!("{why}"));
                self.members.get_mut(&name).expect("it is one of them").process = Some(process);
            }
        }
        if let Some(gateway) = &self.gateway {
            for name in names {
                let service = name.split('.').next().expect("a name has a beginning");
                if SERVICES.contains(&service) {
                    let server = format!("http://{}", self.members[*name].ports[0].address());
                    gateway.sees(service, &server).await;
                }
            }
        }
    }

    /// `kill -9` of one process.
    pub async fn kill(&mut self, name: &str) {
        let member = self.members.get_mut(name).unwrap_or_else(|| panic!("there is no {name}"));
        member.process.take().expect("it runs").kill().await;
    }

    /// `kill -9` of every process; the servers stay.
    pub async fn kill_all(&mut self) {
        let processes = self.members.values_mut().filter_map(|member| member.process.take());
        join_all(processes.map(Process::kill)).await;
    }

    /// SIGTERM to one process. True when it said that all went well.
    pub async fn asks_to_stop(&mut self, name: &str) -> bool {
        let member = self.members.get_mut(name).unwrap_or_else(|| panic!("there is no {name}"));
        member.process.take().expect("it runs").stop().await
    }

    /// SIGTERM to every process, the router first. True when all said that all went well.
    pub async fn stop(&mut self) -> bool {
        let well = self.asks_to_stop("router").await;
        let processes = self.members.values_mut().filter_map(|member| member.process.take());
        let stops: Vec<_> = processes.map(Process::stop).collect();
        join_all(stops).await.into_iter().all(|stopped| stopped) && well
    }

    /// True when every process runs.
    pub fn runs(&self) -> bool {
        self.members.values().all(|member| member.process.is_some())
    }

    /// The processes that have ended though nobody killed them.
    pub fn fallen(&mut self) -> Vec<String> {
        let fallen = self
            .members
            .iter_mut()
            .filter_map(|(name, member)| member.process.as_mut()?.has_ended().then(|| name.clone()));
        fallen.collect()
    }

    /// Another value of a setting for a process, from its next start on.
    pub fn will_have(&mut self, name: &str, setting: &str, value: &impl ToString) {
        let member = self.members.get_mut(name).unwrap_or_else(|| panic!("there is no {name}"));
        member.settings = member.settings.clone().with(setting, value);
    }

    /// The folder for what is not in a database.
    pub fn place(&self) -> &Path {
        &self.place
    }
}

/// With the accounts and permissions that are shipped.
async fn bus() -> Nats {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats/nats.conf");
    let users: Vec<_> = ["system"].iter().chain(&SERVICES).map(|user| user.to_uppercase()).collect();
    let passwords: Vec<_> = users.iter().map(|user| format!("NATS_{user}_PASSWORD")).collect();
    let environment: Vec<_> = passwords.iter().map(|name| (name.as_str(), BUS_PASSWORD)).collect();
    Nats::configured(&config, &environment).await
}

async fn server(shape: &Shape) -> Postgres {
    if shape.own_postgres {
        Postgres::durable().await
    } else if shape.line {
        // Not a given one: a line to it is a line to its address.
        Postgres::start().await
    } else {
        Postgres::any().await
    }
}
