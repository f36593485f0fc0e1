//! Colours, and which can be read on which.

use std::fmt;

/// So much more light has to come from one colour than from another for text of a usual size to be read (WCAG 2, level AA).
const READABLE: f64 = 4.5;
/// In how many steps a colour is mixed with another until it can be read.
const STEPS: u16 = 32;

/// A colour, as screens mix it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// White.
    pub const WHITE: Self = Self::new(255, 255, 255);
    /// Black.
    pub const BLACK: Self = Self::new(0, 0, 0);

    /// Of red, green and blue.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Reads `#1a2b3c`. None of anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let part = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// How much brighter one is than the other, whichever that is: from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(two) / one.min(two)
    }

    /// White or black, whichever is read better on it. One of them always is.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// The same colour, so much darker or lighter that it can be read on another one.
    #[must_use]
    pub fn readable_on(self, background: Self) -> Self {
        let ink = background.ink();
        let mut mixed = (0..=STEPS).map(|step| self.mixed(ink, step));
        mixed.find(|mixed| mixed.contrast(background) >= READABLE).unwrap_or(ink)
    }

    /// So many parts of another one in it.
    fn mixed(self, other: Self, parts: u16) -> Self {
        let mix = |own: u8, other: u8| {
            let mixed = (u16::from(own) * (STEPS - parts) + u16::from(other) * parts) / STEPS;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self(std::array::from_fn(|part| mix(self.0[part], other.0[part])))
    }

    /// How bright it seems: 0 is black, 1 is white.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// As pages have it: `#1a2b3c`.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many() -> impl Iterator<Item = Colour> {
        let parts = || (0..=255_u8).step_by(17);
        parts().flat_map(move |red| {
            parts().flat_map(move |green| parts().map(move |blue| Colour::new(red, green, blue)))
        })
    }

    #[test]
    fn a_colour_is_read_and_written_the_same() {
        for text in ["#1a2b3c", "#000000", "#ffffff"] {
            assert_eq!(Colour::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Colour::parse("#ABCDEF"), Colour::parse("#abcdef"));
        for text in ["1a2b3c", "#1a2b3", "#1a2b3c0", "#1a2b3g", "#äää", "", "#+1+1+1"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrasts_are_those_of_wcag() {
        let between =
            |one: &str, two: &str| Colour::parse(one).unwrap().contrast(Colour::parse(two).unwrap());
        assert!((between("#000000", "#ffffff") - 21.0).abs() < 0.001);
        assert!((between("#777777", "#ffffff") - 4.478).abs() < 0.001);
        assert!((between("#ffffff", "#0000ff") - 8.592).abs() < 0.001);
        assert!((between("#123456", "#123456") - 1.0).abs() < 0.001);
    }

    #[test]
    fn what_is_written_on_a_colour_can_be_read_whatever_the_colour_is() {
        for colour in many() {
            assert!(colour.contrast(colour.ink()) >= READABLE, "{colour}");
        }
    }

    #[test]
    fn any_colour_can_be_read_on_light_and_on_dark_paper_once_it_is_mixed() {
        for paper in [Colour::WHITE, Colour::new(28, 32, 48)] {
            for colour in many() {
                let mixed = colour.readable_on(paper);
                assert!(mixed.contrast(paper) >= READABLE, "{colour} on {paper}");
                if colour.contrast(paper) >= READABLE {
                    assert_eq!(mixed, colour, "what can be read already stays as it is");
                }
            }
        }
    }
}
