//! Traefik before the platform, by the very files that `docker-compose.yml` mounts.

use std::{collections::BTreeMap, fs, path::Path};

use serde_yaml_ng::Value;
use tempfile::TempDir;
use testbed::{Port, Traefik};

use crate::{client::client, once};

/// The services, in the order of the ports that the router reaches them at.
pub const SERVICES: [&str; 6] = ["users", "events", "tickets", "payments", "notifications", "analytics"];

/// A Traefik that runs by `deploy/traefik`, with servers at fixed addresses instead of containers.
///
/// What differs from production: ports of this machine, servers named by a file, no certificates from
/// elsewhere, and the access log in a file.
pub struct Gateway {
    traefik: Traefik,
    // Free again after Traefik has ended.
    ports: BTreeMap<String, Port>,
    folder: TempDir,
}

/// What stands behind it, and how it is set.
#[derive(Clone, Debug, Default)]
pub struct Behind {
    servers: BTreeMap<String, Vec<String>>,
    environment: Vec<(String, String)>,
    watched: bool,
}

impl Behind {
    /// The servers of the router or of a service: their base addresses.
    #[must_use]
    pub fn with(mut self, name: &str, servers: impl IntoIterator<Item: Into<String>>) -> Self {
        self.servers.entry(name.to_owned()).or_default().extend(servers.into_iter().map(Into::into));
        self
    }

    /// A setting of Traefik's environment, such as `REQUESTS_PER_SECOND`.
    #[must_use]
    pub fn set(mut self, name: &str, value: &impl ToString) -> Self {
        self.environment.push((name.to_owned(), value.to_string()));
        self
    }

    /// Servers are asked for their health, as in production. Otherwise only requests find out.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.watched = true;
        self
    }
}

impl Gateway {
    /// Starts it; it answers once this returns.
    pub async fn before(behind: Behind) -> Self {
        let folder = tempfile::Builder::new().prefix("odysseus-gateway-").tempdir();
        let folder = folder.expect("a folder for the gateway can be made");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/traefik");
        let dynamic = folder.path().join("dynamic");
        fs::create_dir(&dynamic).expect("the folder can be written to");
        for file in fs::read_dir(shipped.join("dynamic")).expect("routes are shipped") {
            let file = file.expect("routes can be read").path();
            fs::copy(&file, dynamic.join(file.file_name().expect("a file has a name")))
                .expect("files can be copied");
        }
        write(&dynamic.join("servers.yml"), &servers(&behind));
        let shipped = fs::read_to_string(shipped.join("traefik.yml")).expect("traefik.yml is shipped");
        let mut settings: Value = serde_yaml_ng::from_str(&shipped).expect("traefik.yml is YAML");
        settings.apply_merge().expect("its anchors fit");
        let ports = here(&mut settings, folder.path());
        let file = folder.path().join("traefik.yml");
        write(&file, &settings);
        // It answers /ping before it knows its routes; this is one of them.
        let ready = format!("http://{}/api/overview", ports["admin"].address());
        let mut environment = vec![("SERVICES_FROM", "file")];
        environment.extend(behind.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let traefik = Traefik::configured(&file, &environment, &ready).await;
        Self { traefik, ports, folder }
    }

    /// Where people reach it.
    pub fn url(&self) -> String {
        self.at("web")
    }

    /// Where people reach it over TLS, by a name that certificates can have.
    pub fn tls_url(&self) -> String {
        format!("https://localhost:{}", self.ports["websecure"].number())
    }

    /// Where the router reaches a service, whichever of its replicas that is.
    pub fn inner_url(&self, service: &str) -> String {
        self.at(service)
    }

    /// Where operators reach it.
    pub fn admin_url(&self) -> String {
        self.at("admin")
    }

    /// Waits until it sends requests to that server: it asks each, once a second, whether it takes any.
    pub async fn sees(&self, service: &str, server: &str) {
        let (client, status) = (client(), format!("{}/api/http/services/{service}@file", self.admin_url()));
        once(&format!("{server} of {service} is seen by the gateway"), async || {
            let Ok(answer) = client.get(&status).send().await else { return false };
            let known: serde_json::Value = answer.json().await.unwrap_or_default();
            known["serverStatus"][server] == "UP"
        })
        .await;
    }

    /// The requests that were answered so far.
    pub fn access_log(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// What it had to say besides.
    pub fn log(&self) -> String {
        self.traefik.log()
    }

    fn at(&self, entry_point: &str) -> String {
        format!("http://{}", self.ports[entry_point].address())
    }
}

/// Puts Traefik's own settings onto this machine.
fn here(settings: &mut Value, folder: &Path) -> BTreeMap<String, Port> {
    let mut ports = BTreeMap::new();
    let doors = settings["entryPoints"].as_mapping_mut().expect("there are entry points");
    for (name, door) in doors.iter_mut() {
        let port = Port::take();
        door["address"] = Value::from(port.address().to_string());
        ports.insert(name.as_str().expect("names are text").to_owned(), port);
    }
    let in_folder = |name: &str| Value::from(folder.join(name).display().to_string());
    let providers = settings["providers"].as_mapping_mut().expect("there are providers");
    providers.remove("docker");
    providers["file"]["directory"] = in_folder("dynamic");
    settings["accessLog"]["filePath"] = in_folder("access.log");
    settings.as_mapping_mut().expect("it is a mapping").remove("certificatesResolvers");
    ports
}

/// What labels of containers say in production.
fn servers(behind: &Behind) -> Value {
    let services = ["router"].iter().chain(&SERVICES).map(|name| {
        let urls = behind.servers.get(*name).into_iter().flatten();
        let urls: Vec<_> = urls.map(|url| serde_json::json!({ "url": url })).collect();
        let mut balancer = serde_json::json!({ "servers": urls, "serversTransport": "services" });
        if behind.watched {
            balancer["healthCheck"] =
                serde_json::json!({ "path": "/readyz/self", "interval": "1s", "timeout": "1s" });
        }
        (*name, serde_json::json!({ "loadBalancer": balancer }))
    });
    let services: BTreeMap<_, _> = services.collect();
    serde_yaml_ng::to_value(serde_json::json!({ "http": { "services": services } })).expect("it is YAML")
}

fn write(file: &Path, value: &Value) {
    let text = serde_yaml_ng::to_string(value).expect("it is YAML");
    fs::write(file, text).expect("the folder can be written to");
}
