//! What is said to people: messages of Fluent, compiled in, in every language that is written.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::Language;

type Bundle = FluentBundle<FluentResource>;

/// Messages with variables, in each language.
pub struct Messages {
    english: Bundle,
    german: Bundle,
}

impl Messages {
    /// Of what stands in files of Fluent. What cannot be read of them is told in the log, and the rest is said.
    pub fn new(english: &str, german: &str) -> Self {
        Self { english: bundle(Language::English, english), german: bundle(Language::German, german) }
    }

    /// A message with its variables: in this language or, should it lack the message, in English.
    pub fn say<const N: usize>(
        &self,
        language: Language,
        id: &str,
        with: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        let with: FluentArgs<'_> = with.into_iter().collect();
        for language in [language, Language::English] {
            let bundle = self.bundle(language);
            let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else { continue };
            let mut errors = Vec::new();
            let said = bundle.format_pattern(pattern, Some(&with), &mut errors).into_owned();
            debug_assert!(errors.is_empty(), "{id} lacks something: {errors:?}");
            return said;
        }
        debug_assert!(false, "no language says {id}");
        tracing::error!(id, "no language says this");
        String::new()
    }

    fn bundle(&self, language: Language) -> &Bundle {
        match language {
            Language::English => &self.english,
            Language::German => &self.german,
        }
    }
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}

fn bundle(language: Language, words: &str) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag()]);
    // Names that run the other way are set apart where they are put in, and others are left as they are.
    bundle.set_use_isolating(false);
    let words = match FluentResource::try_new(words.to_owned()) {
        Ok(words) => words,
        Err((words, errors)) => {
            tracing::error!(?errors, "some words of a language cannot be read");
            words
        }
    };
    if let Err(errors) = bundle.add_resource(words) {
        tracing::error!(?errors, "some words of a language are there twice");
    }
    bundle
}

/// What two files of Fluent do not say alike: messages that one of them lacks, has twice, or says with other variables. For
/// tests: nothing is as it should be.
pub fn said_otherwise(one: &str, other: &str) -> Vec<String> {
    let mut differing = Vec::new();
    let (one, other) = (variables(one, &mut differing), variables(other, &mut differing));
    for id in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        if one.get(id) != other.get(id) {
            differing.push(format!("{id}: {:?} is not {:?}", one.get(id), other.get(id)));
        }
    }
    differing
}

/// Each message with its variables.
fn variables(words: &str, twice: &mut Vec<String>) -> BTreeMap<String, BTreeSet<String>> {
    let (mut messages, mut last) = (BTreeMap::<String, BTreeSet<String>>::new(), String::new());
    for line in words.lines() {
        if line.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            line.split(" =").next().unwrap_or_default().clone_into(&mut last);
            if messages.insert(last.clone(), BTreeSet::new()).is_some() {
                twice.push(format!("{last} is there twice"));
            }
        }
        for rest in line.split('$').skip(1) {
            let name = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            messages.entry(last.clone()).or_default().insert(name);
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_languages_do_not_say_alike_is_found() {
        let english =
            "a = A { $x }\nb = B\nb = B\nc = { $n ->\n    [one] One\n   *[other] { $n } { $y }\n }\n";
        assert_eq!(
            said_otherwise(english, "a = A { $z }\nc = { $n } { $y }\n"),
            ["b is there twice", r#"a: Some({"x"}) is not Some({"z"})"#, "b: Some({}) is not None"]
        );
    }
}
