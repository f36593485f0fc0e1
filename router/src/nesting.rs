//! Refuses JSON that is nested too deeply before anybody reads it.
//!
//! Hive-router's reader of JSON calls itself for each level without an end, so that brackets alone would use up a
//! thread's stack, and with it end the whole process.

/// Levels of lists and objects; the deepest input of the API, a venue's layout, has ten.
const MOST_LEVELS: usize = 64;

/// Follows JSON from its first byte on.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    levels: usize,
    in_text: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether all this JSON may be read.
    pub(crate) fn of(json: &[u8]) -> bool {
        Self::default().takes(json.iter().copied())
    }

    /// Whether what follows may be read as well.
    pub(crate) fn takes(&mut self, json: impl IntoIterator<Item = u8>) -> bool {
        for byte in json {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                b'[' | b'{' if !self.in_text => self.levels += 1,
                b']' | b'}' if !self.in_text => self.levels = self.levels.saturating_sub(1),
                _ => {}
            }
            if self.levels > MOST_LEVELS {
                return false;
            }
        }
        true
    }
}

/// Whether the values of an address's query may be read.
pub(crate) fn query_may_be_read(query: &str) -> bool {
    query.split('&').all(|pair| Nesting::of(&decoded(pair.as_bytes())))
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escape = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        let escaped = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_may_have_so_many_levels_and_no_more() {
        let nested = |levels: usize| format!("{}{}", "[{\"a\":".repeat(levels / 2), "}]".repeat(levels / 2));
        assert!(Nesting::of(nested(MOST_LEVELS).as_bytes()));
        assert!(!Nesting::of(nested(MOST_LEVELS + 2).as_bytes()));
        assert!(Nesting::of("[],{},".repeat(1000).as_bytes()));
    }

    #[test]
    fn brackets_in_text_are_no_levels() {
        let text = "[".repeat(1000);
        assert!(Nesting::of(format!(r#"{{"a\"{text}": "\\", "b": "{text}"}}"#).as_bytes()));
        assert!(!Nesting::of(format!(r#"{{"a": "\\", "b": {text}"}}"#).as_bytes()));
    }

    #[test]
    fn brackets_in_an_address_count_however_they_are_written() {
        assert!(query_may_be_read("query=%7Ba%7D&variables=%7B%22a%22%3A%5B%5D%7D&x=%"));
        assert!(!query_may_be_read(&format!("query={{a}}&variables={}", "%5b".repeat(1000))));
        assert!(!query_may_be_read(&format!("variables={}", "[".repeat(1000))));
    }
}
