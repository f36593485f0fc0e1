//! Settings whose text lies in a file, as Docker and others hand out secrets.

use figment::{
    Figment,
    providers::Serialized,
    value::{Dict, Value},
};
use serde::Serialize;

use super::WrongSetting;

/// What a name ends with that names a file.
const SUFFIX: &str = "_file";

/// Replaces what is said of `a_file` by what is in that file, said of `a`, unless there is a setting
/// `a_file`. The end of the last line is not part of it.
pub(super) fn read<T: Serialize>(
    prefix: &str,
    defaults: &T,
    said: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, WrongSetting> {
    let known: Dict = Figment::from(Serialized::defaults(defaults)).extract().unwrap_or_default();
    let directly: Vec<String> = said.iter().map(|(path, _)| path.clone()).collect();
    said.into_iter()
        .map(|(path, text)| {
            let named = path.strip_suffix(SUFFIX).filter(|field| has(&known, field) && !has(&known, &path));
            let Some(field) = named else { return Ok((path, text)) };
            let wrong = |problem: String| WrongSetting {
                name: format!("{prefix}__{}", path.replace('.', "__").to_uppercase()),
                problem,
            };
            if directly.iter().any(|other| other == field) {
                return Err(wrong("the same is said without _FILE as well; say it once".to_owned()));
            }
            let content = std::fs::read_to_string(&text)
                .map_err(|error| wrong(format!("the file {text} cannot be read: {error}")))?;
            Ok((field.to_owned(), content.trim_end_matches(['\r', '\n']).to_owned()))
        })
        .collect()
}

fn has(known: &Dict, path: &str) -> bool {
    match path.split_once('.') {
        None => known.contains_key(path),
        Some((first, rest)) => match known.get(first) {
            Some(Value::Dict(_, inner)) => has(inner, rest),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize, Default)]
    struct Sample {
        secret: Option<String>,
        key_file: String,
        log: Inner,
    }

    #[derive(Serialize, Deserialize, Default)]
    struct Inner {
        filter: String,
    }

    fn said(pairs: &[(&str, &str)]) -> Result<Vec<(String, String)>, WrongSetting> {
        let pairs = pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        read("SAMPLE", &Sample::default(), pairs)
    }

    #[test]
    fn a_secret_is_read_from_the_file_that_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "12 34 \n").unwrap();
        let file = file.to_str().unwrap();
        let read = said(&[("secret_file", file), ("log.filter_file", file), ("key_file", file)]).unwrap();
        let pair = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        assert_eq!(read, [pair("secret", "12 34 "), pair("log.filter", "12 34 "), pair("key_file", file)]);
        assert_eq!(said(&[("nothing_file", file)]).unwrap(), [pair("nothing_file", file)]);
    }

    #[test]
    fn a_file_that_is_not_there_names_its_setting_and_a_secret_is_said_once() {
        let wrong = said(&[("secret_file", "/nowhere/at/all")]).unwrap_err();
        assert_eq!(wrong.name, "SAMPLE__SECRET_FILE");
        assert!(wrong.problem.contains("/nowhere/at/all"), "{wrong}");
        let wrong = said(&[("secret_file", "/nowhere"), ("secret", "a")]).unwrap_err();
        assert!(wrong.problem.contains("once"), "{wrong}");
    }
}
