//! Stripe's way of sending parameters: `application/x-www-form-urlencoded` with names like `metadata[order_id]`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::refused::Refused;

const MOST_METADATA: usize = 50;
const LONGEST_METADATA_NAME: usize = 40;
const LONGEST_METADATA_VALUE: usize = 500;

/// The parameters of one call, decoded, in the order they came.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn read(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Refuses parameters that the sandbox does not know, as Stripe refuses those it does not know.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Refused> {
        for (name, _) in &self.0 {
            let root = name.split('[').next().unwrap_or(name);
            if !known.contains(&root) {
                return Err(Refused::unknown_parameter(root));
            }
        }
        Ok(())
    }

    /// A text, if it was given. An empty one is refused, as Stripe does.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.last(name) {
            Some("") => Err(Refused::invalid(format!(
                "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a \
                 parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or \
                 supply a non-empty value."
            ))
            .code("parameter_invalid_empty")
            .param(name)),
            given => Ok(given),
        }
    }

    /// A text of at most so many characters.
    pub(crate) fn short_text(&self, name: &str, most: usize) -> Result<Option<String>, Refused> {
        let given = self.text(name)?;
        if given.is_some_and(|text| text.chars().count() > most) {
            return Err(Refused::invalid(format!(
                "Invalid string: {name} must be at most {most} characters"
            ))
            .code("parameter_invalid_string_length")
            .param(name));
        }
        Ok(given.map(str::to_owned))
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Refused> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number = text.parse().map_err(|_| {
            Refused::invalid(format!("Invalid integer: {text}")).code("parameter_invalid_integer").param(name)
        })?;
        Ok(Some(number))
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.text(name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => Err(Refused::invalid(format!("Invalid boolean: {text}")).param(name)),
        }
    }

    /// One of the words that are allowed.
    pub(crate) fn word(&self, name: &str, allowed: &[&str]) -> Result<Option<String>, Refused> {
        match self.text(name)? {
            Some(text) if !allowed.contains(&text) => {
                Err(Refused::invalid(format!("Invalid {name}: must be one of {}", allowed.join(", ")))
                    .param(name))
            }
            given => Ok(given.map(str::to_owned)),
        }
    }

    /// `name[0]=a&name[1]=b` or `name[]=a&name[]=b`.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.below(name).map(|(_, value)| value).collect()
    }

    /// `metadata[key]=value`, or the same under another name, within Stripe's limits.
    pub(crate) fn metadata(&self, name: &str) -> Result<BTreeMap<String, String>, Refused> {
        let metadata: BTreeMap<_, _> = self
            .below(name)
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let fits = metadata.len() <= MOST_METADATA
            && metadata.iter().all(|(key, value)| {
                key.chars().count() <= LONGEST_METADATA_NAME
                    && value.chars().count() <= LONGEST_METADATA_VALUE
            });
        if fits {
            Ok(metadata)
        } else {
            Err(Refused::invalid(format!(
                "Metadata may have up to {MOST_METADATA} keys of {LONGEST_METADATA_NAME} characters with values of \
                 {LONGEST_METADATA_VALUE} characters"
            ))
            .param(name))
        }
    }

    /// A digest that is the same for the same parameters in any order.
    pub(crate) fn fingerprint(&self) -> String {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort();
        let mut digest = Sha256::new();
        for part in sorted.into_iter().flat_map(|(name, value)| [name, value]) {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        hex::encode(digest.finalize())
    }

    fn last(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().rev();
        found.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What stands below a name, as `key` of `name[key]`.
    pub(crate) fn below(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(known, value)| {
            let key = known.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((key, value.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_are_read_whether_or_not_their_brackets_are_encoded() {
        let params =
            Params::read(b"metadata[order_id]=o1&metadata%5Bseat%5D=A+1&expand[]=latest_charge&expand[]=x");
        let metadata = params.metadata("metadata").unwrap_or_default();
        assert_eq!(metadata["order_id"], "o1");
        assert_eq!(metadata["seat"], "A 1");
        assert_eq!(params.list("expand"), ["latest_charge", "x"]);
    }

    #[test]
    fn the_fingerprint_ignores_order_and_nothing_else() {
        let print = |text: &str| Params::read(text.as_bytes()).fingerprint();
        assert_eq!(print("a=1&b=2"), print("b=2&a=1"));
        assert_ne!(print("a=1&b=2"), print("a=1&b=3"));
        assert_ne!(print("a=1b&c=2"), print("a=1&bc=2"));
    }
}
