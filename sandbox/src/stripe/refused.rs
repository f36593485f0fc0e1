//! Errors in Stripe's shape.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::state::Change;

/// A call that was answered by an error, and what it changed nevertheless: a declined card leaves a failed charge.
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) changes: Vec<Change>,
    /// Whether work had begun, so that the answer belongs to the idempotency key. Errors of validation do not.
    pub(crate) begun: bool,
    error: Value,
}

impl Refused {
    /// 400 `invalid_request_error`, found before any work.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// 400: nothing of this kind has this identifier.
    pub(crate) fn missing(kind: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {kind}: '{id}'")).code("resource_missing").param(param)
    }

    pub(crate) fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            changes: Vec::new(),
            begun: false,
            error: json!({"type": kind, "message": message.into()}),
        }
    }

    /// What it says, for people.
    pub(crate) fn message(&self) -> String {
        self.error["message"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn code(self, code: &str) -> Self {
        let doc = format!("https://docs.stripe.com/error-codes/{}", code.replace('_', "-"));
        self.with("code", code).with("doc_url", doc)
    }

    pub(crate) fn param(self, param: &str) -> Self {
        self.with("param", param)
    }

    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.error[field] = value.into();
        self
    }

    /// The same error with 404: the address itself names something that is not there.
    pub(crate) fn not_found(mut self) -> Self {
        self.status = StatusCode::NOT_FOUND;
        self
    }

    /// The same error, found before any work.
    pub(crate) fn before_work(mut self) -> Self {
        self.begun = false;
        self
    }

    /// The error came after work had begun, with these changes.
    pub(crate) fn after(mut self, changes: Vec<Change>) -> Self {
        self.begun = true;
        self.changes = changes;
        self
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "error": self.error })
    }
}
