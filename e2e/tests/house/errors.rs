//! What errors tell is written down, and every refusal tells why.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use kernel::{ErrorCode, Reason, Refusal};

use crate::{
    everything,
    sources::{Source, text},
};

/// Where reasons are stated.
const LISTS: [&[Reason]; 5] = [
    kernel::reasons::ALL,
    users::domain::reasons::ALL,
    events::domain::reasons::ALL,
    tickets::domain::reasons::ALL,
    payments::domain::reasons::ALL,
];
const DOCUMENT: &str = "docs/errors.md";
/// The first line of its table.
const HEAD: &str = "| code | reason | when |";
/// How far behind a call is looked for what is done with its result.
const NEAR: usize = 200;

#[test]
fn every_reason_is_in_the_documents_table_and_no_other() {
    let written = text(DOCUMENT);
    let (prose, _) = written.split_once(HEAD).expect("the document has the table of reasons");
    let mut expected = format!("{prose}{HEAD}\n|---|---|---|\n");
    for (code, reason, when) in rows() {
        writeln!(expected, "| `{code}` | `{reason}` | {when} |").unwrap();
    }
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(DOCUMENT);
        fs::write(file, &expected).unwrap();
        return;
    }
    let differ = || written.lines().zip(expected.lines()).find(|(written, expected)| written != expected);
    assert!(written == expected, "{DOCUMENT} is old; UPDATE_SCHEMA=1 writes it anew: {:?}", differ());
}

#[test]
fn a_reason_is_there_once_for_a_code_and_says_when() {
    let rows = rows();
    let names: BTreeSet<_> = rows.iter().map(|(code, reason, _)| (code.as_str(), reason)).collect();
    assert_eq!(names.len(), rows.len(), "each is there once");
    let codes: BTreeSet<_> = rows.iter().map(|(code, ..)| code.as_str()).collect();
    assert_eq!(codes.len(), ErrorCode::ALL.len(), "each code has some");
    for (_, reason, when) in &rows {
        assert!(reason.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_'), "{reason}");
        assert!(when.ends_with('.'), "{reason}: {when}");
    }
}

#[test]
fn no_reason_is_told_by_nobody() {
    let code: String = everything().into_iter().map(Source::into_code).collect();
    let stated = LISTS.iter().flat_map(|list| list.iter());
    let unused: Vec<_> = stated
        .map(|reason| format!("reasons::{}", reason.name()))
        .filter(|used| !code.contains(used.as_str()))
        .collect();
    assert!(unused.is_empty(), "nothing is refused for {unused:?}");
}

#[test]
fn whatever_is_wrong_with_an_input_says_why() {
    // Any other refusal is made of its reason.
    let mut looked_at = 0;
    let mut wrong = Vec::new();
    for Refusing { path, code } in refusing() {
        for (at, call) in calls(&code, "Refusal::bad_input") {
            looked_at += 1;
            let behind: String = code[at + call.len()..].chars().take(NEAR).collect();
            if !behind.contains(".because(") {
                wrong.push(format!("{path}:{}: {call}", code[..at].lines().count()));
            }
        }
    }
    assert!(looked_at > 50, "{looked_at} are not all");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All reasons with their codes, in the order of the codes and then of the alphabet.
fn rows() -> Vec<(ErrorCode, String, String)> {
    let stated = LISTS.iter().flat_map(|list| list.iter());
    let mut rows: Vec<_> =
        stated.map(|reason| (reason.code(), reason.name().to_owned(), reason.when().to_owned())).collect();
    rows.extend(missing().into_iter().map(|reason| {
        let what = reason.trim_start_matches("NO_SUCH_").to_lowercase().replace('_', " ");
        let when = format!("There is no such {what}, or the caller must not know that there is.");
        (ErrorCode::NotFound, reason, when)
    }));
    let place = |code: ErrorCode| ErrorCode::ALL.iter().position(|known| *known == code);
    rows.sort_by(|one, other| (place(one.0), &one.1).cmp(&(place(other.0), &other.1)));
    rows
}

/// The reasons that are made of what is missing.
fn missing() -> BTreeSet<String> {
    let mut reasons = BTreeSet::new();
    for Refusing { path, code } in refusing() {
        for (_, call) in calls(&code, "Refusal::not_found") {
            let what = call.split('"').nth(1).unwrap_or_else(|| panic!("{path}: {call} names nothing"));
            reasons.insert(Refusal::not_found(what).reason.into_owned());
        }
    }
    reasons
}

struct Refusing {
    path: String,
    code: String,
}

/// The sources that refuse something.
fn refusing() -> impl Iterator<Item = Refusing> {
    let is_ours =
        |source: &Source| !source.path.ends_with("tests.rs") && !source.path.ends_with("/refusal.rs");
    everything().into_iter().filter(is_ours).filter_map(|source| {
        let path = source.path.clone();
        let code = source.into_code();
        code.contains("Refusal::").then_some(Refusing { path, code })
    })
}

/// Each call of a function, with its arguments, and where it is.
fn calls<'s>(code: &'s str, function: &str) -> Vec<(usize, &'s str)> {
    let begin = format!("{function}(");
    let calls = code.match_indices(&begin).filter_map(|(at, _)| {
        let mut depth = 0;
        let end = code[at..].char_indices().find_map(|(end, letter)| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            (letter == ')' && depth == 0).then_some(end + 1)
        });
        Some((at, &code[at..at + end?]))
    });
    calls.collect()
}
