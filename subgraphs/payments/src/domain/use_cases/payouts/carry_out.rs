//! What was decided is asked of the provider, and noted. No transaction is open while it is asked.

use chrono::{DateTime, Utc};
use kernel::Fault;

use super::{super::settle::pause, Payouts, count};
use crate::domain::{
    entities::{
        ProviderAmount,
        payout::{Payout, PayoutDuty, PayoutKind, PayoutState},
    },
    ports::{Moved, NewPayout, ProviderPayout},
};

/// After so many questions in vain a person should look.
const WORRYING: u32 = 5;

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done, or on its way.
    Done,
    /// It is not known.
    Open,
    /// The provider does not do it.
    Refused,
}

/// What the provider answered.
enum Answer {
    Payout(ProviderPayout),
    Moved(String),
    Refused(String),
    /// It knows of nothing by this name.
    Unknown,
}

impl Payouts {
    pub(super) async fn carry_out_or_log(&self, payout: Payout, now: DateTime<Utc>) {
        let id = payout.id;
        if let Err(fault) = self.carry_out(payout, now).await {
            tracing::error!(payout = %id, error = fault.chain(), "a payout could not be noted and will be tried again");
        }
    }

    /// Asks the provider for a payout that stands so at `now`, and notes what it answers.
    pub(super) async fn carry_out(&self, payout: Payout, now: DateTime<Utc>) -> Result<Outcome, Fault> {
        let Some(duty) = payout.duty(now) else { return Ok(Outcome::Done) };
        let answer = self.ask(&payout, duty).await;
        let Some((mut tx, mut payout)) = self.store.begin_on(payout.id).await? else {
            return Ok(Outcome::Open);
        };
        let now = tx.now();
        let before = payout.clone();
        match answer {
            Ok(Answer::Payout(told)) => payout.told(&told, now),
            Ok(Answer::Moved(name)) => payout.moved(&name, now),
            Ok(Answer::Refused(why)) => payout.refused(&why, now),
            Ok(Answer::Unknown) => payout.never_heard_of(now),
            Err(fault) => {
                let looks = payout.looks;
                if looks >= WORRYING || !fault.passing {
                    tracing::error!(payout = %payout.id, organization = %payout.organization, looks, error = fault.chain(),
                        "the payment provider cannot be asked about a payout; it goes on being asked");
                } else {
                    tracing::warn!(payout = %payout.id, looks, error = fault.chain(), "the payment provider did not answer");
                }
            }
        }
        if payout == before && payout.due_at.is_some() {
            payout.put_off(now, pause(payout.looks));
        }
        let outcome = match payout.state {
            PayoutState::Asked => Outcome::Open,
            PayoutState::Sent | PayoutState::Paid => Outcome::Done,
            PayoutState::Failed | PayoutState::Refused => Outcome::Refused,
        };
        tx.save(&mut payout).await?;
        tx.commit().await?;
        count(&payout, before.state);
        Ok(outcome)
    }

    async fn ask(&self, payout: &Payout, duty: PayoutDuty) -> Result<Answer, Fault> {
        let ask = NewPayout {
            key: payout.key(),
            account: payout.account.clone(),
            amount: ProviderAmount::of(payout.amount).map_err(Fault::broken_rule)?,
            payout: payout.id,
            organization: payout.organization,
        };
        match duty {
            PayoutDuty::CarryOut => match &payout.kind {
                PayoutKind::PayOut => {
                    self.told_of(payout, self.gateway.pay_out(&ask).await?, Answer::Payout).await
                }
                PayoutKind::TopUp => {
                    self.told_of(payout, self.gateway.top_up(&ask).await?, Answer::Moved).await
                }
                PayoutKind::TakeBack { transfer } => {
                    self.told_of(payout, self.gateway.take_back(transfer, &ask).await?, Answer::Moved).await
                }
            },
            PayoutDuty::Find if payout.kind == PayoutKind::PayOut => {
                let since = payout.created_at - chrono::Duration::minutes(10);
                let all = self.gateway.payouts_since(&payout.account, since).await?;
                let found = all.into_iter().find(|told| told.payout == Some(payout.id));
                Ok(found.map_or(Answer::Unknown, Answer::Payout))
            }
            PayoutDuty::Find => {
                let found = self.gateway.moved_as(&ask, payout.kind.transfer()).await?;
                Ok(found.map_or(Answer::Unknown, Answer::Moved))
            }
            PayoutDuty::Look => {
                let name = payout.provider_id.as_deref().unwrap_or_default();
                let seen = self.gateway.payout(&payout.account, name).await?;
                let unknown = || Fault::broken_rule("the provider does not know a payout that it made");
                Ok(Answer::Payout(seen.ok_or_else(unknown)?))
            }
        }
    }

    /// What an answer says. An account that is refused has perhaps been restricted, which is looked at.
    async fn told_of<T>(
        &self,
        payout: &Payout,
        answer: Moved<T>,
        is: impl FnOnce(T) -> Answer + Send,
    ) -> Result<Answer, Fault>
    where
        T: Send,
    {
        match answer {
            Moved::Answer(told) => Ok(is(told)),
            Moved::TooLittle { message } => {
                tracing::info!(payout = %payout.id, organization = %payout.organization, message,
                    "there is not enough yet for a payout; it is tried later");
                Ok(Answer::Refused(message))
            }
            Moved::Refused { message } => {
                tracing::error!(payout = %payout.id, organization = %payout.organization, kind = payout.kind.name(), message,
                    "the payment provider refuses a payout; it stays owed, and is tried later");
                let looked_at = self.store.now().await?;
                if let Some(seen) = self.gateway.account(&payout.account).await? {
                    self.store.keep_account(payout.organization, &seen, looked_at).await?;
                }
                Ok(Answer::Refused(message))
            }
        }
    }
}
