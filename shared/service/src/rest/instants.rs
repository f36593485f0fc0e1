use chrono::{DateTime, Utc};
use serde::Serializer;

/// Writes an instant in the form that clients read: `#[serde(serialize_with = "rest::instant")]`.
pub fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&kernel::rfc3339(*at))
}

/// The same for one that may be missing.
pub fn instant_or_null<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => instant(at, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Step {
        #[serde(serialize_with = "instant")]
        at: DateTime<Utc>,
        #[serde(serialize_with = "instant_or_null")]
        until: Option<DateTime<Utc>>,
    }

    #[test]
    fn instants_have_three_digits_and_a_z() {
        let at = |text: &str| text.parse().unwrap();
        let step = Step { at: at("2027-03-14T19:30:00Z"), until: Some(at("2027-03-14T21:30:00.1239+02:00")) };
        let written = json!({ "at": "2027-03-14T19:30:00.000Z", "until": "2027-03-14T19:30:00.123Z" });
        assert_eq!(serde_json::to_value(step).unwrap(), written);
        let step = Step { at: at("2027-03-14T19:30:00Z"), until: None };
        assert_eq!(serde_json::to_value(step).unwrap()["until"], json!(null));
    }
}
