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

    /// 400: Stripe has no parameter of this name.
    pub(crate) fn unknown_parameter(name: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {name}")).code("parameter_unknown").param(name)
    }

    /// 403: no account of this name is below the platform.
    pub(crate) fn no_such_account(id: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "invalid_request_error",
            format!(
                "The provided key does not have access to account '{id}' (or that account does not exist). \
                 Application access may have been revoked."
            ),
        )
        .code("account_invalid")
    }

    /// 400: the account that this parameter names cannot have money.
    pub(crate) fn cannot_receive(param: &str) -> Self {
        Self::invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, \
             crypto_transfers, legacy_payments",
        )
        .code("insufficient_capabilities_for_transfer")
        .param(param)
        .after(Vec::new())
    }

    /// 400: there is less than that.
    pub(crate) fn insufficient(message: &str) -> Self {
        Self::invalid(message).code("balance_insufficient").after(Vec::new())
    }

    pub(crate) fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            changes: Vec::new(),
            begun: false,
            error: json!({"type": kind, "message": message.into()}),
        }
    }

    /// What it says, for programs.
    pub(crate) fn error(&self) -> &Value {
        &self.error
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
