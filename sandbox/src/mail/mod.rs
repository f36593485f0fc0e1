//! Mails as they came in by SMTP.

pub(crate) mod bounces;
pub(crate) mod contents;
pub(crate) mod smtp;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::contents::Heading;
use crate::ids;

/// One mail: the envelope it came in, and what lists show of it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) received_at: i64,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) size: u64,
    #[serde(skip)]
    pub(crate) heading: Arc<Heading>,
    /// The source, where no folder keeps it.
    #[serde(skip)]
    pub(crate) source: Option<Arc<[u8]>>,
}

impl Mail {
    pub(crate) fn new(received_at: i64, from: String, to: Vec<String>, source: &[u8]) -> Self {
        Self {
            id: ids::letters(20),
            received_at,
            from,
            to,
            size: source.len() as u64,
            heading: Arc::new(Heading::read(source)),
            source: None,
        }
    }

    /// The same mail with the heading that its source has.
    pub(crate) fn with_heading_of(mut self, source: &[u8]) -> Self {
        self.heading = Arc::new(Heading::read(source));
        self
    }

    /// Whether the mail went to this address, in whatever case it was typed.
    pub(crate) fn is_to(&self, address: &str) -> bool {
        self.to.iter().any(|to| to.eq_ignore_ascii_case(address))
    }
}
