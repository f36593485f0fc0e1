//! What people have allowed the client to know of them, until it has asked.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::clock;
use crate::ids;

/// How long a code can be exchanged, in milliseconds.
const LASTS_MS: i64 = 60_000;
/// How many wait at most; older ones are forgotten.
const WAIT: usize = 1_000;

/// What somebody has allowed.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) name: String,
}

/// Codes that were not exchanged yet.
#[derive(Default)]
pub(crate) struct Grants(Mutex<VecDeque<(String, i64, Grant)>>);

impl Grants {
    /// The code of a new grant.
    pub(crate) fn add(&self, grant: Grant) -> String {
        let code = ids::letters(32);
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAIT {
            waiting.pop_front();
        }
        waiting.push_back((code.clone(), clock::now_ms() + LASTS_MS, grant));
        code
    }

    /// The grant of a code, once.
    pub(crate) fn take(&self, code: &str) -> Option<Grant> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = waiting.iter().position(|(known, ..)| known == code)?;
        let (_, until, grant) = waiting.remove(place)?;
        (clock::now_ms() < until).then_some(grant)
    }
}
