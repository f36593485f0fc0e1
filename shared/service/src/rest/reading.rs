//! Reads inputs value by value, so that all that cannot be read is told at once.
//!
//! Deserializers stop at the first value that they cannot read. So it is noted and left out, and the rest is read again. A
//! field that must be there is missing then; whatever it belongs to is left out in its turn. Where that is the whole input, some
//! value stands in for the field, so that what else is missing is found.

use std::collections::BTreeSet;

use form_urlencoded::Serializer;
use kernel::{Problems, Refusal};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

use super::{extract::unread_value, problem::WHOLE_BODY};

/// A value that cannot be read: where, and what the deserializer says of it.
pub(super) struct Unread {
    path: Vec<Part>,
    place: String,
    message: String,
}

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Field(String),
    Item(usize),
}

impl Unread {
    fn of(path: &Path, message: String) -> Self {
        let parts = path.iter().filter_map(|segment| match segment {
            Segment::Map { key } => Some(Part::Field(key.clone())),
            Segment::Seq { index } => Some(Part::Item(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        });
        let mut unread = Self { path: parts.collect(), place: path.to_string(), message };
        // What is missing is named by the message alone, and what is unknown by both.
        if let Some(name) = named(&unread.message)
            && unread.path.last() != Some(&Part::Field(name.to_owned()))
        {
            let name = name.to_owned();
            unread.path.push(Part::Field(name));
        }
        unread
    }
}

/// Something that is read value by value.
pub(super) trait Input: Sized {
    /// The whole of it, or the first value of it that cannot be read.
    fn first_read<T: DeserializeOwned>(&self) -> Result<T, Unread>;

    /// Goes on without a value, if it is there.
    fn leave_out(&mut self, path: &[Part]) -> bool;

    /// Goes on with a value of the whole input where there is none.
    fn put_in(&mut self, name: &str, value: Value);

    /// The whole of it, or the refusal of all values that cannot be read.
    fn read<T: DeserializeOwned>(mut self) -> Result<T, Refusal> {
        let mut problems = Problems::default();
        let (mut left_out, mut stand_ins) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let unread = match self.first_read() {
                Ok(value) => return problems.refuse().map(|()| value),
                Err(unread) => unread,
            };
            // What is wrong with them is nobody's fault, and what is wrong with the whole may be theirs.
            if !stand_ins.is_empty() && unread.path.first().is_none_or(|part| stand_ins.contains(part)) {
                return Err(problems.refuse().expect_err("something was told"));
            }
            let told_before = left_out.contains(&unread.path);
            if !told_before {
                problems.add(unreadable(&unread.place, &unread.message));
            }
            // An item is left out with its list: without it, the places of the others would be told wrong.
            let mut path = unread.path;
            while matches!(path.last(), Some(Part::Item(_))) {
                path.pop();
            }
            if !self.leave_out(&path) {
                // It is missing, so whatever it belongs to cannot be read.
                let missing = path.pop();
                while matches!(path.last(), Some(Part::Item(_))) {
                    path.pop();
                }
                let goes_on = match missing {
                    Some(Part::Field(name)) if path.is_empty() => {
                        let goes_on = self.goes_on_with::<T>(&name);
                        stand_ins.insert(Part::Field(name));
                        goes_on
                    }
                    _ => self.leave_out(&path),
                };
                if !goes_on {
                    return Err(problems.refuse().expect_err("something was told"));
                }
            }
            left_out.insert(path);
            if problems.are_enough() {
                return Err(problems.refuse().expect_err("something was told"));
            }
        }
    }

    /// Puts a value in with which that of a field can be read that is missing, if there is one.
    fn goes_on_with<T: DeserializeOwned>(&mut self, name: &str) -> bool {
        let field = Part::Field(name.to_owned());
        [json!(""), json!(0), json!(false), json!([]), json!({})].into_iter().any(|value| {
            self.put_in(name, value);
            let goes_on = match self.first_read::<T>() {
                Ok(_) => true,
                Err(next) => next.path.first().is_some_and(|part| *part != field),
            };
            goes_on || {
                self.leave_out(std::slice::from_ref(&field));
                false
            }
        })
    }
}

/// The pairs of a query.
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub(super) fn of(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }
}

impl Input for Pairs {
    fn first_read<T: DeserializeOwned>(&self) -> Result<T, Unread> {
        let query = Serializer::new(String::new()).extend_pairs(&self.0).finish();
        let pairs = serde_html_form::Deserializer::from_bytes(query.as_bytes());
        serde_path_to_error::deserialize(pairs)
            .map_err(|error| Unread::of(error.path(), error.inner().to_string()))
    }

    fn leave_out(&mut self, path: &[Part]) -> bool {
        let before = self.0.len();
        if let [Part::Field(name), ..] = path {
            self.0.retain(|(key, _)| key != name);
        }
        self.0.len() < before
    }

    fn put_in(&mut self, name: &str, value: Value) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.0.push((name.to_owned(), text));
    }
}

/// A body in JSON.
pub(super) struct Body(pub(super) Value);

impl Input for Body {
    fn first_read<T: DeserializeOwned>(&self) -> Result<T, Unread> {
        serde_path_to_error::deserialize(&self.0)
            .map_err(|error| Unread::of(error.path(), error.inner().to_string()))
    }

    fn leave_out(&mut self, path: &[Part]) -> bool {
        let Some((Part::Field(last), parents)) = path.split_last() else { return false };
        let parent = parents.iter().try_fold(&mut self.0, |value, part| match part {
            Part::Field(name) => value.get_mut(name),
            Part::Item(index) => value.get_mut(*index),
        });
        parent.and_then(Value::as_object_mut).is_some_and(|fields| fields.remove(last).is_some())
    }

    fn put_in(&mut self, name: &str, value: Value) {
        if let Value::Object(fields) = &mut self.0 {
            fields.insert(name.to_owned(), value);
        }
    }
}

/// The name of what a message says is missing, unknown or there twice, in back quotes.
fn named(message: &str) -> Option<&str> {
    let starts = ["missing field `", "unknown field `", "duplicate field `"];
    starts.iter().find_map(|start| message.strip_prefix(start)?.split('`').next())
}

/// The refusal of a value that cannot be read, by its path and serde's message.
pub(super) fn unreadable(path: &str, message: &str) -> Refusal {
    // Where the message names a field, the path is its parent's.
    let name = named(message);
    // A question mark stands for what was not read so far.
    let parent = path.trim_end_matches('?').trim_end_matches('.');
    let field = match name {
        Some(name) if parent.is_empty() || parent.split('.').next_back() == Some(name) => {
            if parent.is_empty() { name.to_owned() } else { parent.to_owned() }
        }
        Some(name) => format!("{parent}.{name}"),
        None if parent.is_empty() => WHOLE_BODY.to_owned(),
        None => parent.to_owned(),
    };
    unread_value(&field, message)
}
