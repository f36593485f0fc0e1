use chrono::{DateTime, Duration, Utc};
use kernel::{Error, Fault, Refusal, Result, SecondFactorId, UserId, typed_code};

use super::{RecoveryCode, TotpSecret};
use crate::domain::{entities::SecretHash, reasons};

/// How many of one kind an account may have.
const OF_A_KIND: usize = 10;
/// How long wrong codes are remembered.
const REMEMBERED: Duration = Duration::hours(1);
/// How many wrong codes are taken in that time, from where the owner has not logged in before and from where they have.
/// Nobody hits one of a million by so few.
const WRONG: (i64, i64) = (20, 100);

/// What kinds there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// An app that shows a new code every 30 seconds.
    Totp,
    /// A key that a device, a browser or a security key keeps, and uses for whoever it recognises.
    Passkey,
    /// Codes on paper, each for once.
    RecoveryCodes,
}

impl FactorKind {
    /// As columns keep it, and clients read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "TOTP",
            Self::Passkey => "PASSKEY",
            Self::RecoveryCodes => "RECOVERY_CODES",
        }
    }
}

/// By what one is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// By codes of an app.
    Totp {
        /// The secret that the app has, sealed.
        sealed: String,
        /// The step of the last code that was taken; none of it or of one before it is taken again.
        last_step: i64,
        /// How many wrong codes there were, and since when they are counted.
        wrong: (i64, DateTime<Utc>),
    },
    /// By a passkey.
    Passkey {
        /// How it is called by the device that keeps it.
        credential: String,
        /// Its public key, and what else its signatures are checked with.
        stored: String,
    },
    /// By codes on paper: what is kept of those that were not used.
    RecoveryCodes(Vec<SecretHash>),
}

/// Something that a person shows at a login besides the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Which.
    pub id: SecondFactorId,
    /// As its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// By what it is shown.
    pub means: Means,
}

impl SecondFactor {
    /// Of what kind.
    pub fn kind(&self) -> FactorKind {
        match self.means {
            Means::Totp { .. } => FactorKind::Totp,
            Means::Passkey { .. } => FactorKind::Passkey,
            Means::RecoveryCodes(_) => FactorKind::RecoveryCodes,
        }
    }
}

/// A code as a person typed it.
#[derive(Debug)]
pub enum TypedCode {
    /// Six digits of an app.
    OneTime(String),
    /// One on paper.
    Recovery(RecoveryCode),
}

impl TypedCode {
    /// Reads what a client sent in `field`.
    pub fn read(field: &str, text: &str) -> Result<Self, Refusal> {
        if let Some(code) = RecoveryCode::read(text) {
            return Ok(Self::Recovery(code));
        }
        // The raw size is looked at first, so that huge input costs nothing.
        let digits = if text.len() > 100 { String::new() } else { typed_code(text) };
        if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Ok(Self::OneTime(digits));
        }
        let message = "must be the six digits that your app shows, or one of your recovery codes of 16 letters and digits";
        Err(Refusal::bad_input(field, message).because(kernel::reasons::MALFORMED))
    }
}

/// All second factors of an account. Once there is one, the password alone does not log anybody in.
#[derive(Debug)]
pub struct SecondFactors {
    account: UserId,
    all: Vec<SecondFactor>,
    changed: Vec<SecondFactorId>,
    removed: Vec<SecondFactorId>,
}

impl SecondFactors {
    /// As they were saved; for the store.
    pub fn restore(account: UserId, all: Vec<SecondFactor>) -> Self {
        Self { account, all, changed: Vec::new(), removed: Vec::new() }
    }

    /// Whose.
    pub fn account(&self) -> UserId {
        self.account
    }

    /// All, the oldest first.
    pub fn all(&self) -> &[SecondFactor] {
        &self.all
    }

    /// True when a password alone is not enough.
    pub fn are_asked_for(&self) -> bool {
        self.all.iter().any(|factor| factor.kind() != FactorKind::RecoveryCodes)
    }

    /// What can be shown.
    pub fn methods(&self) -> Vec<FactorKind> {
        let can_be_shown = |kind: &FactorKind| {
            let spent = |factor: &SecondFactor| factor.means == Means::RecoveryCodes(Vec::new());
            self.all.iter().any(|factor| factor.kind() == *kind && !spent(factor))
        };
        let kinds = [FactorKind::Totp, FactorKind::Passkey, FactorKind::RecoveryCodes];
        kinds.into_iter().filter(can_be_shown).collect()
    }

    /// Adds an app, which has shown the code of this step. With the first factor there come recovery codes, to be shown
    /// once.
    pub fn add_totp(
        &mut self,
        name: String,
        sealed: String,
        step: i64,
        now: DateTime<Utc>,
    ) -> Result<(SecondFactor, Vec<RecoveryCode>), Refusal> {
        self.add(name, Means::Totp { sealed, last_step: step, wrong: (0, now) }, now)
    }

    /// Adds a passkey, likewise.
    pub fn add_passkey(
        &mut self,
        name: String,
        credential: String,
        stored: String,
        now: DateTime<Utc>,
    ) -> Result<(SecondFactor, Vec<RecoveryCode>), Refusal> {
        self.add(name, Means::Passkey { credential, stored }, now)
    }

    fn add(
        &mut self,
        name: String,
        means: Means,
        now: DateTime<Utc>,
    ) -> Result<(SecondFactor, Vec<RecoveryCode>), Refusal> {
        let factor = SecondFactor { id: SecondFactorId::new(), name, created_at: now, means };
        if self.all.iter().filter(|known| known.kind() == factor.kind()).count() >= OF_A_KIND {
            let message =
                format!("You have {OF_A_KIND} of these already. Remove one that you do not use first.");
            return Err(Refusal::new(reasons::TOO_MANY_SECOND_FACTORS, message).with("limit", OF_A_KIND));
        }
        let is_first = !self.are_asked_for();
        self.put(factor.clone());
        let codes = if is_first { self.new_recovery_codes(now) } else { Vec::new() };
        Ok((factor, codes))
    }

    /// Makes new recovery codes; those before are worth nothing any more.
    pub fn renew_recovery_codes(&mut self, now: DateTime<Utc>) -> Result<Vec<RecoveryCode>, Refusal> {
        if self.are_asked_for() {
            return Ok(self.new_recovery_codes(now));
        }
        let message = "Recovery codes are for who has a second factor. Add an app or a passkey first.";
        Err(Refusal::new(reasons::NO_SECOND_FACTOR, message))
    }

    fn new_recovery_codes(&mut self, now: DateTime<Utc>) -> Vec<RecoveryCode> {
        self.take_where(|factor| factor.kind() == FactorKind::RecoveryCodes);
        let codes = RecoveryCode::set();
        self.put(SecondFactor {
            id: SecondFactorId::new(),
            name: "Recovery codes".to_owned(),
            created_at: now,
            means: Means::RecoveryCodes(codes.iter().map(RecoveryCode::hash).collect()),
        });
        codes
    }

    /// Takes one away; with the last, the recovery codes go as well.
    pub fn remove(&mut self, id: SecondFactorId) -> Result<FactorKind, Refusal> {
        let found = self.all.iter().find(|factor| factor.id == id);
        let kind = found.ok_or_else(|| Refusal::not_found("second factor of yours"))?.kind();
        if kind == FactorKind::RecoveryCodes {
            let message =
                "Recovery codes go with the last app or passkey. Renew them if somebody may have seen them.";
            return Err(Refusal::new(reasons::RECOVERY_CODES_STAY, message));
        }
        self.take_where(|factor| factor.id == id);
        if !self.are_asked_for() {
            self.take_where(|_| true);
        }
        Ok(kind)
    }

    /// Which kind of factor the code shows; nothing when it is wrong. It works once. To be saved also when it was wrong.
    /// `open` unseals the secret of an app; `known` says that the owner has logged in from there before.
    ///
    /// Codes of an app are refused for a while after too many wrong ones, so that nobody finds one by trying. All else goes
    /// on working: the owner is not locked out.
    pub fn show(
        &mut self,
        code: &TypedCode,
        known: bool,
        now: DateTime<Utc>,
        open: impl Fn(&str) -> Result<TotpSecret, Fault>,
    ) -> Result<Option<FactorKind>> {
        match code {
            TypedCode::Recovery(code) => Ok(self.use_up(code).then_some(FactorKind::RecoveryCodes)),
            TypedCode::OneTime(digits) => {
                self.check_pause(known, now)?;
                let right = self.take_digits(digits, now, open)?;
                Ok(right.then_some(FactorKind::Totp))
            }
        }
    }

    fn use_up(&mut self, code: &RecoveryCode) -> bool {
        let hash = code.hash();
        for factor in &mut self.all {
            if let Means::RecoveryCodes(unused) = &mut factor.means
                && let Some(place) = unused.iter().position(|unused| *unused == hash)
            {
                unused.remove(place);
                self.changed.push(factor.id);
                return true;
            }
        }
        false
    }

    fn check_pause(&self, known: bool, now: DateTime<Utc>) -> Result<(), Refusal> {
        let most = if known { WRONG.1 } else { WRONG.0 };
        let ends = self.all.iter().filter_map(|factor| match &factor.means {
            Means::Totp { wrong: (times, since), .. } if *times >= most => Some(*since + REMEMBERED),
            _ => None,
        });
        let Some(end) = ends.max().filter(|end| now < *end) else { return Ok(()) };
        let seconds = (end - now).num_seconds() + 1;
        let message = format!(
            "There were too many wrong codes. Take a recovery code or a passkey, log in from a device of yours, or try \
             again in {} minutes.",
            seconds.div_euclid(60) + 1
        );
        Err(Refusal::new(reasons::TOO_MANY_WRONG_CODES, message).with("retryAfterSeconds", seconds))
    }

    fn take_digits(
        &mut self,
        digits: &str,
        now: DateTime<Utc>,
        open: impl Fn(&str) -> Result<TotpSecret, Fault>,
    ) -> Result<bool, Error> {
        let mut right = false;
        for factor in &mut self.all {
            let Means::Totp { sealed, last_step, .. } = &mut factor.means else { continue };
            if let Some(step) = open(sealed)?.step_of(digits, now)?
                && step > *last_step
            {
                *last_step = step;
                right = true;
            }
        }
        for factor in &mut self.all {
            let Means::Totp { wrong: (times, since), .. } = &mut factor.means else { continue };
            if right {
                *times = 0;
            } else if *times == 0 || now >= *since + REMEMBERED {
                (*times, *since) = (1, now);
            } else {
                *times += 1;
            }
            self.changed.push(factor.id);
        }
        Ok(right)
    }

    /// Notes what a passkey's device has counted since.
    pub fn update_passkey(&mut self, id: SecondFactorId, now_stored: String) {
        for factor in self.all.iter_mut().filter(|factor| factor.id == id) {
            if let Means::Passkey { stored, .. } = &mut factor.means {
                *stored = now_stored;
                self.changed.push(id);
                return;
            }
        }
    }

    /// Those that are to be saved, and the ids of those that are to go.
    pub fn take_changed(&mut self) -> (Vec<SecondFactor>, Vec<SecondFactorId>) {
        let changed = std::mem::take(&mut self.changed);
        let saved = self.all.iter().filter(|factor| changed.contains(&factor.id)).cloned().collect();
        (saved, std::mem::take(&mut self.removed))
    }

    fn put(&mut self, factor: SecondFactor) {
        self.changed.push(factor.id);
        self.all.push(factor);
    }

    fn take_where(&mut self, which: impl Fn(&SecondFactor) -> bool) {
        self.removed.extend(self.all.iter().filter(|factor| which(factor)).map(|factor| factor.id));
        self.all.retain(|factor| !which(factor));
    }
}

#[cfg(test)]
mod tests;
