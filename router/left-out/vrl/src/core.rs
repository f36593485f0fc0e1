//! Values, which hive-router builds where a program would read them.

use std::{borrow::Cow, collections::BTreeMap, convert::Infallible};

use bytes::Bytes;

use crate::value::KeyString;

/// What a program would read and answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, or bytes.
    Bytes(Bytes),
    /// None exists.
    Regex(Infallible),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Yes or no.
    Boolean(bool),
    /// None exists.
    Timestamp(Infallible),
    /// Fields by name.
    Object(BTreeMap<KeyString, Value>),
    /// A list.
    Array(Vec<Value>),
    /// Nothing.
    Null,
}

impl Value {
    /// The text, if it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes)),
            _ => None,
        }
    }

    /// The answer, if it is yes or no.
    #[must_use]
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(answer) => Some(*answer),
            _ => None,
        }
    }

    /// A number, with 0 for what is none.
    #[must_use]
    pub fn from_f64_or_zero(number: f64) -> Self {
        Self::Float(if number.is_nan() { 0.0 } else { number })
    }

    /// What kind of value this is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bytes(_) => "string",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::Boolean(_) => "boolean",
            Self::Object(_) => "object",
            Self::Array(_) => "array",
            Self::Null => "null",
            Self::Regex(never) | Self::Timestamp(never) => match *never {},
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Bytes(Bytes::from(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Bytes(Bytes::from(text))
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Integer(number.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
