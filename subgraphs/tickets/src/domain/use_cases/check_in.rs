use chrono::{DateTime, Utc};
use kernel::{Error, EventId, Refusal, Result, TicketId, TimeZone, UserId, optional_line, together};

use super::Tickets;
use crate::domain::{
    entities::{CheckIn, TicketSnapshot, TicketToken},
    ports::Scan,
};

/// A ticket shown at a door.
#[derive(Clone, Debug)]
pub struct CheckInAsk {
    /// Who scans.
    pub by: UserId,
    /// To which event.
    pub event: EventId,
    /// What the QR code holds; or the ticket's short code, or the order's number, where no scanner works.
    pub code: String,
    /// At which gate.
    pub gate: Option<String>,
    /// The scanner's own mark of this scan: the same scan, sent again, gets the same answer.
    pub nonce: Option<String>,
}

/// How many letters a ticket's short code has.
const CODE: usize = 10;
/// How many an order's number has, after ODY.
const NUMBER: usize = 8;
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
        let length = if code.len() > LONGEST_CODE {
            Err(Refusal::bad_input("code", "must be what the QR code of a ticket holds")
                .because(kernel::reasons::MALFORMED))
        } else {
            Ok(())
        };
        let ((), gate, nonce) =
            together((length, optional_line("gate", gate, 60), optional_line("nonce", nonce, 100)))?;
        Ok(Self { by, event, code, gate, nonce })
    }

    /// As the log of the door has it.
    fn logged(&self, ticket: TicketId, outcome: &CheckIn) -> Scan<'_> {
        Scan {
            ticket,
            event: self.event,
            by: self.by,
            outcome: outcome.name(),
            gate: self.gate.as_deref(),
            nonce: self.nonce.as_deref(),
        }
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
    /// What clocks at the event's place show.
    pub zone: TimeZone,
}

impl CheckInAnswer {
    /// For the person at the door.
    pub fn message(&self) -> String {
        self.outcome.message(self.zone)
    }
}

impl Tickets {
    /// Admits the holder of a ticket, once.
    #[tracing::instrument(skip_all)]
    pub async fn check_in(&self, ask: CheckInAsk) -> Result<CheckInAnswer> {
        let event = self.reads.event_soon(ask.event).await?.ok_or_else(|| Refusal::not_found("event"))?;
        match self.members.require_doorkeeper(event.facts.organization_id, ask.by).await {
            // To strangers a draft is as good as nothing.
            Err(Error::Refused(_)) if !event.is_public() => return Err(Refusal::not_found("event").into()),
            allowed => allowed?,
        }
        let zone = event.facts.timezone;
        let nobody = |outcome| CheckInAnswer { outcome, ticket: None, at: None, gate: None, zone };
        if event.is_called_off() {
            return Ok(nobody(CheckIn::CalledOff));
        }
        let token = match self.keys.verify(&ask.code) {
            Some(token) => token,
            None => match self.ticket_said(&ask).await? {
                Some(token) => token,
                None => return Ok(nobody(CheckIn::Invalid)),
            },
        };
        if token.event != ask.event {
            return Ok(nobody(CheckIn::WrongEvent));
        }
        let mut tx = self.store.begin().await?;
        let Some(mut ticket) = tx.ticket(token.ticket).await? else {
            let Some(passed_on) = tx.replaced_ticket(token.ticket).await? else {
                return Ok(nobody(CheckIn::Invalid));
            };
            tx.log_scan(ask.logged(token.ticket, &CheckIn::PassedOn)).await?;
            tx.commit().await?;
            return Ok(CheckInAnswer { ticket: Some(passed_on), ..nobody(CheckIn::PassedOn) });
        };
        if let Some(nonce) = &ask.nonce
            && let Some(at) = tx.admitted_by(token.ticket, nonce).await?
        {
            let gate = ticket.state().gate.clone();
            let ticket = Some(ticket.state().clone());
            return Ok(CheckInAnswer { outcome: CheckIn::Admitted, ticket, at: Some(at), gate, zone });
        }
        let standing = tx.order_money(ticket.state().order).await?.standing();
        let outcome = ticket.scan(ask.event, token.epoch, ask.gate.as_deref(), standing, tx.now());
        tx.log_scan(ask.logged(token.ticket, &outcome)).await?;
        tx.save_ticket(&mut ticket).await?;
        tx.commit().await?;
        let state = ticket.state();
        Ok(CheckInAnswer {
            at: state.checked_in_at,
            gate: state.gate.clone(),
            ticket: (outcome != CheckIn::WrongEvent).then(|| state.clone()),
            outcome,
            zone,
        })
    }

    /// What somebody says or types where no scanner works: a ticket's code or an order's number, as it stands on
    /// paper or without what stands between its letters.
    async fn ticket_said(&self, ask: &CheckInAsk) -> Result<Option<TicketToken>> {
        let Some(said) = as_printed(&ask.code) else { return Ok(None) };
        let found = self.reads.ticket_said(ask.event, &said, ask.nonce.as_deref()).await?;
        Ok(found.map(|ticket| TicketToken { ticket: ticket.id, event: ticket.event, epoch: ticket.epoch }))
    }
}

/// The code or number as it is printed; none for what is neither.
fn as_printed(said: &str) -> Option<String> {
    let letters = kernel::typed_code(said);
    let plain = |letters: &str| letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // Codes have no O, I and L, which people read where 0 and 1 stand.
    let spoken = |letters: &str| letters.replace('O', "0").replace(['I', 'L'], "1");
    match letters.strip_prefix("ODY").filter(|rest| rest.len() == NUMBER) {
        Some(number) if plain(number) => Some(format!("ODY-{}", spoken(number))),
        None if letters.len() == CODE && plain(&letters) => Some(spoken(&letters)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        assert_eq!(as_printed(" 0ab1c-2d3e4 ").as_deref(), Some("0AB1C2D3E4"));
        assert_eq!(as_printed("Oab1c2d3el").as_deref(), Some("0AB1C2D3E1"));
        assert_eq!(as_printed("ody-12ab cd34").as_deref(), Some("ODY-12ABCD34"));
        assert_eq!(
            as_printed("ody\u{2013}12ab\u{200b}cd34").as_deref(),
            Some("ODY-12ABCD34"),
            "as a phone types it"
        );
        assert_eq!(as_printed("０ａｂ１ｃ２ｄ３ｅ４").as_deref(), Some("0AB1C2D3E4"));
        for text in ["", "hello", "ODY-1", "0AB1C2D3E4F", "0AB1C2D3é4"] {
            assert_eq!(as_printed(text), None, "{text}");
        }
    }
}
