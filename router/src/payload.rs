//! Words the errors of a subscription's results, which plugins do not see.

use hive_router::{GraphQLError, ntex::util::Bytes, sonic_rs};

use crate::errors::Wording;

/// A result as a client may see it. One without errors passes untouched, byte by byte.
pub(crate) fn reworded(result: Bytes, wording: &Wording) -> Bytes {
    let Ok(text) = std::str::from_utf8(&result) else { return result };
    // Reading a whole seat map only to find that nothing is wrong would be most of the work.
    if !text.contains("\"errors\"") {
        return result;
    }
    match with_errors(text, wording) {
        Some(reworded) => reworded.into(),
        None => result,
    }
}

/// Replaces the errors, and leaves every other byte as it was. Nothing, when there are none.
fn with_errors(result: &str, wording: &Wording) -> Option<String> {
    let found = sonic_rs::get(result, ["errors"]).ok()?;
    let raw = found.as_raw_str();
    let start = raw.as_ptr().addr().checked_sub(result.as_ptr().addr())?;
    let (before, after) = (result.get(..start)?, result.get(start + raw.len()..)?);
    // What cannot be read is not shown either.
    let errors: Vec<GraphQLError> = sonic_rs::from_str(raw)
        .unwrap_or_else(|_| vec![GraphQLError::from_message_and_code(raw, "UNREADABLE_ERRORS")]);
    let errors: Vec<_> = errors.into_iter().map(|error| wording.within_stream(error)).collect();
    Some(format!("{before}{}{after}", sonic_rs::to_string(&errors).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Jwks, RouterOptions, config};

    fn wording() -> Wording {
        let options =
            RouterOptions::new("type Query { a: Int }", "unused", Jwks::Url("http://127.0.0.1:1".into()));
        let file = std::env::current_exe().unwrap();
        let files = config::Files { supergraph: &file, documents: &file };
        Wording::new(&config::hive_config(&options, files, 1).unwrap())
    }

    fn reworded(result: &str) -> String {
        let result = super::reworded(Bytes::from(result.to_owned()), &wording());
        String::from_utf8(result.to_vec()).unwrap()
    }

    #[test]
    fn results_without_errors_are_left_alone() {
        for result in
            [r#"{"data":{"a":2.50}}"#, r#"{"data":{"errors":[ {"message":"a field of that name"} ]}}"#]
        {
            assert_eq!(reworded(result), result);
        }
    }

    #[test]
    fn only_the_errors_change_whatever_stands_around_them() {
        let failed = r#"{"data":{"z":1,"a":2.50},"errors":[{"message":"ws://10.0.0.7 gone","extensions":{"code":"SUBGRAPH_WEBSOCKET_CLIENT_FAILURE","service":"tickets"}}],"x":1}"#;
        let text = reworded(failed);
        assert!(
            text.starts_with(r#"{"data":{"z":1,"a":2.50},"errors":["#) && text.ends_with(r#"],"x":1}"#),
            "{text}"
        );
        assert!(text.contains(r#""code":"SERVICE_UNAVAILABLE""#), "{text}");
        assert!(!text.contains("10.0.0.7") && !text.contains("tickets"), "{text}");
    }

    #[test]
    fn nothing_of_the_inside_is_shown_whatever_form_it_has() {
        for errors in [
            r#"[{"message":"pool timed out at 10.0.0.7"}]"#,
            r#"[{"message":"10.0.0.7","extensions":{"code":"WHATEVER"}}]"#,
            r#"[{"msg":"10.0.0.7"}]"#,
            r#"{"message":"10.0.0.7"}"#,
        ] {
            let text = reworded(&format!(r#"{{"data":null,"errors":{errors}}}"#));
            assert!(!text.contains("10.0.0.7") && text.contains(r#""code":"INTERNAL""#), "{text}");
        }
    }
}
