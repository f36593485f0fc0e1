use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;

use super::{Host, router::RouterSettings};
use crate::{cli::Healthcheck, out};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn healthcheck(ask: Healthcheck) -> anyhow::Result<ExitCode> {
    let url = match ask.url {
        Some(url) => url,
        None => {
            format!("http://{}/readyz", from_inside(RouterSettings::listen_or(Host::from_env()?.listen)?))
        }
    };
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
    let answer = client.get(&url).send().await.with_context(|| format!("{url} does not answer"))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(ExitCode::SUCCESS);
    }
    let body = answer.text().await.unwrap_or_default();
    out::complain(format!("{url} answers {status} {body}"));
    Ok(ExitCode::FAILURE)
}

/// Whoever listens on every address of the machine is asked on its own.
fn from_inside(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_asked_on_this_machine() {
        for (listen, asked) in [
            ("0.0.0.0:4000", "127.0.0.1:4000"),
            ("[::]:4000", "[::1]:4000"),
            ("10.1.2.3:4000", "10.1.2.3:4000"),
        ] {
            assert_eq!(from_inside(listen.parse().unwrap()).to_string(), asked);
        }
    }
}
