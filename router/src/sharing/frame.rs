use std::sync::OnceLock;

use hive_router::{ntex::util::Bytes, sonic_rs};

use crate::delivery::Form;

/// One result of a shared stream, written once for all its viewers.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    result: Bytes,
    events: OnceLock<Bytes>,
    parts: OnceLock<Bytes>,
    payloads: OnceLock<Bytes>,
}

impl Frame {
    pub(crate) fn new(result: Bytes) -> Self {
        Self { result, ..Self::default() }
    }

    /// As JSON.
    pub(crate) fn result(&self) -> &Bytes {
        &self.result
    }

    /// As it stands in an answer of that form.
    pub(crate) fn written(&self, form: Form) -> Bytes {
        let place = match form {
            Form::Events => &self.events,
            Form::Parts => &self.parts,
            Form::Payloads => &self.payloads,
        };
        place.get_or_init(|| form.next(&self.result)).clone()
    }

    /// Whether it tells that something could not be told.
    pub(super) fn has_errors(&self) -> bool {
        sonic_rs::get(self.result.as_ref(), ["errors"]).is_ok()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.result == other.result
    }
}
