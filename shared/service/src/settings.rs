//! Settings: typed, with defaults, from the environment. A mistyped one stops the start.

use figment::{
    Figment,
    providers::{Env, Serialized},
};
use serde::{Serialize, de::DeserializeOwned};

/// A setting that is wrong, by its name in the environment.
#[derive(Debug, thiserror::Error)]
#[error("the setting {name} is wrong: {problem}")]
pub struct WrongSetting {
    /// As the person wrote it, such as `TICKETS__HOLD_SECONDS`.
    pub name: String,
    /// What is wrong with it.
    pub problem: String,
}

/// Reads the settings of `prefix` over the defaults: `TICKETS__DATABASE_URL` is the field
/// `database_url` of the settings of `TICKETS`. With `#[serde(deny_unknown_fields)]` on `T`, a name
/// that does not exist is an error too.
pub fn load<T: Default + Serialize + DeserializeOwned>(prefix: &str) -> Result<T, WrongSetting> {
    load_over(prefix, &T::default())
}

/// [`load`], over other defaults: those of a host that runs several services in one process.
pub fn load_over<T: Serialize + DeserializeOwned>(prefix: &str, defaults: &T) -> Result<T, WrongSetting> {
    Figment::from(Serialized::defaults(defaults))
        .merge(Env::prefixed(&format!("{prefix}__")).split("__"))
        .extract()
        .map_err(|error| {
            let field = match &error.kind {
                figment::error::Kind::UnknownField(field, _) => field.clone(),
                _ => error.path.join("__"),
            };
            let problem = match &error.kind {
                figment::error::Kind::UnknownField(_, known) => {
                    format!("there is no such setting; there are {}", known.join(", "))
                }
                kind => kind.to_string(),
            };
            WrongSetting { name: format!("{prefix}__{}", field.to_uppercase()), problem }
        })
}
