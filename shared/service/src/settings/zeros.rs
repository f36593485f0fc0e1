//! Times and numbers of connections, of which none makes sense as zero.

use figment::{
    Figment,
    providers::Serialized,
    value::{Dict, Value},
};
use serde::Serialize;

use super::WrongSetting;

/// What names of such settings end with.
const ENDINGS: [&str; 8] =
    ["_seconds", "_millis", "_ms", "_minutes", "_hours", "_days", "_connections", "_at_once"];
/// Where zero stands for "not at all".
const NONE_AT_ALL: [&str; 1] = ["drain_seconds"];

/// Refuses settings of which one is zero.
pub(super) fn none<T: Serialize>(prefix: &str, settings: &T) -> Result<(), WrongSetting> {
    let settings: Dict = Figment::from(Serialized::defaults(settings)).extract().unwrap_or_default();
    match zero(&settings) {
        None => Ok(()),
        Some(path) => Err(WrongSetting {
            name: format!("{prefix}__{}", path.join("__").to_uppercase()),
            problem: "it is zero, and must be at least 1".to_owned(),
        }),
    }
}

fn zero(settings: &Dict) -> Option<Vec<String>> {
    settings.iter().find_map(|(name, value)| {
        if let Value::Dict(_, inner) = value {
            return zero(inner).map(|mut path| {
                path.insert(0, name.clone());
                path
            });
        }
        let is_zero = value.to_u128() == Some(0) || value.to_i128() == Some(0);
        let must_be_more =
            ENDINGS.iter().any(|ending| name.ends_with(ending)) && !NONE_AT_ALL.contains(&name.as_str());
        (is_zero && must_be_more).then(|| vec![name.clone()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[derive(Serialize)]
    struct Sample {
        hold_seconds: u64,
        tries: u32,
        limits: Limits,
    }

    #[test]
    fn a_time_of_zero_is_refused_by_its_name_wherever_it_stands() {
        let sample = Sample { hold_seconds: 1, tries: 0, limits: Limits::default() };
        assert!(none("SAMPLE", &sample).is_ok());
        let wrong = none("SAMPLE", &Sample { hold_seconds: 0, ..sample }).unwrap_err();
        assert_eq!(wrong.name, "SAMPLE__HOLD_SECONDS");
        let limits = Limits { statement_millis: 0, ..Limits::default() };
        let wrong = none("SAMPLE", &Sample { hold_seconds: 1, tries: 0, limits }).unwrap_err();
        assert_eq!(wrong.name, "SAMPLE__LIMITS__STATEMENT_MILLIS");
    }
}
