use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Currency, Fault, OrganizationId, Page, PageAsk, Refusal, Result, Viewer, reasons};

use super::Books;
use crate::domain::entities::books::{Balance, LedgerAsk, Posted};

/// Of how long a statement is at most.
const LONGEST_STATEMENT: TimeDelta = TimeDelta::days(366);
/// How many lines a statement has at most.
const MOST_LINES: u32 = 20_000;

impl Books {
    /// What organizations are owed, by currency, for those who manage them and for operators; nobody else is in the answer.
    pub async fn balances(
        &self,
        asked: &[(Viewer, OrganizationId)],
    ) -> Result<HashMap<(Viewer, OrganizationId), Vec<Balance>>, Fault> {
        let seen = self.seen(asked).await?;
        let organizations: Vec<_> = organizations(&seen);
        let balances = self.ledger.balances(&organizations).await?;
        let of = |organization| balances.get(&organization).cloned().unwrap_or_default();
        Ok(seen.into_iter().map(|key| (key, of(key.1))).collect())
    }

    /// A page of the books of organizations, the latest first, for those who manage them and for operators; nobody else is in
    /// the answer.
    pub async fn pages(
        &self,
        asked: &[(Viewer, OrganizationId)],
        ask: LedgerAsk,
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<(Viewer, OrganizationId), Page<Posted>>> {
        let seen = self.seen(asked).await?;
        let organizations: Vec<_> = organizations(&seen);
        let pages = self.ledger.pages(&organizations, ask, page, counted).await?;
        let of = |organization| pages.get(&organization).cloned();
        Ok(seen.into_iter().filter_map(|key| Some((key, of(key.1)?))).collect())
    }

    /// What was booked for an organization in a time, the oldest first; for those who manage it and for operators. Refused
    /// when that is too much for one answer.
    pub async fn statement(
        &self,
        viewer: Viewer,
        organization: OrganizationId,
        currency: Option<Currency>,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Posted>> {
        let ask = LedgerAsk { currency, from: Some(from), until: Some(until) }.checked()?;
        let too_much = |message: String| {
            Refusal::bad_input("until", message + "; take a shorter time").because(reasons::OUT_OF_RANGE)
        };
        if until - from > LONGEST_STATEMENT {
            return Err(too_much("must be at most 366 days after from".to_owned()).into());
        }
        if !viewer.is_operator() {
            let user = viewer.user().ok_or_else(Refusal::unauthenticated)?;
            self.members.require_manager(organization, user).await?;
        }
        let lines = self.ledger.lines(organization, ask, MOST_LINES + 1).await?;
        if lines.len() > MOST_LINES as usize {
            return Err(
                too_much(format!("must be so early that at most {MOST_LINES} lines were booked")).into()
            );
        }
        Ok(lines)
    }

    /// Those who may see what they ask for.
    async fn seen(
        &self,
        asked: &[(Viewer, OrganizationId)],
    ) -> Result<HashSet<(Viewer, OrganizationId)>, Fault> {
        let people = asked.iter().filter(|(viewer, _)| !viewer.is_operator());
        let pairs = people.filter_map(|(viewer, organization)| Some((*organization, viewer.user()?)));
        let managing = self.members.managing(&pairs.collect::<Vec<_>>()).await?;
        let sees = |(viewer, organization): &&(Viewer, OrganizationId)| {
            viewer.is_operator()
                || viewer.user().is_some_and(|user| managing.contains(&(*organization, user)))
        };
        Ok(asked.iter().filter(sees).copied().collect())
    }
}

/// Each once.
fn organizations(seen: &HashSet<(Viewer, OrganizationId)>) -> Vec<OrganizationId> {
    let each: HashSet<_> = seen.iter().map(|(_, organization)| *organization).collect();
    each.into_iter().collect()
}
