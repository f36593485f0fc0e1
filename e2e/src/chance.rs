//! What a person sets who runs tests by chance, and what they are told to repeat them.

use rand::RngExt as _;

/// What the environment says under that name, if it says anything.
#[expect(clippy::disallowed_methods, reason = "it shapes a test, and is no setting of the platform")]
pub fn given(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The same, as a number; none where it is no number.
pub fn given_number(name: &str) -> Option<u64> {
    given(name)?.parse().ok()
}

/// The seed of this run: `E2E_SEED`, or any.
pub fn seed() -> u64 {
    given_number("E2E_SEED").unwrap_or_else(|| rand::rng().random())
}

/// Says something that is shown when the test fails.
#[expect(clippy::print_stderr, reason = "shown when the test fails, to repeat it")]
pub fn tell(what: &str) {
    eprintln!("{what}");
}
