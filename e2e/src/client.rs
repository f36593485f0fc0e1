use reqwest::Client;

/// A client that speaks plain HTTP only. It does not read the machine's list of certificates, which takes as long as
/// many requests do, for each of many people.
pub(crate) fn client() -> Client {
    Client::builder().tls_certs_only([]).build().expect("a client can be made")
}
