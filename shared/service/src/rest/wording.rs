//! What deserializers say of a value that they cannot read, in words for whoever sent it.

use kernel::{Reason, reasons};

/// Serde's message, or that of a type's own parser, as what would be right.
pub(super) fn in_words(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(parsed) = of_parsers(message) {
        return parsed.to_owned();
    }
    let expected = |message: &str| message.split_once(", expected ").map(|(_, expected)| plain(expected));
    if message.starts_with("missing field `") {
        "must be given".to_owned()
    } else if is_there_twice(message) {
        "must be there once only".to_owned()
    } else if message.starts_with("unknown field `") {
        match expected(message) {
            Some(known) => format!("is not known here; what there is: {known}"),
            None => "is not known here; there are no fields".to_owned(),
        }
    } else if let Some(expected) =
        ["unknown variant `", "invalid type: ", "invalid value: ", "invalid length "]
            .iter()
            .find_map(|start| message.starts_with(start).then(|| expected(message))?)
    {
        format!("must be {expected}")
    } else {
        message.to_owned()
    }
}

/// The reason of a refusal with this message.
pub(super) fn reason_of(message: &str) -> Reason {
    let starts = |starts: &[&str]| starts.iter().any(|start| message.starts_with(start));
    if starts(&["missing field `"]) {
        reasons::REQUIRED
    } else if starts(&["unknown field `", "unknown variant `"]) {
        reasons::UNKNOWN
    } else if is_there_twice(message) {
        reasons::DUPLICATE
    } else if starts(&["is the id of "]) {
        reasons::WRONG_KIND
    } else if starts(&["invalid ", "is not "]) || of_parsers(message).is_some() {
        reasons::MALFORMED
    } else {
        reasons::INVALID
    }
}

/// Queries say it in their own way.
fn is_there_twice(message: &str) -> bool {
    message.starts_with("duplicate field `") || message == "unsupported value"
}

/// The messages of the standard library's and chrono's parsers.
fn of_parsers(message: &str) -> Option<&'static str> {
    Some(match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "must be a whole number"
        }
        "number too large to fit in target type" | "number too small to fit in target type" => {
            "must be a whole number that is not as far from 0"
        }
        "invalid float literal" | "cannot parse float from empty string" => "must be a number",
        "provided string was not `true` or `false`" => "must be true or false",
        "input contains invalid characters"
        | "premature end of input"
        | "trailing input"
        | "input is out of range"
        | "input is not enough for unique date and time"
        | "no possible date and time matching input" => {
            "must be an instant by RFC 3339, such as 2027-03-14T19:30:00Z"
        }
        _ => return None,
    })
}

/// `one of A, B` for ``one of `A`, `B` ``; what a type is for clients.
fn plain(expected: &str) -> String {
    if expected.starts_with("struct ") {
        return "an object".to_owned();
    }
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" | "string" => "text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a boolean" => "true or false".to_owned(),
        others => others.replace('`', ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_by_what_would_be_right() {
        for (message, words, reason) in [
            ("missing field `code` at line 1 column 2", "must be given", "REQUIRED"),
            (
                "unknown field `x`, expected one of `a`, `b`",
                "is not known here; what there is: one of a, b",
                "UNKNOWN",
            ),
            ("unknown field `x`, there are no fields", "is not known here; there are no fields", "UNKNOWN"),
            ("duplicate field `x`", "must be there once only", "DUPLICATE"),
            (
                "unknown variant `NOPE`, expected one of `MUSIC`, `DANCE`",
                "must be one of MUSIC, DANCE",
                "UNKNOWN",
            ),
            (
                "invalid type: integer `1`, expected the text of an id",
                "must be the text of an id",
                "MALFORMED",
            ),
            ("invalid type: string \"x\", expected struct CheckInInput", "must be an object", "MALFORMED"),
            ("invalid value: integer `-1`, expected u32", "must be a whole number, 0 or more", "MALFORMED"),
            ("invalid digit found in string", "must be a whole number", "MALFORMED"),
            ("must be from 1 to 100", "must be from 1 to 100", "INVALID"),
        ] {
            assert_eq!(in_words(message), words, "{message}");
            assert_eq!(reason_of(message).name(), reason, "{message}");
        }
    }

    #[test]
    fn no_parsers_own_words_are_shown() {
        let parsed = [
            "1.5".parse::<i32>().unwrap_err().to_string(),
            "".parse::<u32>().unwrap_err().to_string(),
            "99999999999".parse::<i32>().unwrap_err().to_string(),
            "x".parse::<f64>().unwrap_err().to_string(),
            "".parse::<f64>().unwrap_err().to_string(),
            "x".parse::<bool>().unwrap_err().to_string(),
        ];
        let instants = [
            "",
            "yesterday",
            "2027-03-14",
            "2027-03-14T19:30:00",
            "2027-13-14T19:30:00Z",
            "2027-03-14T19:30:00Zx",
        ];
        let instants =
            instants.map(|text| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap_err().to_string());
        for message in parsed.iter().chain(&instants) {
            assert!(in_words(message).starts_with("must be "), "{message}");
        }
    }
}
