use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use kernel::{Fault, Refusal, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    config::Config,
    domain::{entities::Password, ports::Passwords},
};

/// How long a login waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// argon2id, on threads of its own, so many at once.
pub struct Argon2Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// Those who have a turn, and those who wait for one.
    queue: Arc<Semaphore>,
    nobodys: String,
}

impl Argon2Passwords {
    /// With the parameters of the settings; an error when argon2 does not take them.
    pub fn new(config: &Config) -> Result<Self, argon2::Error> {
        let params =
            Params::new(config.password_memory_kib, config.password_iterations, config.password_lanes, None)?;
        // The hash of no password: checking against it takes as long as against a real one.
        let nobodys = format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            BASE64_STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>()),
            BASE64_STANDARD_NO_PAD.encode(rand::random::<[u8; 32]>()),
        );
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            turns: Arc::new(Semaphore::new(config.password_hashes_at_once.max(1))),
            queue: Arc::new(Semaphore::new(
                config.password_hashes_at_once.max(1) + config.password_hashes_waiting,
            )),
            nobodys,
        })
    }

    /// The turn goes with the work, which goes on when whoever asked has left. Whoever would wait too long is told at
    /// once.
    async fn turn(&self) -> Result<Turn> {
        let Ok(place) = self.queue.clone().try_acquire_owned() else { return Err(too_many().into()) };
        match tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok((turn, place)),
            Ok(Err(cause)) => Err(Fault::new("waiting to hash a password", cause).into()),
            Err(_) => Err(too_many().into()),
        }
    }
}

/// One who hashes, and a place in the queue.
type Turn = (OwnedSemaphorePermit, OwnedSemaphorePermit);

fn too_many() -> Refusal {
    let message = "Too many people are logging in just now. Try again in a moment.";
    Refusal::new(kernel::reasons::TOO_MANY_REQUESTS, message).with("retryAfterSeconds", 1)
}

#[async_trait]
impl Passwords for Argon2Passwords {
    async fn hash(&self, password: &Password) -> Result<String> {
        let turn = self.turn().await?;
        let (argon2, password) = (self.argon2.clone(), password.clone());
        let hashed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            argon2.hash_password(password.as_bytes()).map(|hash: PasswordHash| hash.to_string())
        });
        let hashed = hashed.await.map_err(|cause| Fault::new("hashing a password", cause))?;
        Ok(hashed.map_err(|cause| Fault::new("hashing a password", cause))?)
    }

    async fn matches(&self, password: &Password, hash: Option<String>) -> Result<bool> {
        let turn = self.turn().await?;
        let (argon2, password) = (self.argon2.clone(), password.clone());
        let somebodys = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let hash = PasswordHash::new(&hash)?;
            match argon2.verify_password(password.as_bytes(), &hash) {
                Ok(()) => Ok(true),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        });
        let checked = checked.await.map_err(|cause| Fault::new("checking a password", cause))?;
        let matches = checked.map_err(|cause| Fault::new("checking a password", cause))?;
        Ok(matches && somebodys)
    }
}

#[cfg(test)]
mod tests {
    use kernel::ErrorCode;

    use super::*;

    fn passwords(config: &Config) -> Argon2Passwords {
        Argon2Passwords::new(config).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::choose("password", text, &[]).unwrap()
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = passwords(&Config::quick());
        let hash = passwords.hash(&password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash(&password("correct horse")).await.unwrap(), "salted");
        assert!(passwords.matches(&password("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches(&password("wrong horse"), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobodys_password_never_matches_and_costs_a_whole_check() {
        let passwords = passwords(&Config::default());
        let hash = passwords.hash(&password("correct horse")).await.unwrap();
        let quickest = async |hash: Option<String>| {
            let mut quickest = Duration::MAX;
            for _ in 0..3 {
                let start = std::time::Instant::now();
                assert!(!passwords.matches(&password("wrong horse"), hash.clone()).await.unwrap());
                quickest = quickest.min(start.elapsed());
            }
            quickest
        };
        let (somebody, nobody) = (quickest(Some(hash)).await, quickest(None).await);
        assert!(nobody > somebody / 3 && somebody > nobody / 3, "{somebody:?} and {nobody:?}");
    }

    #[tokio::test]
    async fn no_more_are_hashed_at_once_than_set() {
        let config = Config { password_hashes_at_once: 1, password_hashes_waiting: 1, ..Config::quick() };
        let passwords = passwords(&config);
        let turn = passwords.turn().await.unwrap();
        let wanted = password("correct horse");
        let mut second = Box::pin(passwords.hash(&wanted));
        assert!(futures::poll!(&mut second).is_pending());
        let third = passwords.hash(&wanted).await.unwrap_err();
        assert_eq!(third.refusal().unwrap().code, ErrorCode::RateLimited, "nobody waits behind a full queue");
        drop(turn);
        second.await.unwrap();
    }

    #[test]
    fn a_hash_that_is_none_is_a_fault_and_parameters_are_checked() {
        let config = Config { password_iterations: 0, ..Config::default() };
        assert!(Argon2Passwords::new(&config).is_err());
    }
}
