//! Refuses JSON that is nested too deeply before anybody reads it.
//!
//! Hive-router's reader of JSON calls itself for each level without an end, so that brackets alone would use up a
//! thread's stack, and with it end the whole process.

/// Levels of lists and objects; the deepest input of the API, a venue's layout, has ten.
const MOST_LEVELS: usize = 64;

/// Follows JSON from its first byte on.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    levels: usize,
    in_text: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether all this JSON may be read.
    pub(crate) fn of(json: &[u8]) -> bool {
        Self::default().takes(json.iter().copied())
    }

    /// Whether what follows may be read as well.
    pub(crate) fn takes(&mut self, json: impl IntoIterator<Item = u8>) -> bool {
        for byte in json {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                b'[' | b'{' if !self.in_text => self.levels += 1,
                b']' | b'}' if !self.in_text => self.levels = self.levels.saturating_sub(1),
                _ => {}
            }
            if self.levels > MOST_LEVELS {
                return false;
            }
        }
        true
    }
}

/// Whether the values of an address's query may be read.
pub(crate) fn query_may_be_read(query: &str) -> bool {
    query.split('&').all(|pair| Nesting::of(&decoded(pair.as_bytes())))
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escape = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        let escaped = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

/// Follows the frames of a WebSocket as its client sends them, in whatever pieces they come.
#[derive(Debug, Default)]
pub(crate) struct ClientFrames {
    head: Vec<u8>,
    /// How much of the frame is still to come, once its head is known.
    left: u64,
    mask: [u8; 4],
    at: usize,
    is_text: bool,
    message: Nesting,
}

impl ClientFrames {
    /// Whether what was received may be read.
    pub(crate) fn takes(&mut self, mut received: &[u8]) -> bool {
        while let Some((&first, rest)) = received.split_first() {
            if self.left == 0 {
                self.head.push(first);
                received = rest;
                self.begin_when_known();
                continue;
            }
            let here = received.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            let (payload, after) = received.split_at(here);
            if self.is_text {
                let (mask, at) = (self.mask, self.at);
                let plain = payload.iter().enumerate().map(|(n, byte)| byte ^ mask[(at + n) % 4]);
                if !self.message.takes(plain) {
                    return false;
                }
            }
            self.at = (self.at + here) % 4;
            self.left -= here as u64;
            received = after;
        }
        true
    }

    fn begin_when_known(&mut self) {
        const MASKED: u8 = 0x80;
        let [kind, length, rest @ ..] = &self.head[..] else { return };
        let size = match length & !MASKED {
            0x7e => 2,
            0x7f => 8,
            _ => 0,
        };
        let masks = if length & MASKED == 0 { 0 } else { 4 };
        if rest.len() < size + masks {
            return;
        }
        self.left = match size {
            0 => u64::from(length & !MASKED),
            _ => rest[..size].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        self.mask = rest[size..size + masks].try_into().unwrap_or_default();
        self.at = 0;
        let kind = kind & 0x0f;
        // Pings and the like (8 and above) come in between the frames of a message.
        self.is_text = kind < 8;
        if matches!(kind, 1 | 2) {
            self.message = Nesting::default();
        }
        self.head.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_may_have_so_many_levels_and_no_more() {
        let nested = |levels: usize| format!("{}{}", "[{\"a\":".repeat(levels / 2), "}]".repeat(levels / 2));
        assert!(Nesting::of(nested(MOST_LEVELS).as_bytes()));
        assert!(!Nesting::of(nested(MOST_LEVELS + 2).as_bytes()));
        assert!(Nesting::of("[],{},".repeat(1000).as_bytes()));
    }

    #[test]
    fn brackets_in_text_are_no_levels() {
        let text = "[".repeat(1000);
        assert!(Nesting::of(format!(r#"{{"a\"{text}": "\\", "b": "{text}"}}"#).as_bytes()));
        assert!(!Nesting::of(format!(r#"{{"a": "\\", "b": {text}"}}"#).as_bytes()));
    }

    #[test]
    fn brackets_in_an_address_count_however_they_are_written() {
        assert!(query_may_be_read("query=%7Ba%7D&variables=%7B%22a%22%3A%5B%5D%7D&x=%"));
        assert!(!query_may_be_read(&format!("query={{a}}&variables={}", "%5b".repeat(1000))));
        assert!(!query_may_be_read(&format!("variables={}", "[".repeat(1000))));
    }

    #[test]
    fn frames_are_followed_in_whatever_pieces_they_come() {
        let deep = "[".repeat(MOST_LEVELS + 1);
        let (half, rest) = deep.split_at(40);
        let many = format!("\"{}\"", "x".repeat(70_000));
        let refused = [frame(0x81, &many), frame(0x01, half), frame(0x89, "[["), frame(0x80, rest)].concat();
        let taken = [frame(0x81, half), frame(0x81, half), frame(0x82, half), frame(0x8a, &deep)].concat();
        for size in [1, 2, 7, 1000, refused.len()] {
            let mut frames = ClientFrames::default();
            assert!(!refused.chunks(size).all(|piece| frames.takes(piece)), "{size}");
            let mut frames = ClientFrames::default();
            assert!(taken.chunks(size).all(|piece| frames.takes(piece)), "{size}");
        }
    }

    /// A frame as clients send it, masked.
    fn frame(kind: u8, text: &str) -> Vec<u8> {
        let mask = [7, 99, 0, 200];
        let mut out = vec![kind];
        match u16::try_from(text.len()) {
            Ok(length) if length < 126 => out.push(0x80 | u8::try_from(length).unwrap()),
            Ok(length) => {
                out.push(0x80 | 0x7e);
                out.extend(length.to_be_bytes());
            }
            Err(_) => {
                out.push(0x80 | 0x7f);
                out.extend((text.len() as u64).to_be_bytes());
            }
        }
        out.extend(mask);
        out.extend(text.bytes().enumerate().map(|(n, byte)| byte ^ mask[n % 4]));
        out
    }
}
