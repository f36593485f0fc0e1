use std::{collections::HashMap, net::IpAddr};

use chrono::{DateTime, Utc};
use kernel::{
    EmailAddress, Fault, ForeignAccountId, Refusal, Result, SessionId, TimeZone, UserId, optional_line,
};
use serde::{Deserialize, Serialize};

use super::{super::LoggedIn, Arrival, Proof};
use crate::domain::{
    Users,
    entities::{
        Account, Locale, Password, Profile, Secret,
        sign_in::{Ceremony, ForeignAccount, Purpose, may_be_linked, over},
    },
    ports::{ForeignPerson, Provider, Tx},
    reasons,
};

/// Where a browser goes to sign in elsewhere.
#[derive(Clone, Debug)]
pub struct ForeignSignInBegun {
    /// What the page keeps, and the next request names. It is in no address.
    pub challenge: Secret,
    /// Where the browser goes.
    pub address: String,
    /// Until when it can come back.
    pub expires_at: DateTime<Utc>,
}

/// With what the browser came back.
#[derive(Clone, Debug, Default)]
pub struct FinishForeignSignIn {
    /// The challenge of the first request, which the page has kept.
    pub challenge: String,
    /// What stands as `state` in the address that the browser came back by.
    pub state: String,
    /// What stands as `code` there.
    pub code: String,
}

/// What we remember meanwhile.
#[derive(Serialize, Deserialize)]
struct Meanwhile {
    provider: String,
    /// What is kept of what the browser brings back.
    state: String,
    /// For the provider's adapter.
    of_provider: String,
}

impl Users {
    /// The providers by whose accounts people sign in.
    pub fn providers(&self) -> &[Provider] {
        self.foreign.all()
    }

    /// The accounts elsewhere of each of these people.
    pub async fn foreign_accounts(
        &self,
        of: &[UserId],
    ) -> Result<HashMap<UserId, Vec<ForeignAccount>>, Fault> {
        self.reads.foreign_accounts(of).await
    }

    /// Sends a browser to a provider.
    pub async fn begin_foreign_sign_in(
        &self,
        provider: &str,
        client: Option<IpAddr>,
    ) -> Result<ForeignSignInBegun> {
        let provider = self.provider(provider)?;
        if let Some(client) = client {
            self.limits.tries_to_log_in(client)?;
        }
        let state = Secret::random();
        let ask = self.foreign.ask(provider, &state).await?;
        let meanwhile = Meanwhile {
            provider: provider.key.clone(),
            state: state.hash().as_str().to_owned(),
            of_provider: ask.state,
        };
        let meanwhile = serde_json::json!(meanwhile).to_string();
        let (ceremony, challenge) = Ceremony::begin(Purpose::Foreign, None, meanwhile, self.clock.now());
        self.keep(&ceremony).await?;
        Ok(ForeignSignInBegun { challenge, address: ask.address, expires_at: ceremony.expires_at })
    }

    /// Logs in whom the provider vouches for; a stranger gets an account.
    ///
    /// Whoever has an account here with the same address gets into it only when both sides have seen that the address is
    /// theirs. Else they log in here first, and link the account elsewhere then.
    #[tracing::instrument(skip_all)]
    pub async fn finish_foreign_sign_in(
        &self,
        ask: FinishForeignSignIn,
        arrival: Arrival,
    ) -> Result<LoggedIn> {
        let person = self.vouched_for(&ask).await?;
        let mut tx = self.store.begin().await?;
        if let Some(known) = tx.foreign_account(&person.issuer, &person.subject).await? {
            let account = tx.account(known.account).await?;
            let account =
                account.ok_or_else(|| Fault::broken_rule("an account elsewhere opens none here"))?;
            return self.let_in(tx, &account, arrival).await;
        }
        let email = person.email.clone().ok_or_else(no_address)?;
        if let Some(account) = tx.account_by_email(&email).await? {
            if !may_be_linked(person.email_verified, account.profile().email_verified) {
                return Err(log_in_first().into());
            }
            self.link(&mut *tx, &account, &person).await?;
            return self.let_in(tx, &account, arrival).await;
        }
        drop(tx);
        self.open_for(person, email, arrival).await
    }

    /// Lets the account elsewhere open the caller's from now on.
    pub async fn link_foreign_account(
        &self,
        user: UserId,
        session: SessionId,
        ask: &FinishForeignSignIn,
        proof: &Proof,
    ) -> Result<ForeignAccount> {
        self.require_account(user).await?;
        self.confirm(user, session, proof, true).await?;
        let person = self.vouched_for(ask).await?;
        let mut tx = self.store.begin().await?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        if let Some(known) = tx.foreign_account(&person.issuer, &person.subject).await? {
            return if known.account == user { Ok(known) } else { Err(taken().into()) };
        }
        let linked = self.link(&mut *tx, &account, &person).await?;
        tx.commit().await?;
        Ok(linked)
    }

    /// The account elsewhere opens the caller's no longer.
    pub async fn unlink_foreign_account(
        &self,
        user: UserId,
        session: SessionId,
        id: ForeignAccountId,
        proof: &Proof,
    ) -> Result<()> {
        self.confirm(user, session, proof, false).await?;
        let mut tx = self.store.begin().await?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        if !tx.remove_foreign_account(user, id).await? {
            return Err(Refusal::not_found("foreign account of yours").into());
        }
        self.tell_of(&mut *tx, account.profile(), "FOREIGN_ACCOUNT_UNLINKED").await?;
        tx.commit().await?;
        Ok(())
    }

    fn provider(&self, key: &str) -> Result<&Provider, Refusal> {
        let found = self.foreign.all().iter().find(|provider| provider.key == key);
        found.ok_or_else(|| {
            let message = "is none of the providers that signInProviders lists";
            Refusal::bad_input("provider", message).because(kernel::reasons::UNKNOWN)
        })
    }

    /// Whom the provider vouches for. The ceremony is over before the provider is asked: a code is exchanged once.
    async fn vouched_for(&self, ask: &FinishForeignSignIn) -> Result<ForeignPerson> {
        let over = || over(Purpose::Foreign);
        let (token, state) = Secret::read(&ask.challenge).zip(Secret::read(&ask.state)).ok_or_else(over)?;
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut ceremony = tx.ceremony(&token.hash()).await?.ok_or_else(over)?;
        ceremony.require(Purpose::Foreign, None, now)?;
        let meanwhile: Meanwhile = serde_json::from_str(&ceremony.state)
            .map_err(|cause| Fault::new("reading what is remembered of a sign-in elsewhere", cause))?;
        if meanwhile.state != state.hash().as_str() {
            // Somebody else's way back: another page has sent this browser here.
            return Err(over().into());
        }
        ceremony.end(now);
        tx.save_ceremony(&ceremony).await?;
        tx.commit().await?;
        let provider = self.provider(&meanwhile.provider).map_err(|_| over())?;
        self.foreign.person(provider, &ask.code, &meanwhile.of_provider).await
    }

    async fn link(
        &self,
        tx: &mut dyn Tx,
        account: &Account,
        person: &ForeignPerson,
    ) -> Result<ForeignAccount> {
        let foreign = ForeignAccount {
            id: ForeignAccountId::new(),
            account: account.profile().id,
            issuer: person.issuer.clone(),
            subject: person.subject.clone(),
            linked_at: self.clock.now(),
        };
        if !tx.add_foreign_account(&foreign).await? {
            return Err(taken().into());
        }
        self.tell_of(tx, account.profile(), "FOREIGN_ACCOUNT_LINKED").await?;
        Ok(foreign)
    }

    /// Opens an account for a stranger whom a provider vouches for. It has a password that nobody knows, until its owner
    /// chooses one by a mail.
    async fn open_for(
        &self,
        person: ForeignPerson,
        email: EmailAddress,
        arrival: Arrival,
    ) -> Result<LoggedIn> {
        if let Some(client) = arrival.client {
            self.limits.registers(client)?;
        }
        let nobodys = Password::given("password", Secret::random().reveal())?;
        let hash = self.passwords.hash(&nobodys).await?;
        let named = optional_line("name", person.name.as_deref(), 100).unwrap_or_default();
        let address = email.as_str().split('@').next().unwrap_or_default().to_owned();
        let spoken = person.locale.as_deref().and_then(|locale| Locale::parse("locale", locale).ok());
        let profile = Profile {
            id: UserId::new(),
            email: email.clone(),
            name: Some(named.unwrap_or(address)),
            phone: None,
            locale: spoken.map_or_else(|| Locale::parse("locale", "en"), Ok)?,
            timezone: TimeZone::UTC,
            guest: false,
            email_verified: person.email_verified,
            operator_since: None,
            created_at: self.clock.now(),
        };
        let mut account = Account::open(profile, hash);
        let mut tx = self.store.begin().await?;
        if !tx.add_account(&mut account).await? {
            return Err(log_in_first().into());
        }
        let foreign = ForeignAccount {
            id: ForeignAccountId::new(),
            account: account.profile().id,
            issuer: person.issuer,
            subject: person.subject,
            linked_at: self.clock.now(),
        };
        if !tx.add_foreign_account(&foreign).await? {
            return Err(taken().into());
        }
        if !account.profile().email_verified {
            self.ask_to_verify(&mut *tx, account.profile()).await?;
        }
        self.admit(tx, &account, arrival).await
    }
}

fn no_address() -> Refusal {
    let message =
        "The provider does not tell your e-mail address. Allow it there, or register here with an address.";
    Refusal::new(reasons::FOREIGN_ADDRESS_MISSING, message)
}

fn log_in_first() -> Refusal {
    let message = "There is an account with your e-mail address here. Log in to it by its password first, and link the other account then.";
    Refusal::new(reasons::LOG_IN_TO_LINK, message)
}

fn taken() -> Refusal {
    let message = "This account elsewhere opens another account here. Log in by it to see which.";
    Refusal::new(reasons::FOREIGN_ACCOUNT_TAKEN, message)
}
