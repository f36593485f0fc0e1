use kernel::Fault;
use serde::{Serialize, de::DeserializeOwned};

/// What a column keeps as JSON.
pub(crate) fn read<T: DeserializeOwned>(column: Option<&str>) -> Result<Option<T>, Fault> {
    column
        .map(serde_json::from_str)
        .transpose()
        .map_err(|cause| Fault::new("reading a column of JSON", cause))
}

pub(crate) fn written(value: Option<&impl Serialize>) -> Result<Option<String>, Fault> {
    value
        .map(serde_json::to_string)
        .transpose()
        .map_err(|cause| Fault::new("writing a column of JSON", cause))
}
