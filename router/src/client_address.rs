//! Who asks, by address: what services count by, when they limit a client.

use std::net::{IpAddr, SocketAddr};

use hive_router::{
    http::{HeaderName, HeaderValue},
    ntex::http::HeaderMap,
};
use ipnet::IpNet;

/// Under this name each service gets the client's address, as text. Only this router writes it: what a client sends
/// under the name is dropped.
pub(crate) const CLIENT_ADDRESS: HeaderName = HeaderName::from_static("x-client-address");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Of one request, where the rest of its processing finds it.
#[derive(Clone, Debug)]
pub(crate) struct ClientAddress(pub(crate) HeaderValue);

impl ClientAddress {
    /// Of a request from this peer. A peer that is trusted speaks for somebody else: then it is the last one in
    /// `X-Forwarded-For` who is not trusted, since everything before that one may be made up.
    pub(crate) fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<Self> {
        let address = nearest_untrusted(peer?.ip().to_canonical(), headers, trusted);
        HeaderValue::from_str(&address.to_string()).ok().map(Self)
    }
}

fn nearest_untrusted(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
    let mut nearest = peer;
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let is_trusted = trusted.iter().any(|network| network.contains(&nearest));
        let Some(before) = address_in(entry).filter(|_| is_trusted) else { break };
        nearest = before;
    }
    nearest
}

/// Some proxies add the port.
fn address_in(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let address = entry.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap().into());
        }
        let trusted: Vec<_> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        ClientAddress::of(Some(peer), &headers, &trusted).unwrap().0.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_stranger_speaks_for_nobody_else() {
        assert_eq!(seen("203.0.113.9", &["10.1.1.1"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["10.1.1.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("::ffff:203.0.113.9", &[], &[]), "203.0.113.9");
    }

    #[test]
    fn behind_a_trusted_proxy_the_last_untrusted_one_asks() {
        let inside = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(seen("10.0.0.2", &["198.51.100.7"], &inside), "198.51.100.7");
        assert_eq!(seen("10.0.0.2", &["1.2.3.4, 198.51.100.7, 10.0.0.9"], &inside), "198.51.100.7");
        assert_eq!(seen("10.0.0.2", &["1.2.3.4", "198.51.100.7:5050"], &inside), "198.51.100.7");
        assert_eq!(seen("fd00::2", &["[2001:db8::1]:99"], &inside), "2001:db8::1");
        assert_eq!(seen("10.0.0.2", &[], &inside), "10.0.0.2");
        assert_eq!(seen("10.0.0.2", &["198.51.100.7, nonsense"], &inside), "10.0.0.2");
    }
}
