use chrono::{DateTime, Utc};
use kernel::TicketId;

use super::{TicketKeys, TicketSnapshot, signed_address};

/// Begins each text that is signed for an address, and nothing else that these keys sign: what a QR code's signature is
/// over has no words, and is shorter than any of these texts.
const PURPOSE: &str = "odysseus: address of a ticket's file";
/// In which form a ticket is had as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// The ticket, to be printed.
    Pdf,
    /// Its QR code, as a picture.
    Png,
}

impl FileForm {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::Pdf, Self::Png];

    /// As files of this form end.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
        }
    }

    /// The form of files that end so.
    pub fn parse(ending: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == ending)
    }
}

/// Where a ticket's file is found for a day. It opens that file and nothing else: nobody is admitted with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAddress {
    /// Of which ticket.
    pub ticket: TicketId,
    /// Which of its files.
    pub form: FileForm,
    /// When it ends, in seconds since 1970.
    pub until: i64,
    /// Shows that it was given out by us, for the ticket as it was then.
    pub signature: String,
}

impl FileAddress {
    /// The address of a ticket's file, from `now` on.
    pub fn give_out(ticket: &TicketSnapshot, form: FileForm, keys: &TicketKeys, now: DateTime<Utc>) -> Self {
        let until = signed_address::end(now);
        let signature = signed_address::signature(&signed_text(ticket, form, until), keys);
        Self { ticket: ticket.id, form, until, signature }
    }

    /// True when its time is over.
    pub fn has_ended(&self, now: DateTime<Utc>) -> bool {
        signed_address::has_ended(self.until, now)
    }

    /// True when it was given out for this ticket, with the code that the ticket has now.
    pub fn is_of(&self, ticket: &TicketSnapshot, keys: &TicketKeys) -> bool {
        let text = signed_text(ticket, self.form, self.until);
        self.ticket == ticket.id && signed_address::is_ours(&self.signature, &text, keys)
    }
}

fn signed_text(ticket: &TicketSnapshot, form: FileForm, until: i64) -> String {
    format!("{PURPOSE}\n{}\n{}\n{}\n{until}", ticket.id, ticket.epoch, form.as_str())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use chrono::TimeDelta;
    use kernel::{Currency, EventId, Money, OrderId, TicketTypeId};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::entities::{Attendee, Place, TicketStatus, TicketToken};

    fn keys(seed: u8) -> TicketKeys {
        TicketKeys::from_secrets(&[seed; 32], &[])
    }

    fn ticket() -> TicketSnapshot {
        TicketSnapshot {
            id: TicketId::new(),
            order: OrderId::new(),
            event: EventId::new(),
            ticket_type: TicketTypeId::new(),
            place: Place::Standing,
            section: "FLOOR".to_owned(),
            position: 0,
            unit: None,
            price: Money::new(1000, Currency::EUR),
            code: "0AB1C2D3E4".to_owned(),
            epoch: 1,
            holder: Attendee { name: "Ada".to_owned(), email: "ada@example.org".to_owned() },
            status: TicketStatus::Valid,
            refund: None,
            checked_in_at: None,
            gate: None,
            owner: None,
            waits_for: None,
            transfers: 0,
            renames: 0,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 999_000_000).unwrap()
    }

    fn given_out(ticket: &TicketSnapshot) -> FileAddress {
        FileAddress::give_out(ticket, FileForm::Pdf, &keys(7), now())
    }

    #[test]
    fn an_address_is_good_for_a_day() {
        let ticket = ticket();
        let address = given_out(&ticket);
        assert!(address.is_of(&ticket, &keys(7)));
        let in_a_day = now() + TimeDelta::hours(24);
        assert!(!address.has_ended(now()) && !address.has_ended(in_a_day - TimeDelta::seconds(1)));
        assert!(address.has_ended(in_a_day) && address.has_ended(DateTime::<Utc>::MAX_UTC));
    }

    #[test]
    fn an_address_that_was_changed_is_not_ours() {
        let (ticket, other) = (ticket(), ticket());
        let address = given_out(&ticket);
        let of_the_other = FileAddress { ticket: other.id, ..address.clone() };
        assert!(!of_the_other.is_of(&other, &keys(7)), "another ticket");
        assert!(!of_the_other.is_of(&ticket, &keys(7)) && !address.is_of(&other, &keys(7)));
        for changed in [
            FileAddress { form: FileForm::Png, ..address.clone() },
            FileAddress { until: address.until + 1, ..address.clone() },
            FileAddress { until: i64::MAX, ..address.clone() },
            FileAddress { signature: String::new(), ..address.clone() },
            FileAddress { signature: format!("{}A", address.signature), ..address.clone() },
            FileAddress { signature: address.signature[..84].to_owned(), ..address.clone() },
        ] {
            assert!(!changed.is_of(&ticket, &keys(7)), "{changed:?}");
        }
    }

    #[test]
    fn an_address_ends_with_the_code_that_the_ticket_had() {
        let ticket = ticket();
        let address = given_out(&ticket);
        let passed_on = TicketSnapshot { epoch: 2, ..ticket };
        assert!(!address.is_of(&passed_on, &keys(7)));
        assert!(given_out(&passed_on).is_of(&passed_on, &keys(7)));
    }

    #[test]
    fn addresses_of_all_keys_that_are_known_are_ours_and_of_no_other() {
        let ticket = ticket();
        let address = given_out(&ticket);
        let changed = TicketKeys::from_secrets(&[8; 32], &[[7; 32]]);
        assert!(address.is_of(&ticket, &changed));
        let anew = FileAddress::give_out(&ticket, FileForm::Pdf, &changed, now());
        assert!(anew.is_of(&ticket, &keys(8)) && !anew.is_of(&ticket, &keys(7)));
    }

    #[test]
    fn nobody_is_admitted_by_an_address_and_no_file_is_opened_by_a_signature_that_admits() {
        let (ticket, keys) = (ticket(), keys(7));
        let address = given_out(&ticket);
        let code = keys.sign(TicketToken { ticket: ticket.id, event: ticket.event, epoch: ticket.epoch });
        let code = BASE64_URL_SAFE_NO_PAD.decode(code.strip_prefix("ODY1.").unwrap()).unwrap();
        let (says, admits) = code.split_at(36);
        let opens = BASE64_URL_SAFE_NO_PAD.decode(&address.signature).unwrap();
        let forged = BASE64_URL_SAFE_NO_PAD.encode([says, &opens].concat());
        assert_eq!(keys.verify(&format!("ODY1.{forged}")), None);
        let forged = FileAddress { signature: BASE64_URL_SAFE_NO_PAD.encode(admits), ..address };
        assert!(!forged.is_of(&ticket, &keys));
        let shortest = signed_text(&TicketSnapshot { epoch: 0, ..ticket }, FileForm::Pdf, 0);
        assert!(
            shortest.len() > says.len(),
            "what is signed for the one is never what is signed for the other"
        );
    }

    proptest! {
        #[test]
        fn a_signature_with_one_byte_changed_is_not_ours(place in 0_usize..64, flip in 1_u8..) {
            let ticket = ticket();
            let address = given_out(&ticket);
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(&address.signature).unwrap();
            bytes[place] ^= flip;
            let changed = FileAddress { signature: BASE64_URL_SAFE_NO_PAD.encode(bytes), ..address };
            prop_assert!(!changed.is_of(&ticket, &keys(7)));
        }

        #[test]
        fn no_text_breaks_the_reader_of_signatures(signature in ".{0,300}") {
            let ticket = ticket();
            let made_up = FileAddress { signature, ..given_out(&ticket) };
            prop_assert!(!made_up.is_of(&ticket, &keys(7)));
        }
    }
}
