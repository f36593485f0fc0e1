use chrono::{DateTime, Utc};
use kernel::{EventId, Refusal, Result, UserId, optional_line};

use super::Tickets;
use crate::domain::{
    entities::{CheckIn, TicketSnapshot},
    ports::Scan,
};

/// A ticket shown at a door.
#[derive(Clone, Debug)]
pub struct CheckInAsk {
    /// Who scans.
    pub by: UserId,
    /// To which event.
    pub event: EventId,
    /// What the QR code holds.
    pub code: String,
    /// At which gate.
    pub gate: Option<String>,
    /// The scanner's own mark of this scan: the same scan, sent again, gets the same answer.
    pub nonce: Option<String>,
}

/// The longest text that is looked at; a ticket's code is shorter.
const LONGEST_CODE: usize = 2_000;

impl CheckInAsk {
    /// Reads what a scanner sent.
    pub fn parse(
        by: UserId,
        event: EventId,
        code: String,
        gate: Option<&str>,
        nonce: Option<&str>,
    ) -> Result<Self, Refusal> {
        if code.len() > LONGEST_CODE {
            return Err(Refusal::bad_input("code", "must be what the QR code of a ticket holds"));
        }
        let (gate, nonce) = (optional_line("gate", gate, 60)?, optional_line("nonce", nonce, 100)?);
        Ok(Self { by, event, code, gate, nonce })
    }
}

/// What the door is told.
#[derive(Clone, Debug)]
pub struct CheckInAnswer {
    /// Let them in or not, and why.
    pub outcome: CheckIn,
    /// The ticket, where it is one of this event.
    pub ticket: Option<TicketSnapshot>,
    /// When they went in.
    pub at: Option<DateTime<Utc>>,
    /// Through which gate.
    pub gate: Option<String>,
}

impl Tickets {
    /// Admits the holder of a ticket, once.
    #[tracing::instrument(skip_all)]
    pub async fn check_in(&self, ask: CheckInAsk) -> Result<CheckInAnswer> {
        let event = self.reads.event_soon(ask.event).await?.ok_or_else(|| Refusal::not_found("event"))?;
        self.members.require_doorkeeper(event.facts.organization_id, ask.by).await?;
        let nobody = |outcome| CheckInAnswer { outcome, ticket: None, at: None, gate: None };
        let Some(token) = self.keys.verify(&ask.code) else { return Ok(nobody(CheckIn::Invalid)) };
        if token.event != ask.event {
            return Ok(nobody(CheckIn::WrongEvent));
        }
        let mut tx = self.store.begin().await?;
        let Some(mut ticket) = tx.ticket(token.ticket).await? else { return Ok(nobody(CheckIn::Invalid)) };
        if let Some(nonce) = &ask.nonce
            && let Some(at) = tx.admitted_by(token.ticket, nonce).await?
        {
            let gate = ticket.state().gate.clone();
            let ticket = Some(ticket.state().clone());
            return Ok(CheckInAnswer { outcome: CheckIn::Admitted, ticket, at: Some(at), gate });
        }
        let outcome = ticket.scan(ask.event, token.epoch, ask.gate.as_deref(), tx.now());
        tx.log_scan(Scan {
            ticket: token.ticket,
            event: ask.event,
            by: ask.by,
            outcome: outcome.name(),
            gate: ask.gate.as_deref(),
            nonce: ask.nonce.as_deref(),
        })
        .await?;
        tx.save_ticket(&mut ticket).await?;
        tx.commit().await?;
        let state = ticket.state();
        Ok(CheckInAnswer {
            at: state.checked_in_at,
            gate: state.gate.clone(),
            ticket: (outcome != CheckIn::WrongEvent).then(|| state.clone()),
            outcome,
        })
    }
}
