use std::{borrow::Cow, collections::BTreeMap, fmt};

use crate::{ErrorCode, Reason, reasons};

/// The business says no. It is part of the normal course of things, and a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// Which refusal of the closed list.
    pub code: ErrorCode,
    /// Why, more exactly, of an open list.
    pub reason: Cow<'static, str>,
    /// What is wrong and what would be right, for a person.
    pub message: String,
    /// What a program needs besides: `field`, `seatIds`, `declineCode`.
    pub details: BTreeMap<Cow<'static, str>, serde_json::Value>,
    /// All that is wrong with the input, where it is wrong: the first is the one that the message tells.
    pub problems: Vec<InputProblem>,
}

/// One of the things that are wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// Where, as [`Refusal::bad_input`] is told it.
    pub field: String,
    /// What would be right, for a person: a sentence without its subject.
    pub message: String,
    /// Why, as a refusal's reason.
    pub reason: Cow<'static, str>,
}

impl InputProblem {
    /// The way to it, step by step: `tiers`, `1`, `name`.
    pub fn path(&self) -> Vec<String> {
        steps(&self.field)
    }
}

impl Refusal {
    /// A refusal, with its reason's code, and a message that tells what to do.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            code: reason.code(),
            reason: Cow::Borrowed(reason.name()),
            message: message.into(),
            details: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// An argument is wrong. `field` is its place as the client wrote it, such as `startsAt` or
    /// `tiers[1].name`; the message says what would be right.
    pub fn bad_input(field: &str, message: impl fmt::Display) -> Self {
        let problem = InputProblem {
            field: field.to_owned(),
            message: message.to_string(),
            reason: Cow::Borrowed(reasons::INVALID.name()),
        };
        let mut refusal = Self::new(reasons::INVALID, format!("{field}: {message}")).with("field", field);
        refusal.problems.push(problem);
        refusal
    }

    /// There is no such thing, or the caller must not know that there is. The reason is made of what it is: of
    /// `ticket type` it is `NO_SUCH_TICKET_TYPE`.
    pub fn not_found(what: &str) -> Self {
        let mut refusal = Self::new(reasons::NO_SUCH_THING, format!("There is no such {what}."));
        refusal.reason = Cow::Owned(format!("NO_SUCH_{}", noun(what).to_uppercase().replace(' ', "_")));
        refusal
    }

    /// Nobody is logged in.
    pub fn unauthenticated() -> Self {
        Self::new(reasons::LOGIN_REQUIRED, "Log in first: this needs a valid access token.")
    }

    /// Tells a more exact reason than the one it was made with. Its code is the refusal's own.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        debug_assert_eq!(self.code, reason.code(), "{} is no reason for this", reason.name());
        self.reason = Cow::Borrowed(reason.name());
        if let [only] = self.problems.as_mut_slice() {
            only.reason.clone_from(&self.reason);
        }
        self
    }

    /// True when this is why.
    pub fn is(&self, reason: Reason) -> bool {
        self.code == reason.code() && self.reason == reason.name()
    }

    /// The same, of an input that stands within another, such as `attendees[1]`: the way to what is wrong begins there, and
    /// `field` stays its last name.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        for problem in &mut self.problems {
            problem.field = format!("{place}.{}", problem.field);
        }
        self
    }

    /// The same, of an item of a list, such as `sections[3]`: `field` stays the list.
    #[must_use]
    pub fn standing_at(mut self, place: &str) -> Self {
        for problem in &mut self.problems {
            place.clone_into(&mut problem.field);
        }
        self
    }

    /// Adds something a program needs to know.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.details.insert(Cow::Borrowed(key), value.into());
        self
    }

    /// The way to what is wrong, step by step; none where it is no part of the input.
    pub fn path(&self) -> Option<Vec<String>> {
        let first = self.problems.first().map(|problem| problem.field.as_str());
        first.or_else(|| self.details.get("field")?.as_str()).map(steps)
    }
}

/// What is missing, without what is said of it: `venue` of `venue of this organization`.
fn noun(what: &str) -> &str {
    let end = what.find([',', '.']).unwrap_or(what.len());
    what[..end].split(" of ").next().unwrap_or(what)
}

fn steps(field: &str) -> Vec<String> {
    field.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_argument_names_its_place_step_by_step() {
        let refusal = Refusal::bad_input("tiers[1].name", "must not be empty").because(reasons::REQUIRED);
        assert_eq!(refusal.message, "tiers[1].name: must not be empty");
        assert_eq!(refusal.path().unwrap(), ["tiers", "1", "name"]);
        let [problem] = refusal.problems.as_slice() else { panic!("{refusal:?}") };
        assert_eq!((problem.message.as_str(), problem.reason.as_ref()), ("must not be empty", "REQUIRED"));
        assert_eq!(problem.path(), ["tiers", "1", "name"]);
        assert_eq!(Refusal::unauthenticated().path(), None);
    }

    #[test]
    fn a_field_stays_the_last_name_of_the_way_to_it() {
        let wrong = || Refusal::bad_input("email", "must not be empty");
        let refusal = wrong().within("attendees[1]");
        assert_eq!(
            (&refusal.details["field"], refusal.path().unwrap()),
            (&"email".into(), vec!["attendees".to_owned(), "1".to_owned(), "email".to_owned(),])
        );
        assert_eq!(wrong().standing_at("mails[3]").path().unwrap(), ["mails", "3"]);
    }

    #[test]
    fn what_is_missing_is_named_by_the_reason() {
        for (what, reason) in [
            ("event", "NO_SUCH_EVENT"),
            ("ticket type", "NO_SUCH_TICKET_TYPE"),
            ("venue of this organization", "NO_SUCH_VENUE"),
            ("link, or it was opened before", "NO_SUCH_LINK"),
        ] {
            assert_eq!(Refusal::not_found(what).reason, reason);
        }
    }
}
