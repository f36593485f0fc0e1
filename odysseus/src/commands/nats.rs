use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail};
use messaging::jetstream;
use serde::{Deserialize, Serialize};

/// Settings of the connection between services: `ODYSSEUS__NATS__SERVERS` and so on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NatsSettings {
    /// Addresses, with commas between them.
    servers: Option<String>,
    /// Whom to connect as.
    user: Option<String>,
    /// With which password.
    password: Option<String>,
    /// The file in which the password stands instead.
    password_file: Option<PathBuf>,
    /// On how many servers of a cluster each stream is kept.
    replicas: usize,
    /// How large a stream may become, in bytes.
    stream_bytes: i64,
}

impl Default for NatsSettings {
    fn default() -> Self {
        let jetstream::Settings { replicas, stream_bytes, .. } = jetstream::Settings::of("");
        Self { servers: None, user: None, password: None, password_file: None, replicas, stream_bytes }
    }
}

impl NatsSettings {
    /// What this service connects with, or what is missing.
    pub(crate) fn of(self, service: &str) -> anyhow::Result<jetstream::Settings> {
        let Some(servers) = self.servers else {
            bail!(
                "a service that runs alone reaches the others over NATS: set ODYSSEUS__NATS__SERVERS to its address, \
                 such as nats://127.0.0.1:4222; `odysseus run` needs none"
            );
        };
        let password = match (self.password, self.password_file) {
            (None, Some(file)) => {
                let password = fs::read_to_string(&file).with_context(|| {
                    format!("ODYSSEUS__NATS__PASSWORD_FILE: {} cannot be read", file.display())
                })?;
                Some(password.trim_end().to_owned())
            }
            (password, _) => password,
        };
        if self.user.is_some() != password.is_some() {
            bail!("NATS takes ODYSSEUS__NATS__USER and ODYSSEUS__NATS__PASSWORD together, or neither");
        }
        if self.replicas == 0 || self.stream_bytes <= 0 {
            bail!("ODYSSEUS__NATS__REPLICAS and ODYSSEUS__NATS__STREAM_BYTES have to be more than 0");
        }
        Ok(jetstream::Settings {
            name: format!("odysseus {service}"),
            user: self.user,
            password,
            replicas: self.replicas,
            stream_bytes: self.stream_bytes,
            ..jetstream::Settings::of(servers)
        })
    }
}
