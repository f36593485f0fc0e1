//! The faults a test or a person can turn on.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tokio::sync::watch;

/// The longest delay of webhooks, latency of the API and wait for money that can be set.
const LONGEST_MS: u64 = 10 * 60 * 1000;
/// The most copies of one webhook that can be asked for.
const MOST_DUPLICATES: u32 = 20;

/// The most addresses that can be refused.
const MOST_ADDRESSES: usize = 1_000;

/// Every fault the sandbox can play. The default is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// How long an event waits before its webhook is first delivered.
    pub webhook_delay_ms: u64,
    /// How many more times each webhook is delivered after the first.
    pub webhook_duplicates: u32,
    /// Delivers what has gathered over some 300 ms newest first.
    pub webhook_reorder: bool,
    /// The first delivery of each event gets lost on the way; the retry arrives.
    pub webhook_drop_first: bool,
    /// Events of which the endpoint never hears.
    pub webhook_lose: Times,
    /// How long Stripe's API takes for each call, before it does anything.
    pub api_latency_ms: u64,
    /// Calls of Stripe's API that fail with 500 and do nothing.
    pub api_fail: Times,
    /// Calls of Stripe's API that do their work and never answer.
    pub api_time_out: Times,
    /// How long a charge's money is pending, before a balance has it available.
    pub funds_pending_ms: u64,
    /// Payouts that the bank returns as soon as it decides.
    pub payout_fail: Times,
    /// Payouts stay pending until somebody decides for the bank.
    pub payout_hold: bool,
    /// Mails refused with a passing 451.
    pub smtp_refuse: Times,
    /// Addresses to which mails are refused for good (550), whatever the case of their letters.
    pub smtp_reject_to: Vec<String>,
    /// Addresses to which mails are refused for now (450).
    pub smtp_defer_to: Vec<String>,
    /// SMS refused with 503.
    pub sms_fail: Times,
}

impl Switches {
    pub(crate) fn pending_ms(&self) -> i64 {
        i64::try_from(self.funds_pending_ms).unwrap_or(i64::MAX / 2)
    }
}

/// How often a fault strikes: in JSON `0`, a number, or `"always"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// It does not strike.
    #[default]
    Never,
    /// It strikes this many times, then no more.
    Next(u32),
    /// It strikes until it is switched off.
    Always,
}

impl Times {
    fn take(&mut self) -> bool {
        match *self {
            Self::Never | Self::Next(0) => false,
            Self::Next(left) => {
                *self = if left == 1 { Self::Never } else { Self::Next(left - 1) };
                true
            }
            Self::Always => true,
        }
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_u32(0),
            Self::Next(left) => serializer.serialize_u32(*left),
            Self::Always => serializer.serialize_str("always"),
        }
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u32),
            Word(String),
        }
        match Written::deserialize(deserializer) {
            Ok(Written::Number(0)) => Ok(Self::Never),
            Ok(Written::Number(left)) => Ok(Self::Next(left)),
            Ok(Written::Word(word)) if word == "always" => Ok(Self::Always),
            _ => Err(de::Error::custom("expected a number from 0, or \"always\"")),
        }
    }
}

/// The switches as they stand now; whoever waits hears when they are moved.
pub(crate) struct SwitchBoard(watch::Sender<Switches>);

impl SwitchBoard {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Switches::default()))
    }

    pub(crate) fn now(&self) -> Switches {
        self.0.borrow().clone()
    }

    pub(crate) fn set(&self, switches: Switches) {
        self.0.send_replace(switches);
    }

    /// Moves the switches that a JSON object names and leaves the others. The refusal says which one is wrong.
    pub(crate) fn merge(&self, named: &serde_json::Value) -> Result<Switches, String> {
        let serde_json::Value::Object(named) = named else {
            return Err("expected a JSON object of switches".to_owned());
        };
        let mut merged = serde_json::to_value(self.now()).map_err(|broken| broken.to_string())?;
        for (name, value) in named {
            merged[name] = value.clone();
        }
        let switches: Switches = serde_json::from_value(merged).map_err(|broken| broken.to_string())?;
        let times = [switches.webhook_delay_ms, switches.api_latency_ms, switches.funds_pending_ms];
        if times.iter().any(|time| *time > LONGEST_MS) {
            return Err(format!("webhookDelayMs, apiLatencyMs and fundsPendingMs go up to {LONGEST_MS}"));
        }
        if switches.webhook_duplicates > MOST_DUPLICATES {
            return Err(format!("webhookDuplicates goes up to {MOST_DUPLICATES}"));
        }
        if switches.smtp_reject_to.len() + switches.smtp_defer_to.len() > MOST_ADDRESSES {
            return Err(format!("smtpRejectTo and smtpDeferTo name up to {MOST_ADDRESSES} addresses"));
        }
        self.set(switches.clone());
        Ok(switches)
    }

    /// Tells whether a fault strikes this time, and counts it.
    pub(crate) fn strikes(&self, fault: impl FnOnce(&mut Switches) -> &mut Times) -> bool {
        let mut strikes = false;
        self.0.send_if_modified(|switches| {
            let times = fault(switches);
            let before = *times;
            strikes = times.take();
            *times != before
        });
        strikes
    }

    pub(crate) fn moves(&self) -> watch::Receiver<Switches> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_counted_fault_strikes_that_often_and_no_more() {
        let board = SwitchBoard::new();
        board.merge(&json!({"smtpRefuse": 2})).unwrap();
        let struck: Vec<_> = (0..3).map(|_| board.strikes(|all| &mut all.smtp_refuse)).collect();
        assert_eq!(struck, [true, true, false]);
    }

    #[test]
    fn switches_left_out_stay_and_unknown_ones_are_named() {
        let board = SwitchBoard::new();
        board.merge(&json!({"smsFail": "always"})).unwrap();
        board.merge(&json!({"webhookDelayMs": 5})).unwrap();
        assert_eq!(board.now().sms_fail, Times::Always);
        assert!(board.merge(&json!({"smsfail": 1})).unwrap_err().contains("smsfail"));
        assert!(board.merge(&json!({"webhookDelayMs": 99_999_999})).is_err());
    }
}
