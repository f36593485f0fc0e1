//! Whether something can be paid out.

use std::time::Duration;

use kernel::{Currency, Fault, Result};

use super::{Payouts, carry_out::Outcome};
use crate::domain::{
    entities::{
        books::Balance,
        payout::{Holding, Payout, PayoutAccount, PayoutKind, Plan},
    },
    ports::{Counted, ProviderTransfer},
};

/// How many accounts and payouts are taken at once.
const AT_ONCE: u64 = 16;
/// How long whoever took them has for them. Who takes longer is not alone with them any more, which keys and locks make
/// harmless.
const CLAIM: Duration = Duration::from_mins(1);
/// How long nothing is looked for at most.
const REST: Duration = Duration::from_secs(2);
/// In how many steps an account is levelled and paid out at most, in a currency, before it is another one's turn.
const MOST_STEPS: usize = 12;
/// How long is waited after the first refusal, and how soon an account is looked at again of which not all was done.
const REFUSED: Duration = Duration::from_mins(10);
const SOON: Duration = Duration::from_secs(2);

/// What came of looking at an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looked {
    /// Nothing is left to be done for now.
    AllIsDone,
    /// There is more.
    More,
    /// The provider refused something.
    Refused,
}

impl Payouts {
    /// Asks the provider what is due about payouts, and pays out what has become payable. How long until there is more.
    pub async fn settle_due(&self) -> Result<Duration> {
        if self.gateway.rests() {
            return Ok(REST); // it all stays due
        }
        let due = self.store.claim_payouts(AT_ONCE, CLAIM).await?;
        for payout in due.items {
            self.carry_out_or_log(payout, due.now).await;
        }
        let accounts = self.store.claim_accounts(AT_ONCE, CLAIM).await?;
        for account in accounts.items {
            if let Err(fault) = self.look_at(&account).await {
                tracing::error!(organization = %account.organization, error = fault.chain(),
                    "it cannot be told what is to be paid out; it is tried again");
            }
        }
        let next = [due.next, accounts.next].into_iter().flatten().min();
        Ok(next.unwrap_or(REST).min(REST))
    }

    async fn look_at(&self, account: &PayoutAccount) -> Result<(), Fault> {
        let mut looked = Looked::AllIsDone;
        for balance in self.owed(account).await? {
            if balance.payable.minor <= 0 {
                continue;
            }
            match self.pay_out_of(account, balance.payable.currency).await? {
                Looked::Refused => looked = Looked::Refused,
                Looked::More if looked == Looked::AllIsDone => looked = Looked::More,
                Looked::More | Looked::AllIsDone => {}
            }
        }
        let (at_most, refused) = match looked {
            Looked::AllIsDone => (self.terms.look, None),
            Looked::More => (SOON.min(self.terms.look), None),
            Looked::Refused => (self.terms.look, Some(REFUSED.min(self.terms.look))),
        };
        self.store.looked(account, at_most, refused).await
    }

    /// Levels an account and pays out of it in one currency, step by step.
    async fn pay_out_of(&self, account: &PayoutAccount, currency: Currency) -> Result<Looked, Fault> {
        let (mut may_be_levelled, mut looked) = (true, Looked::AllIsDone);
        for _ in 0..MOST_STEPS {
            let Some(payout) = self.decided(account, currency, &mut may_be_levelled).await? else {
                return Ok(looked);
            };
            let levels = payout.kind != PayoutKind::PayOut;
            match self.carry_out(payout, self.store.now().await?).await? {
                Outcome::Done => {}
                Outcome::Open => return Ok(Looked::More),
                Outcome::Refused => {
                    looked = Looked::Refused;
                    if !levels {
                        return Ok(looked);
                    }
                    may_be_levelled = false;
                }
            }
        }
        Ok(Looked::More)
    }

    /// Decides on the next step, and writes it down with what it changes in the books.
    async fn decided(
        &self,
        account: &PayoutAccount,
        currency: Currency,
        may_be_levelled: &mut bool,
    ) -> Result<Option<Payout>, Fault> {
        let mut transfer = None::<ProviderTransfer>;
        loop {
            let before = self.balance(account, currency).await?;
            let counted = self.store.begin_counting(account, currency).await?;
            let Some(Counted { mut tx, held, is_more }) = counted else { return Ok(None) };
            if is_more {
                tx.commit().await?;
                continue;
            }
            let Some(balance) = self.balance(account, currency).await? else { return Ok(None) };
            // What was booked while it was counted may be counted on one side alone: then the account is not levelled now.
            let levels = *may_be_levelled && before == Some(balance);
            let (kind, amount) = match Plan::of(&balance, Holding { minor: held, may_be_levelled: levels }) {
                Plan::Rest => {
                    tx.commit().await?;
                    return Ok(None);
                }
                Plan::PayOut(amount) => (PayoutKind::PayOut, amount),
                Plan::TopUp(amount) => (PayoutKind::TopUp, amount),
                Plan::TakeBack(amount) => {
                    let Some(of) = transfer.take() else {
                        // The provider is not asked while a transaction is open.
                        tx.commit().await?;
                        transfer = self.transfer_with(account, amount.minor, currency).await?;
                        *may_be_levelled = transfer.is_some();
                        continue;
                    };
                    let amount = kernel::Money::new(amount.minor.min(of.left.minor), currency);
                    (PayoutKind::TakeBack { transfer: of.id }, amount)
                }
            };
            let mut payout = Payout::begin(account, kind, amount, tx.now());
            // Whoever decides asks; the worker does when this process dies.
            payout.due_at = Some(tx.now() + CLAIM);
            tx.save(&mut payout).await?;
            tx.commit().await?;
            return Ok(Some(payout));
        }
    }

    async fn balance(&self, account: &PayoutAccount, currency: Currency) -> Result<Option<Balance>, Fault> {
        let owed = self.owed(account).await?;
        Ok(owed.into_iter().find(|balance| balance.payable.currency == currency))
    }

    /// What the organization of an account is owed, by currency.
    async fn owed(&self, account: &PayoutAccount) -> Result<Vec<Balance>, Fault> {
        let mut owed = self.ledger.balances(&[account.organization]).await?;
        Ok(owed.remove(&account.organization).unwrap_or_default())
    }

    /// A transfer of which as much as possible can be taken back, up to what is wanted.
    async fn transfer_with(
        &self,
        account: &PayoutAccount,
        minor: i64,
        currency: Currency,
    ) -> Result<Option<ProviderTransfer>, Fault> {
        let all = self.gateway.transfers(&account.id).await?;
        let best = all
            .into_iter()
            .filter(|transfer| transfer.left.currency == currency && transfer.left.minor > 0)
            .max_by_key(|transfer| transfer.left.minor.min(minor));
        if best.is_none() {
            tracing::warn!(organization = %account.organization, account = account.id, minor,
                "an account holds more than its organization is owed, and no transfer is left to be reversed");
        }
        Ok(best)
    }
}
