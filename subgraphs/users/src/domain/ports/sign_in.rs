//! What signing in by more than a password needs of the world.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use kernel::{EmailAddress, Fault, ForeignAccountId, Refusal, Result, SecondFactorId, UserId};

use crate::domain::entities::{
    Profile, Secret, SecretHash,
    sign_in::{Ceremony, ForeignAccount, SecondFactor, SecondFactors},
};

/// What a transaction knows of second factors, of ceremonies, and of accounts elsewhere. Second factors and accounts
/// elsewhere are changed by whoever has locked the account; a ceremony is locked before its account.
#[async_trait]
pub trait SignInTx: Send {
    /// All second factors of an account.
    async fn second_factors(&mut self, account: UserId) -> Result<SecondFactors, Fault>;

    /// Saves what has changed of them; false when a new passkey is known already.
    async fn save_second_factors(&mut self, factors: &mut SecondFactors) -> Result<bool, Fault>;

    /// Whose passkey this is, and which of their second factors.
    async fn passkey(&mut self, credential: &str) -> Result<Option<(UserId, SecondFactorId)>, Fault>;

    /// The ceremony whose holder has this secret.
    async fn ceremony(&mut self, token: &SecretHash) -> Result<Option<Ceremony>, Fault>;

    /// Saves a new or changed ceremony.
    async fn save_ceremony(&mut self, ceremony: &Ceremony) -> Result<(), Fault>;

    /// The account elsewhere that this provider calls so.
    async fn foreign_account(&mut self, issuer: &str, subject: &str)
    -> Result<Option<ForeignAccount>, Fault>;

    /// Adds one; false when it opens an account here already.
    async fn add_foreign_account(&mut self, foreign: &ForeignAccount) -> Result<bool, Fault>;

    /// Takes one of this account away; false when there is none.
    async fn remove_foreign_account(&mut self, account: UserId, id: ForeignAccountId) -> Result<bool, Fault>;
}

/// The same, outside transactions.
#[async_trait]
pub trait SignInReads: Send + Sync {
    /// The second factors of each of these people, the oldest first.
    async fn second_factors(&self, of: &[UserId]) -> Result<HashMap<UserId, Vec<SecondFactor>>, Fault>;

    /// The accounts elsewhere of each of these people, the oldest first.
    async fn foreign_accounts(&self, of: &[UserId]) -> Result<HashMap<UserId, Vec<ForeignAccount>>, Fault>;

    /// The ceremony whose holder has this secret, to look at.
    async fn ceremony(&self, token: &SecretHash) -> Result<Option<Ceremony>, Fault>;
}

/// Keeps secrets that have to be read again: whoever has the database alone cannot read them.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Opens it, before a transaction begins: its keys may lie elsewhere.
    async fn open(&self) -> Result<Arc<dyn Seals>, Fault>;
}

/// Seals and unseals secrets.
pub trait Seals: Send + Sync {
    /// What is kept of an account's secret.
    fn seal(&self, of: UserId, secret: &[u8]) -> Result<String, Fault>;

    /// The secret again. It is none of another account.
    fn unseal(&self, of: UserId, sealed: &str) -> Result<Vec<u8>, Fault>;
}

/// What is asked of a device that keeps passkeys.
#[derive(Clone, Debug)]
pub struct PasskeyAsk {
    /// For the browser, as JSON.
    pub options: String,
    /// For us.
    pub state: String,
}

/// A passkey that a device has made.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// How its device calls it.
    pub credential: String,
    /// What its signatures are checked with.
    pub stored: String,
}

/// Checks what devices with passkeys answer. A device shows that it has recognised its owner.
pub trait Passkeys: Send + Sync {
    /// Asks a device to make a passkey, unless it has one of these already.
    fn ask_to_make(&self, of: &Profile, known: &[String]) -> Result<PasskeyAsk>;

    /// The passkey that the device has made.
    fn made(&self, answer: &str, state: &str) -> Result<NewPasskey>;

    /// Asks a device for any passkey that it has for us.
    fn ask_to_show(&self) -> Result<PasskeyAsk>;

    /// Which passkey is shown.
    fn shown(&self, answer: &str) -> Result<String, Refusal>;

    /// Refuses a signature that is wrong. What is to be stored from now on, if that has changed.
    fn check(&self, answer: &str, state: &str, stored: &str) -> Result<Option<String>>;
}

/// Who vouches for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// How clients name it.
    pub key: String,
    /// How people know it.
    pub label: String,
    /// How it calls itself.
    pub issuer: String,
}

/// What is asked of a provider.
#[derive(Clone, Debug)]
pub struct ForeignAsk {
    /// Where the browser goes.
    pub address: String,
    /// For us.
    pub state: String,
}

/// Whom a provider vouches for.
#[derive(Clone, Debug)]
pub struct ForeignPerson {
    /// How the provider calls itself.
    pub issuer: String,
    /// How it calls the person.
    pub subject: String,
    /// The person's address, where it is told.
    pub email: Option<EmailAddress>,
    /// True when the provider has seen that mail to the address arrives.
    pub email_verified: bool,
    /// How the person wants to be called.
    pub name: Option<String>,
    /// The person's language.
    pub locale: Option<String>,
}

/// The providers that the settings name. They are asked over the network, and therefore outside transactions.
#[async_trait]
pub trait ForeignProviders: Send + Sync {
    /// All of them.
    fn all(&self) -> &[Provider];

    /// Where the browser goes, to come back with this `state` and a code.
    async fn ask(&self, provider: &Provider, state: &Secret) -> Result<ForeignAsk>;

    /// Whom the provider vouches for by this code, which came back from there.
    async fn person(&self, provider: &Provider, code: &str, state: &str) -> Result<ForeignPerson>;
}
