use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::{EventId, Refusal};
use uuid::Uuid;

/// A seat of an event, as clients name it: the event and the seat's number, in 27 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeatId {
    /// Of which event.
    pub event: EventId,
    /// Counted through the house.
    pub number: u32,
}

impl SeatId {
    /// Reads what a client sent in `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::bad_input(field, "is not the id of a seat; take it from the seat map")
                .because(kernel::reasons::MALFORMED)
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let bytes: [u8; 20] = bytes.try_into().map_err(|_| wrong())?;
        let (event, number) = bytes.split_at(16);
        Ok(Self {
            event: EventId::from_uuid(Uuid::from_slice(event).map_err(|_| wrong())?),
            number: u32::from_be_bytes(number.try_into().map_err(|_| wrong())?),
        })
    }
}

impl fmt::Display for SeatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 20];
        bytes[..16].copy_from_slice(self.event.uuid().as_bytes());
        bytes[16..].copy_from_slice(&self.number.to_be_bytes());
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_id_comes_back_as_it_was_given_out() {
        let id = SeatId { event: EventId::new(), number: 19_999 };
        assert_eq!(SeatId::parse("seatId", &id.to_string()).unwrap(), id);
        assert_eq!(id.to_string().len(), 27);
    }

    #[test]
    fn a_malformed_seat_id_is_refused_naming_its_field() {
        for text in ["", "A-12", "!!!", &"A".repeat(10_000)] {
            assert_eq!(SeatId::parse("seatId", text).unwrap_err().details["field"], "seatId");
        }
    }
}
