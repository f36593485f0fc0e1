//! The published language: what services tell each other, and what sagas ask of them.
//!
//! A fact has happened and cannot be refused; its subject is
//! `odysseus.<service>.<aggregate>.<event>.v<version>`. An ask is addressed to one service, which answers
//! it with a [`saga::SagaReply`] (the purchase's with a [`purchase::PurchaseReply`], an account's with an [`erasure::ErasureReply`]); its subject is `odysseus.ask.<service>.<command>.v<version>`.
//! Facts carry the whole state that others may keep (name and times of an event, say), with a
//! version that rises with each change, so that a reader can tell a late message from a new one.
//!
//! A published shape only grows: new fields have defaults; anything else is a new version.

pub mod account_mail;
pub mod erasure;
pub mod events;
pub mod invoices;
pub mod payments;
pub mod purchase;
pub mod saga;
pub mod settings;
pub mod tickets;
pub mod users;

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// A message between services.
pub trait Contract: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Where it is published.
    const SUBJECT: &'static str;

    /// The aggregate it is about.
    fn about(&self) -> Uuid;

    /// The aggregate's version after what happened, where readers need the order; 0 otherwise.
    fn version(&self) -> i64 {
        0
    }
}

/// A fact or an ask on its way to the outbox: what aggregates gather until they are saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// Where it is to be published.
    pub subject: &'static str,
    /// The aggregate it is about.
    pub about: Uuid,
    /// The aggregate's version after what happened.
    pub version: i64,
    /// The contract, as JSON.
    pub payload: serde_json::Value,
}

impl Announcement {
    /// Tells `contract` to whom it may concern, once its aggregate is saved.
    pub fn of<C: Contract>(contract: &C) -> Self {
        Self {
            subject: C::SUBJECT,
            about: contract.about(),
            version: contract.version(),
            payload: serde_json::to_value(contract).expect("contracts are plain data, which JSON can hold"),
        }
    }
}

macro_rules! contract {
    ($type:ty, $subject:literal, $about:ident $(, $version:ident)?) => {
        impl $crate::Contract for $type {
            const SUBJECT: &'static str = $subject;
            fn about(&self) -> uuid::Uuid {
                self.$about.uuid()
            }
            $(fn version(&self) -> i64 {
                self.$version
            })?
        }
    };
}
use contract;
