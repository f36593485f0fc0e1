//! Tickets for Google Wallet: a link that brings one there, signed by the issuer's service account. Google is asked nothing.

use std::{fmt, sync::Arc};

use chrono::{DateTime, SecondsFormat, Utc};
use contracts::purchase::{EventOnTicket, TicketInHand};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Fault, TimeZone};
use serde_json::{Value, json};

use crate::config::WalletIssuer;

/// The most characters of a text: the whole ticket is in the link, and links must not be long.
const LONGEST_TEXT: usize = 60;
/// Where a signed ticket is taken in.
const SAVES: &str = "https://pay.google.com/gp/v/save/";

/// An issuer of tickets at Google Wallet.
#[derive(Clone)]
pub struct GoogleWallet(Arc<Issuer>);

struct Issuer {
    is: WalletIssuer,
    key: EncodingKey,
}

impl fmt::Debug for GoogleWallet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GoogleWallet").field("issuer", &self.0.is.issuer_id).finish_non_exhaustive()
    }
}

impl GoogleWallet {
    /// The issuer of these settings.
    ///
    /// # Errors
    /// When its key cannot be read.
    pub fn of(issuer: &WalletIssuer) -> Result<Self, Fault> {
        let doing = || format!("reading the key for Google Wallet from {}", issuer.private_key.display());
        let pem = std::fs::read(&issuer.private_key).map_err(|cause| Fault::new(doing(), cause))?;
        let key = EncodingKey::from_rsa_pem(&pem).map_err(|cause| Fault::new(doing(), cause))?;
        Ok(Self(Arc::new(Issuer { is: issuer.clone(), key })))
    }

    /// The link that puts a ticket into the wallet of whoever opens it. It holds the ticket's code, and stays good as long as that
    /// does.
    pub async fn link(
        &self,
        event: EventOnTicket,
        ticket: TicketInHand,
        now: DateTime<Utc>,
    ) -> Result<String, Fault> {
        let issuer = self.0.clone();
        let doing = "signing a ticket for Google Wallet";
        // An RSA signature takes its time.
        let signed = tokio::task::spawn_blocking(move || {
            let claims = claims(&issuer.is, &event, &ticket, now);
            jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &issuer.key)
        });
        let signed = signed.await.map_err(|cause| Fault::new(doing, cause))?;
        Ok(format!("{SAVES}{}", signed.map_err(|cause| Fault::new(doing, cause))?))
    }
}

/// What is signed: a class for the event, and an object for the ticket.
fn claims(issuer: &WalletIssuer, event: &EventOnTicket, ticket: &TicketInHand, now: DateTime<Utc>) -> Value {
    let class = format!("{}.{}", issuer.issuer_id, event.event_id.uuid().simple());
    let at = |instant| in_zone(instant, event.timezone);
    let mut times = json!({ "start": at(event.starts_at), "end": at(event.ends_at) });
    if let Some(doors) = event.doors_at {
        times["doorsOpen"] = at(doors).into();
    }
    let mut place = json!({});
    for (name, said) in [("section", &ticket.section), ("row", &ticket.row), ("seat", &ticket.seat)] {
        if let Some(said) = said {
            place[name] = text(said);
        }
    }
    let mut object = json!({
        "id": format!("{}.{}", issuer.issuer_id, ticket.ticket_id.uuid().simple()),
        "classId": class,
        "state": "ACTIVE",
        "ticketNumber": ticket.code,
        "barcode": { "type": "QR_CODE", "value": ticket.qr_payload },
    });
    if !ticket.holder_name.is_empty() {
        object["ticketHolderName"] = ticket.holder_name.as_str().into();
    }
    if place.as_object().is_some_and(|place| !place.is_empty()) {
        object["seatInfo"] = place;
    }
    let address = event.venue_address.replace('\n', ", ");
    json!({
        "iss": issuer.service_account,
        "aud": "google",
        "typ": "savetowallet",
        "iat": now.timestamp(),
        "payload": {
            "eventTicketClasses": [{
                "id": class,
                "issuerName": issuer.issuer_name,
                "reviewStatus": "UNDER_REVIEW",
                "eventName": text(&event.title),
                "venue": { "name": text(&event.venue_name), "address": text(&address) },
                "dateTime": times,
            }],
            "eventTicketObjects": [object],
        },
    })
}

/// A text of which nobody knows in which language it is; not more of it than a wallet shows.
fn text(said: &str) -> Value {
    let shown: String = said.chars().take(LONGEST_TEXT).collect();
    json!({ "defaultValue": { "language": "und", "value": shown } })
}

fn in_zone(instant: DateTime<Utc>, zone: TimeZone) -> String {
    instant.with_timezone(&zone.tz()).to_rfc3339_opts(SecondsFormat::Secs, false)
}
