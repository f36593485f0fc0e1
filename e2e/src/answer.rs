use std::fmt;

use serde_json::Value;

/// What comes of a verb: what was asked for, or why not.
pub type Outcome<T = Value> = Result<T, Refused>;

/// What the graph answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked for, as far as it could be had.
    pub data: Value,
    /// Why the rest could not.
    pub errors: Vec<Refused>,
}

/// Why something was not done.
#[derive(Clone)]
pub struct Refused {
    /// Of the closed list; [`Refused::NO_ANSWER`] when nobody was there to answer.
    pub code: String,
    /// For a person.
    pub message: String,
    /// What a program needs besides the code.
    pub extensions: Value,
    /// Where in the answer.
    pub path: Value,
}

impl Answer {
    /// Reads the answer's body.
    pub fn read(mut body: Value) -> Self {
        let errors = body["errors"].as_array().into_iter().flatten().map(Refused::read).collect();
        Self { data: body["data"].take(), errors }
    }

    /// The field, when nothing at all was refused.
    pub fn whole(mut self, field: &str) -> Outcome {
        match self.errors.into_iter().next() {
            Some(refused) => Err(refused),
            None => Ok(self.data[field].take()),
        }
    }
}

impl Refused {
    /// Stands for a code where no answer came.
    pub const NO_ANSWER: &'static str = "(no answer)";

    /// Nobody answered.
    pub fn no_answer(why: impl fmt::Display) -> Self {
        Self {
            code: Self::NO_ANSWER.to_owned(),
            message: why.to_string(),
            extensions: Value::Null,
            path: Value::Null,
        }
    }

    /// Which argument is wrong; empty when none is named.
    pub fn field(&self) -> &str {
        self.extensions["field"].as_str().unwrap_or_default()
    }

    /// True when trying again may help: a part was away, or nobody answered.
    pub fn is_passing(&self) -> bool {
        self.code == Self::NO_ANSWER || self.code == "SERVICE_UNAVAILABLE"
    }

    /// True when it is not the caller's to mend: the call is under way, a part is away, or what was just made is not known
    /// everywhere yet. Who is told to come again does: a slow database makes queues long.
    pub fn is_worth_another_try(&self) -> bool {
        self.is_passing()
            || self.code == "RATE_LIMITED"
            || self.message.contains("under way")
            || self.message.contains("still being")
    }

    fn read(error: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            code: text(&error["extensions"]["code"]),
            message: text(&error["message"]),
            extensions: error["extensions"].clone(),
            path: error["path"].clone(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refused {}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {} at {}", self.code, self.message, self.extensions, self.path)
    }
}
