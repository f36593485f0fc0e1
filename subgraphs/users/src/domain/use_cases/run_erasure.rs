use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    account_mail::{AccountMail, SendAccountMail},
    erasure::{ForgetBuyer, ForgetReader},
    saga::{Asked, Outcome, SagaReply},
};
use kernel::{Fault, Result, UserId};
use metrics::Counter;
use saga::{Ask, Input, Progress, Running, Saga as _, Stage, Why, clock::MovesOn, go_on, rows::Due};
use uuid::Uuid;

use super::verify_email::mail_to;
use crate::domain::{
    Users,
    entities::Account,
    ports::Tx,
    sagas::erasure::{self, Erasure, ErasureStep},
};

impl Users {
    /// Whoever an erasure has asked has answered.
    #[tracing::instrument(skip_all)]
    pub async fn erasure_answered(&self, message: Uuid, reply: SagaReply) -> Result<()> {
        if reply.kind != Erasure::KIND {
            return Ok(()); // of another saga
        }
        let step = erasure::step(&reply.step);
        let step =
            step.ok_or_else(|| Fault::broken_rule(format!("an erasure has no step {}", reply.step)))?;
        let Some(tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let input = Input::Reply(step, reply.way, reply.outcome);
        move_on(tx, erasure::user_of(reply.saga_id), &input).await
    }

    /// Nobody has answered in time, if that is still so.
    #[tracing::instrument(skip_all)]
    pub async fn erasure_timed_out(&self, user: UserId) -> Result<()> {
        move_on(self.store.begin().await?, user, &Input::TimedOut).await
    }
}

async fn move_on(mut tx: Box<dyn Tx>, user: UserId, input: &Input<ErasureStep>) -> Result<()> {
    let now = tx.database_now().await?;
    let mut counted = Vec::new();
    // The account before its saga, as where it begins. One of which nothing is kept any more was over long ago.
    if let Some(mut account) = tx.closed_account(user).await?
        && let Some(mut erasure) = tx.erasure(user).await?
        && (*input != Input::TimedOut || erasure.deadline.is_some_and(|deadline| deadline <= now))
    {
        let mut stage = ErasureStage::of(&mut *tx, &mut account, now);
        if go_on(&mut erasure, &mut stage, input).await? {
            counted = stage.counted;
            tx.save_account(&mut account).await?;
            tx.save_erasure(&erasure).await?;
        }
    }
    tx.commit().await?;
    for counter in counted {
        counter.increment(1);
    }
    Ok(())
}

#[async_trait]
impl MovesOn for Users {
    async fn timed_out(&self, due: &Due) -> Result<()> {
        match due.kind.as_str() {
            Erasure::KIND => self.erasure_timed_out(UserId::from_uuid(due.about)).await,
            other => Err(Fault::broken_rule(format!("there are no sagas of the kind {other} here")).into()),
        }
    }
}

/// What an erasure acts upon, all of it locked.
pub(super) struct ErasureStage<'s> {
    tx: &'s mut dyn Tx,
    account: &'s mut Account,
    now: DateTime<Utc>,
    /// What is to be counted once all of it lasts.
    pub(super) counted: Vec<Counter>,
}

impl<'s> ErasureStage<'s> {
    pub(super) fn of(tx: &'s mut dyn Tx, account: &'s mut Account, now: DateTime<Utc>) -> Self {
        Self { tx, account, now, counted: Vec::new() }
    }

    /// Whoever is in is out, and the last mail is on its way: it goes to an address, and is about nobody.
    async fn close(&mut self) -> Result<()> {
        let farewell = mail_to(self.account.profile(), AccountMail::AccountDeleted);
        self.tx.send(&SendAccountMail { user_id: None, ..farewell }).await?;
        self.tx.end_sessions(self.account.profile().id, None, self.now).await?;
        self.tx.forget(self.account.profile()).await?;
        self.account.close(self.now);
        Ok(())
    }
}

#[async_trait]
impl Stage<Erasure> for ErasureStage<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn given(&self) {}

    async fn does(&mut self, _: &mut Running<Erasure>, ask: Ask<ErasureStep>) -> Result<Option<Outcome>> {
        match ask {
            Ask::Do(ErasureStep::Close) => self.close().await?,
            Ask::Do(ErasureStep::Erase) => self.account.erase(),
            _ => return Err(Fault::broken_rule(format!("{ask:?} is asked of another service")).into()),
        }
        Ok(Some(Outcome::Done))
    }

    async fn asks(&mut self, asked: Asked, ask: Ask<ErasureStep>) -> Result<()> {
        let account = self.account.as_erased();
        let address = self.account.profile().email.as_str().to_owned();
        let ask = match ask {
            Ask::Do(ErasureStep::ForgetBuyer) => Announcement::of(&ForgetBuyer { asked, account }),
            Ask::Do(ErasureStep::ForgetReader) => Announcement::of(&ForgetReader { asked, account, address }),
            _ => return Err(Fault::broken_rule(format!("{ask:?} is asked of nobody else")).into()),
        };
        Ok(self.tx.ask(ask).await?)
    }

    fn moved(&mut self, _: &Input<ErasureStep>, _: Progress<ErasureStep>) {}

    fn ended(&mut self, _: Option<Why>) {}

    fn counts(&mut self, counter: Counter) {
        self.counted.push(counter);
    }
}
