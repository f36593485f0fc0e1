//! Settings: typed, with defaults, from the environment. A mistyped one stops the start.

use std::collections::BTreeSet;

use figment::{
    Figment,
    error::Kind,
    providers::{Env, Serialized},
    value::Value,
};
use serde::{Serialize, de::DeserializeOwned};

mod files;
mod zeros;

/// What settings begin with; none of them is another one mistyped.
const PREFIXES: [&str; 8] =
    ["USERS", "EVENTS", "TICKETS", "PAYMENTS", "NOTIFICATIONS", "ANALYTICS", "ROUTER", "ODYSSEUS"];

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
/// `database_url` of the settings of `TICKETS`, and `TICKETS__DATABASE_URL_FILE` names a file that holds
/// it, such as a secret of Docker. With `#[serde(deny_unknown_fields)]` on `T`, a name that does not
/// exist is an error too; so is one under a prefix that is ours but for a slip, and a time or a number of
/// connections that is zero.
pub fn load<T: Default + Serialize + DeserializeOwned>(prefix: &str) -> Result<T, WrongSetting> {
    load_over(prefix, &T::default())
}

/// [`load`], over other defaults: those of a host that runs several services in one process.
pub fn load_over<T: Serialize + DeserializeOwned>(prefix: &str, defaults: &T) -> Result<T, WrongSetting> {
    let named: Vec<_> = Env::raw().iter().map(|(name, _)| name.to_string().to_uppercase()).collect();
    slipped(prefix, named.iter().map(String::as_str))?;
    let said = Env::prefixed(&format!("{prefix}__")).split("__");
    let said: Vec<_> = said.iter().map(|(path, text)| (path.to_string(), text)).collect();
    let said = files::read(prefix, defaults, said)?;
    let settings = read(prefix, defaults, &said)?;
    zeros::none(prefix, &settings)?;
    Ok(settings)
}

/// Refuses a variable such as `TICKET__HOLD_SECONDS`, which would be passed over in silence.
fn slipped<'a>(prefix: &str, names: impl Iterator<Item = &'a str>) -> Result<(), WrongSetting> {
    for name in names {
        let Some((other, _)) = name.split_once("__") else { continue };
        if other != prefix && !PREFIXES.contains(&other) && distance(other, prefix) <= 2 && other.len() > 3 {
            let problem =
                format!("there are no settings that begin with {other}__; {prefix}__ was perhaps meant");
            return Err(WrongSetting { name: name.to_owned(), problem });
        }
    }
    Ok(())
}

/// How many letters have to be put in, taken out or exchanged to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let (left, above) = (row[j], row[j + 1]);
            row[j + 1] = (corner + usize::from(a != b)).min(left + 1).min(above + 1);
            corner = above;
        }
    }
    row[other.len()]
}

/// `said` are the paths of fields, with dots, and what was said of them.
fn read<T: Serialize + DeserializeOwned>(
    prefix: &str,
    defaults: &T,
    said: &[(String, String)],
) -> Result<T, WrongSetting> {
    // A password of digits is text all the same: which fields are text is found out by trying.
    let mut texts = BTreeSet::new();
    loop {
        let mut figment = Figment::from(Serialized::defaults(defaults));
        for (path, text) in said {
            let value = if texts.contains(path) {
                Value::from(text.as_str())
            } else {
                text.parse().expect("whatever is no other value is text")
            };
            figment = figment.merge((path, value));
        }
        match figment.extract() {
            Ok(settings) => return Ok(settings),
            Err(error) => {
                let path = error.path.join(".");
                let wants_text =
                    matches!(&error.kind, Kind::InvalidType(_, wanted) if wanted.contains("string"));
                let was_said = said.iter().any(|(said, _)| *said == path);
                if !(wants_text && was_said && texts.insert(path)) {
                    return Err(wrong(prefix, error));
                }
            }
        }
    }
}

fn wrong(prefix: &str, error: figment::Error) -> WrongSetting {
    let mut path = error.path;
    let problem = match error.kind {
        Kind::UnknownField(field, known) => {
            if path.last() != Some(&field) {
                path.push(field);
            }
            format!("there is no such setting; there are {}", known.join(", "))
        }
        kind => kind.to_string(),
    };
    WrongSetting { name: format!("{prefix}__{}", path.join("__").to_uppercase()), problem }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        hold_seconds: u32,
        name: String,
        password: Option<String>,
        quick: bool,
        log: crate::telemetry::LogSettings,
    }

    impl Default for Sample {
        fn default() -> Self {
            let log = crate::telemetry::LogSettings::default();
            Self { hold_seconds: 600, name: "Ada".to_owned(), password: None, quick: false, log }
        }
    }

    fn said(pairs: &[(&str, &str)]) -> Result<Sample, WrongSetting> {
        let pairs: Vec<_> =
            pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        read("SAMPLE", &Sample::default(), &pairs)
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let settings = said(&[("hold_seconds", "5"), ("log.format", "json"), ("quick", "true")]).unwrap();
        assert_eq!((settings.hold_seconds, settings.quick, settings.name.as_str()), (5, true, "Ada"));
        assert_eq!(settings.log.format, crate::telemetry::LogFormat::Json);
        assert_eq!(settings.log.filter, crate::telemetry::LogSettings::default().filter);
    }

    #[test]
    fn text_is_text_whatever_it_looks_like() {
        for text in ["12345", "true", "-1.5", "[a]", "{a=1}", "0123", "sqlite:a.db?mode=rwc", "a=b,c"] {
            let settings = said(&[("name", text), ("password", text)]).unwrap();
            assert_eq!((settings.name.as_str(), settings.password.as_deref()), (text, Some(text)));
        }
    }

    #[test]
    fn a_prefix_with_a_slip_is_refused_and_another_is_somebody_elses() {
        let refused = |name: &str| slipped("TICKETS", [name].into_iter()).is_err();
        for slip in ["TICKET__HOLD_SECONDS", "TICKTES__HOLD_SECONDS", "TICKETSS__X", "TIKETS__X"] {
            assert!(refused(slip), "{slip}");
        }
        for other in ["TICKETS__HOLD_SECONDS", "EVENTS__X", "USERS__X", "TICKET_HOLD", "GIT__X", "THICKER__X"]
        {
            assert!(!refused(other), "{other}");
        }
        let wrong = slipped("TICKETS", ["TICKET__A"].into_iter()).unwrap_err().to_string();
        assert!(wrong.contains("TICKET__A") && wrong.contains("TICKETS__"), "{wrong}");
    }

    #[test]
    fn a_mistyped_setting_names_itself() {
        for (path, text, name) in [
            ("hold_seconds", "soon", "SAMPLE__HOLD_SECONDS"),
            ("hold_seconds", "-1", "SAMPLE__HOLD_SECONDS"),
            ("hold_secs", "5", "SAMPLE__HOLD_SECS"),
            ("quick", "perhaps", "SAMPLE__QUICK"),
            ("log.format", "xml", "SAMPLE__LOG__FORMAT"),
            ("log.fromat", "json", "SAMPLE__LOG__FROMAT"),
            ("log", "json", "SAMPLE__LOG"),
        ] {
            let wrong = said(&[("name", "12"), (path, text)]).unwrap_err();
            assert_eq!(wrong.name, name, "{wrong}");
        }
        let wrong = said(&[("hold_secs", "5")]).unwrap_err();
        assert!(wrong.problem.contains("hold_seconds"), "{wrong}");
    }
}
