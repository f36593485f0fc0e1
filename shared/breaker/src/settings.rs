use serde::{Deserialize, Serialize};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many failures in a row open it. At least 1.
    pub failures: u32,
    /// How long the first pause is, in milliseconds; each one after a vain trial is twice as long. At least 1.
    pub pause_millis: u64,
    /// The longest pause, in milliseconds. Not less than `pause_millis`.
    pub longest_pause_millis: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { failures: 5, pause_millis: 1_000, longest_pause_millis: 30_000 }
    }
}

impl Settings {
    /// Says what is wrong with them, by the name of the field.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.failures == 0 {
            return Err(("failures", "must be 1 or more"));
        }
        if self.pause_millis == 0 {
            return Err(("pause_millis", "must be 1 or more"));
        }
        if self.longest_pause_millis < self.pause_millis {
            return Err(("longest_pause_millis", "must not be less than pause_millis"));
        }
        Ok(())
    }
}
