//! What clients say and hear, as graphql-transport-ws has it.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use hive_router::{
    GraphQLError,
    http::{HeaderName, HeaderValue},
    sonic_rs::{self, JsonContainerTrait as _, JsonValueTrait as _, LazyValue, Value},
};
use serde::Deserialize;

use super::{frames::Close, upgrade::header_named};
use crate::{nesting::Nesting, sharing::Frame};

const LONGEST_ID: usize = 256;

/// A message of a client.
#[derive(Debug)]
pub(super) enum Said {
    /// `connection_init`, with what it says of the headers of each operation.
    Init(Vec<(HeaderName, HeaderValue)>),
    Ping,
    Pong,
    /// The operation is the body of a request over HTTP.
    Subscribe {
        id: String,
        operation: String,
    },
    Complete {
        id: String,
    },
}

#[derive(Deserialize)]
struct Envelope<'a> {
    r#type: String,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<LazyValue<'a>>,
}

/// Read only to see that everything has the type that it must have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    query: Option<String>,
    #[serde(rename = "operationName")]
    _operation_name: Option<String>,
    #[serde(rename = "variables")]
    _variables: Option<HashMap<String, Value>>,
    extensions: Option<HashMap<String, Value>>,
    document_id: Option<Value>,
}

impl Said {
    /// What a client said, or how the socket is closed because it said something else.
    pub(super) fn read(text: &[u8]) -> Result<Self, Close> {
        if !Nesting::of(text) {
            return Err(Close::bad_message("The message is nested too deeply."));
        }
        let envelope: Envelope<'_> = sonic_rs::from_slice(text)
            .map_err(|_| Close::bad_message("The message is no JSON object with a type."))?;
        match envelope.r#type.as_str() {
            "connection_init" => Ok(Self::Init(headers(envelope.payload)?)),
            "ping" => Ok(Self::Ping),
            "pong" => Ok(Self::Pong),
            "subscribe" => {
                let id = id(envelope.id)?;
                let operation = operation(envelope.payload)?;
                Ok(Self::Subscribe { id, operation })
            }
            "complete" => Ok(Self::Complete { id: id(envelope.id)? }),
            _ => Err(Close::bad_message("There is no message of this type.")),
        }
    }
}

fn id(id: Option<String>) -> Result<String, Close> {
    id.filter(|id| (1..=LONGEST_ID).contains(&id.len()))
        .ok_or_else(|| Close::bad_message("The message has no id, or one that is too long."))
}

fn operation(payload: Option<LazyValue<'_>>) -> Result<String, Close> {
    let payload = payload.ok_or_else(|| Close::bad_message("The message has no payload."))?;
    let raw = payload.as_raw_str();
    let operation: Operation =
        sonic_rs::from_str(raw).map_err(|_| Close::bad_message("The payload is no GraphQL request."))?;
    let is_hash = operation.extensions.is_some_and(|extensions| extensions.contains_key("persistedQuery"));
    if operation.query.is_none() && operation.document_id.is_none() && !is_hash {
        return Err(Close::bad_message("The payload has no query."));
    }
    Ok(raw.to_owned())
}

/// `{"authorization": "Bearer …"}`, or the same below `headers`.
fn headers(payload: Option<LazyValue<'_>>) -> Result<Vec<(HeaderName, HeaderValue)>, Close> {
    let Some(payload) = payload else { return Ok(Vec::new()) };
    let wrong = || Close::bad_message("The payload of connection_init is no object.");
    let payload: Value = sonic_rs::from_str(payload.as_raw_str()).map_err(|_| wrong())?;
    if payload.is_null() {
        return Ok(Vec::new());
    }
    let payload = payload.as_object().ok_or_else(wrong)?;
    let said = payload.get(&"headers").and_then(|headers| headers.as_object()).unwrap_or(payload);
    Ok(said
        .iter()
        .filter_map(|(key, value)| Some((header_named(key)?, HeaderValue::from_str(value.as_str()?).ok()?)))
        .collect())
}

/// A message to a client.
pub(super) enum Answer {
    Whole(String),
    /// `next`, with a result that others are told as well; the id stands in JSON.
    Next {
        id: Rc<str>,
        frame: Arc<Frame>,
    },
}

impl Answer {
    /// Its text, piece by piece.
    pub(super) fn pieces(&self) -> [&[u8]; 5] {
        match self {
            Self::Whole(text) => [text.as_bytes(), b"", b"", b"", b""],
            Self::Next { id, frame } => {
                [b"{\"id\":", id.as_bytes(), b",\"type\":\"next\",\"payload\":", frame.result(), b"}"]
            }
        }
    }
}

/// Answers to one operation, whose id stands in each as the client wrote it.
#[derive(Clone)]
pub(super) struct Answers {
    id: Rc<str>,
}

impl Answers {
    pub(super) fn to(id: &str) -> Self {
        Self { id: serde_json::Value::from(id).to_string().into() }
    }

    pub(super) fn next(&self, result: &str) -> Answer {
        Answer::Whole(format!("{{\"id\":{},\"type\":\"next\",\"payload\":{result}}}", self.id))
    }

    pub(super) fn shared(&self, frame: Arc<Frame>) -> Answer {
        Answer::Next { id: self.id.clone(), frame }
    }

    pub(super) fn error(&self, errors: &str) -> Answer {
        Answer::Whole(format!("{{\"id\":{},\"type\":\"error\",\"payload\":{errors}}}", self.id))
    }

    pub(super) fn refusal(&self, refusal: &GraphQLError) -> Answer {
        let refusal = sonic_rs::to_string(refusal).unwrap_or_else(|_| "{\"message\":\"refused\"}".to_owned());
        self.error(&format!("[{refusal}]"))
    }

    pub(super) fn complete(&self) -> Answer {
        Answer::Whole(format!("{{\"id\":{},\"type\":\"complete\"}}", self.id))
    }
}

pub(super) const ACKNOWLEDGED: &[u8] = b"{\"type\":\"connection_ack\"}";
pub(super) const PONG: &[u8] = b"{\"type\":\"pong\"}";
