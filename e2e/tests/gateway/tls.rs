use std::process::Command;

use e2e::Gateway;
use reqwest::{Certificate, Client, redirect};
use tempfile::TempDir;

use crate::{everything_at, upstream::Upstream};

/// A certificate from the script that people are told to use.
fn certificate() -> (TempDir, Certificate) {
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/traefik/certificate");
    let made =
        Command::new(script).arg("tickets.example.test").env("CERTIFICATES", folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = std::fs::read(folder.path().join("certificate.pem")).unwrap();
    (folder, Certificate::from_pem(&text).unwrap())
}

#[tokio::test]
async fn with_a_certificate_of_ones_own_everything_speaks_tls() {
    let upstream = Upstream::friendly().await;
    let (folder, certificate) = certificate();
    let behind = everything_at(&upstream)
        .set("TLS_CERTIFICATE", &folder.path().join("certificate.pem").display())
        .set("TLS_KEY", &folder.path().join("key.pem").display());
    let gateway = Gateway::before(behind).await;
    let trusting = Client::builder().tls_certs_only([certificate]).build().unwrap();
    for path in ["/", "/graphql", "/api/tickets/v1/keys", "/api/payments/v1/stripe/webhook"] {
        let answer = trusting.post(gateway.tls_url() + path).body("{}").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        if !path.ends_with("webhook") {
            assert!(
                answer.headers()["strict-transport-security"].to_str().unwrap().contains("max-age=31536000")
            );
        }
    }
    assert_eq!(trusting.get(gateway.tls_url() + "/metrics").send().await.unwrap().status(), 404);
    assert!(upstream.asked().iter().all(|asked| asked.headers["x-forwarded-proto"] == "https"));
    assert!(Client::new().get(gateway.tls_url()).send().await.is_err(), "strangers do not trust it");
    // Without the setting plain HTTP stays what it was.
    assert_eq!(reqwest::get(gateway.url()).await.unwrap().status(), 200);
}

#[tokio::test]
async fn plain_http_leads_to_tls_where_that_is_wanted() {
    let upstream = Upstream::friendly().await;
    let behind = everything_at(&upstream).set("TLS_REDIRECT", &"true");
    let gateway = Gateway::before(behind).await;
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    for path in ["/", "/graphql?query=%7Ba%7D", "/api/tickets/v1/keys"] {
        let answer = client.get(gateway.url() + path).send().await.unwrap();
        assert_eq!(answer.status(), 301, "{path}");
        let to = answer.headers()["location"].to_str().unwrap();
        assert_eq!(to, format!("https://127.0.0.1{path}"));
    }
    let posted = client.post(gateway.url() + "/graphql").body("{}").send().await.unwrap();
    assert_eq!(posted.status(), 308, "a POST stays one");
    assert!(upstream.asked().is_empty());
}

#[tokio::test]
async fn with_a_host_of_its_own_it_serves_no_other() {
    let upstream = Upstream::friendly().await;
    let gateway = Gateway::before(everything_at(&upstream).set("PUBLIC_HOST", &"tickets.example.test")).await;
    let ask = async |host: &str| {
        let request = Client::new().get(gateway.url() + "/graphql").header("host", host);
        request.send().await.unwrap().status()
    };
    assert_eq!(ask("tickets.example.test").await, 200);
    assert_eq!(ask("elsewhere.example.test").await, 404);
}
