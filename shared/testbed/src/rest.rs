use std::{fs, net::Ipv4Addr, path::Path};

use axum::Router;
use reqwest::{Response, header::CONTENT_TYPE};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::tools::given;

/// Routes that are served on a free port until this is dropped.
pub struct Served {
    /// Their address, without a slash at its end.
    pub url: String,
    serving: JoinHandle<()>,
}

impl Served {
    /// Serves what a service has assembled.
    pub async fn start(routes: Router) -> Self {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("this machine has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let serving = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("it serves until the test ends");
        });
        Self { url, serving }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The problem that a response is, whose members fit each other and the response.
pub async fn problem(response: Response) -> Value {
    let (status, url) = (response.status(), response.url().clone());
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let body = response.text().await.expect("the answer arrives");
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{url}: {status} {body}");
    let problem: Value = serde_json::from_str(&body).expect("a problem is JSON");
    assert_eq!(problem["status"], status.as_u16(), "{url}: {problem}");
    let code = problem["code"].as_str().expect("a problem has a code").to_lowercase().replace('_', "-");
    assert_eq!(problem["type"], format!("urn:odysseus:problem:{code}"), "{url}: {problem}");
    assert!(problem["reason"].is_string() && problem["detail"].is_string(), "{url}: {problem}");
    problem
}

/// Compares a service's OpenAPI document with the file in the folder of its crate, and looks at what
/// every document must have. `UPDATE_SCHEMA=1` writes the file anew.
pub fn openapi_is_checked_in(folder: &str, document: &Value) {
    let file = Path::new(folder).join("openapi.json");
    if given("UPDATE_SCHEMA").is_some() {
        let written = serde_json::to_string_pretty(document).expect("a document is JSON");
        fs::write(&file, written + "\n").expect("the folder of a crate can be written to");
    }
    let checked_in = fs::read_to_string(&file).unwrap_or_default();
    let checked_in: Value = serde_json::from_str(&checked_in).unwrap_or_default();
    assert!(checked_in == *document, "openapi.json is stale: run this test with UPDATE_SCHEMA=1");
    assert_eq!(document["openapi"], "3.1.0");
    for reference in references(document) {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} is not in the document");
    }
    let paths = document["paths"].as_object().expect("a document has paths");
    assert!(!paths.is_empty());
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("a path has operations") {
            whole(path, method, operation);
        }
    }
}

fn whole(path: &str, method: &str, operation: &Value) {
    let place = format!("{method} {path}");
    assert!(operation["summary"].is_string(), "{place} says what it does");
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let is_it = |parameter: &&Value| parameter["in"] == "path" && parameter["name"] == name;
        assert!(parameters.iter().any(|parameter| is_it(&parameter)), "{place} tells of {name}");
    }
    for parameter in parameters {
        assert!(parameter["description"].is_string(), "{place} describes {}", parameter["name"]);
    }
    let responses = operation["responses"].as_object().expect("an operation has responses");
    for (status, response) in responses {
        assert!(response["description"].is_string(), "{place} describes its {status}");
    }
    assert!(responses.keys().any(|status| status.starts_with('2')), "{place} can succeed");
}

/// What a value refers to, at any depth.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
